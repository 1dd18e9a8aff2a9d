package dev.ringwatch.uring.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.loop.LoopOptions;
import dev.ringwatch.uring.loop.RingLoop;
import dev.ringwatch.uring.sys.DescriptorsLostException.Reason;
import dev.ringwatch.uring.sys.ScmRights.Received;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live: descriptors lost on their way through a ring. */
@Timeout(60)
class RightsMessageTest {
    private static final MemorySegment BYTE = MemorySegment.ofArray(new byte[1]);

    private final List<OwnedFd> pair = new ArrayList<>();

    @BeforeEach
    void connect() throws IOException {
        pair.addAll(Sockets.pair(Sockets.SOCK_STREAM));
    }

    @AfterEach
    void disconnect() throws IOException {
        OwnedFd.closeAll(pair);
    }

    private CompletableFuture<Received> receive(RingLoop loop, Arena arena, int room) {
        RightsMessage message = RightsMessage.receiving(arena, arena.allocate(8), room);
        long at = message.segment().address();
        int socket = pair.getLast().number();
        return loop.submit(
                        "recvmsg",
                        entry -> entry.receiveMessage(socket, at, RightsMessage.RECEIVE_FLAGS))
                .thenCompose(bytes -> parsed(message, bytes));
    }

    private static CompletableFuture<Received> parsed(RightsMessage message, int bytes) {
        try {
            return CompletableFuture.completedFuture(message.received(bytes));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static DescriptorsLostException lost(CompletableFuture<Received> receive) {
        ExecutionException e = assertThrows(ExecutionException.class, receive::get);
        return assertInstanceOf(DescriptorsLostException.class, e.getCause());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 24, 48})
    void aRingLosesDescriptorsForWhichThereIsNoRoom(int room) throws Exception {
        int fd = pair.getFirst().number();
        try (RingLoop loop = RingLoop.start(LoopOptions.defaults());
                Arena arena = Arena.ofShared()) {
            ScmRights.send(fd, BYTE, fd, fd, fd, fd, fd, fd, fd, fd, fd, fd);
            DescriptorsLostException lost = lost(receive(loop, arena, room));
            assertEquals(Reason.NO_ROOM, lost.reason());
            assertEquals(1, lost.bytes());
        }
    }

    /** The loop's thread gets a table of its own, so that filling it disturbs nobody. */
    @Test
    void aRingLosesDescriptorsWhenTheTableIsFull() throws Exception {
        int fd = pair.getFirst().number();
        try (RingLoop loop = RingLoop.start(LoopOptions.defaults());
                Arena arena = Arena.ofShared()) {
            ScmRights.send(fd, BYTE, fd, fd, fd, fd);
            ScmRights.send(fd, BYTE, fd, fd, fd, fd);
            lost(receive(loop, arena, 24)); // loads the classes: a full table can load none
            CompletableFuture<Integer> closed = new CompletableFuture<>();
            List<OwnedFd> fill = new ArrayList<>();
            loop.execute(() -> fillTable(fd, fill));
            DescriptorsLostException lost = lost(receive(loop, arena, ScmRights.FULL_ROOM));
            assertEquals(Reason.DESCRIPTOR_LIMIT, lost.reason());
            loop.execute(() -> emptyTable(fill, closed));
            assertTrue(closed.get() > 0);
        }
    }

    private static void fillTable(int fd, List<OwnedFd> fill) {
        try {
            Tasks.unshare(Tasks.CLONE_FILES);
            while (true) {
                fill.add(Fds.dup(fd));
            }
        } catch (ErrnoException full) {
            assertEquals(Errno.EMFILE, full.errno());
        }
    }

    private static void emptyTable(List<OwnedFd> fill, CompletableFuture<Integer> closed) {
        try {
            OwnedFd.closeAll(fill);
            closed.complete(fill.size());
        } catch (ErrnoException e) {
            closed.completeExceptionally(e);
        }
    }
}

package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: what docs/kernel-findings.md says of rings, as this kernel does it. */
class KernelFindingsTest {
    private static final int SIZE = 100;

    /** Either the kernel sends all of it, or it is the finding: nothing else may happen. */
    @ParameterizedTest
    @EnumSource
    void aDatagramThatWaitsForItsReceiverIsSentWholeOrEmpty(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd receiver = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0);
                OwnedFd sender = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0);
                Arena arena = Arena.ofShared()) {
            UnixAddress address =
                    new UnixAddress.Abstract("finding-" + ProcessHandle.current().pid() + shape);
            Sockets.bind(receiver.number(), address);
            Sockets.connect(sender.number(), address);
            MemorySegment data = arena.allocate(SIZE);
            int queued = fill(sender, data);
            ring.next(1).send(sender.number(), data.address(), SIZE, 0);
            ring.submit();
            assertEquals(1, ring.inFlight(), "it waits for room");
            for (int i = 0; i < queued; i++) {
                assertEquals(SIZE, receive(receiver, arena));
            }
            Completion sent = Completed.one(ring);
            assertTrue(sent.result() == SIZE || sent.result() == 0, sent.toString());
            assertEquals(sent.result(), receive(receiver, arena));
        }
    }

    private static int fill(OwnedFd sender, MemorySegment data) {
        int[] queued = {0};
        ErrnoException full =
                assertThrows(
                        ErrnoException.class,
                        () -> {
                            while (true) {
                                Sockets.send(sender.number(), data, Sockets.MSG_DONTWAIT);
                                queued[0]++;
                            }
                        });
        assertEquals(Errno.EAGAIN, full.errno());
        return queued[0];
    }

    private static int receive(OwnedFd receiver, Arena arena) throws ErrnoException {
        return Sockets.receive(receiver.number(), arena.allocate(2 * SIZE), Sockets.MSG_DONTWAIT);
    }
}

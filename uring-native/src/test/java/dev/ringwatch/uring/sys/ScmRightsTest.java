package dev.ringwatch.uring.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.DescriptorsLostException.Reason;
import dev.ringwatch.uring.sys.ScmRights.Received;
import dev.ringwatch.uring.sys.SocketLayouts.Cmsghdr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live: what the kernel does with descriptors in messages, and that nothing of it leaks. */
class ScmRightsTest {
    private static final MemorySegment BYTE = MemorySegment.ofArray(new byte[] {42});

    private OwnedFd left;
    private OwnedFd right;

    @BeforeEach
    void connect() throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        left = pair.get(0);
        right = pair.get(1);
    }

    @AfterEach
    void disconnect() throws IOException {
        left.close();
        right.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 252, 253})
    void descriptorsArriveInOrderForTheSameFile(int count) throws IOException {
        try (OwnedFd memory = Fds.memFd("passed", 0)) {
            int[] descriptors = new int[count];
            Arrays.fill(descriptors, memory.number());

            assertEquals(1, ScmRights.send(left.number(), BYTE, descriptors));
            try (Received received = ScmRights.receive(right.number(), room(8))) {
                assertEquals(1, received.bytes());
                assertEquals(count, received.descriptors().size());
                for (OwnedFd fd : received.descriptors()) {
                    assertEquals(target(memory.number()), target(fd.number()));
                }
            }
        }
    }

    @Test
    void orderIsKept() throws IOException {
        try (OwnedFd first = Fds.memFd("first", 0);
                OwnedFd second = Fds.memFd("second", 0)) {
            ScmRights.send(left.number(), BYTE, first.number(), second.number());
            try (Received received = ScmRights.receive(right.number(), room(8))) {
                assertTrue(target(received.descriptors().get(0).number()).contains("first"));
                assertTrue(target(received.descriptors().get(1).number()).contains("second"));
            }
        }
    }

    @Test
    void receivedDescriptorsAreClosedOnExec() throws IOException {
        ScmRights.send(left.number(), BYTE, left.number());
        try (Received received = ScmRights.receive(right.number(), room(1))) {
            int number = received.descriptors().getFirst().number();
            assertTrue(closedOnExec(number), () -> "fd " + number);
        }
    }

    @Test
    void twoHundredFiftyFourAreRefusedBeforeTheKernelIsAsked() {
        int[] descriptors = new int[254];
        IllegalArgumentException refused =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> ScmRights.send(left.number(), BYTE, descriptors));
        assertTrue(refused.toString().contains("253"), refused.toString());
    }

    @Test
    void descriptorsWithoutDataAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ScmRights.send(left.number(), MemorySegment.NULL, left.number()));
    }

    @Test
    void aDescriptorThatIsNotOpenIsNamed() {
        ErrnoException refused =
                assertThrows(
                        ErrnoException.class, () -> ScmRights.send(left.number(), BYTE, 1_000_000));
        assertEquals(Errno.EBADF, refused.errno());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aSmallControlBufferLosesDescriptorsAndClosesWhatCame(int roomFor) throws IOException {
        try (OwnedFd memory = Fds.memFd("cut", 0)) {
            int fd = memory.number();
            ScmRights.send(left.number(), BYTE, fd, fd, fd);
            int before = openDescriptors();
            int room = roomFor == 0 ? 0 : (int) Cmsghdr.length(4L * roomFor);

            DescriptorsLostException lost =
                    assertThrows(
                            DescriptorsLostException.class,
                            () -> ScmRights.receive(right.number(), room(1), 0, room));

            assertEquals(Reason.NO_ROOM, lost.reason());
            assertEquals(1, lost.bytes());
            assertEquals(before, openDescriptors());
        }
    }

    @Test
    void theEndOfAStreamHasNoDescriptorsEvenWhereCredentialsAreAskedFor() throws IOException {
        Sockets.setOption(right.number(), Sockets.SOL_SOCKET, Sockets.SO_PASSCRED, 1);
        left.close();
        try (Received received = ScmRights.receive(right.number(), room(8))) {
            assertEquals(0, received.bytes());
            assertEquals(List.of(), received.descriptors());
        }
    }

    @Test
    void credentialsBeforeTheDescriptorsAreWalkedOver() throws IOException {
        Sockets.setOption(right.number(), Sockets.SOL_SOCKET, Sockets.SO_PASSCRED, 1);
        int[] descriptors = new int[253];
        Arrays.fill(descriptors, left.number());
        ScmRights.send(left.number(), BYTE, descriptors);
        try (Received received = ScmRights.receive(right.number(), room(8))) {
            assertEquals(253, received.descriptors().size());
        }
    }

    @Test
    void aSeqpacketCarriesDescriptorsToo() throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_SEQPACKET);
        try (OwnedFd from = pair.get(0);
                OwnedFd to = pair.get(1)) {
            ScmRights.send(from.number(), BYTE, from.number());
            try (Received received = ScmRights.receive(to.number(), room(1))) {
                assertEquals(1, received.descriptors().size());
            }
        }
    }

    @Test
    void anEmptyQueueIsEagainWithDontwait() {
        ErrnoException empty =
                assertThrows(
                        ErrnoException.class,
                        () -> ScmRights.receive(right.number(), room(1), Sockets.MSG_DONTWAIT));
        assertEquals(Errno.EAGAIN, empty.errno());
        assertEquals("recvmsg", empty.call());
    }

    /**
     * In a thread with a descriptor table of its own, so that filling it disturbs nobody. The first
     * loss loads the classes that the second needs: a full table can load none.
     */
    @Test
    void aFullDescriptorTableIsToldFromASmallBuffer() throws Exception {
        int fd = left.number();
        ScmRights.send(fd, BYTE, fd, fd, fd, fd, fd, fd, fd, fd);
        ScmRights.send(fd, BYTE, fd, fd, fd, fd, fd, fd, fd, fd);
        FutureTask<DescriptorsLostException> task =
                new FutureTask<>(
                        () -> {
                            Tasks.unshare(Tasks.CLONE_FILES);
                            assertThrows(
                                    DescriptorsLostException.class,
                                    () -> ScmRights.receive(right.number(), room(1), 0, 24));
                            fillTableBut(3);
                            DescriptorsLostException lost =
                                    assertThrows(
                                            DescriptorsLostException.class,
                                            () -> ScmRights.receive(right.number(), room(1)));
                            assertEquals(3, freeDescriptors());
                            return lost;
                        });
        Thread.ofPlatform().start(task);
        assertEquals(Reason.DESCRIPTOR_LIMIT, task.get().reason());
    }

    @Test
    void aHeaderThatDoesNotFitEndsTheWalk() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = arena.allocate(64, 8);
            control.set(ValueLayout.JAVA_LONG, 0, 4096);
            assertEquals(List.of(), ScmRights.descriptors(control));
            control.set(ValueLayout.JAVA_LONG, 0, 15);
            assertEquals(List.of(), ScmRights.descriptors(control));
            assertEquals(List.of(), ScmRights.descriptors(control.asSlice(0, 15)));
        }
    }

    @Test
    void messagesOfOtherKindsAreSkippedByLevelTypeAndLength() throws IOException {
        try (Arena arena = Arena.ofConfined();
                OwnedFd memory = Fds.memFd("walked", 0)) {
            MemorySegment control = arena.allocate(Cmsghdr.space(4) * 3, 8);
            putInt(control, 0, Sockets.SOL_SOCKET, 84, 4711); // SCM_INQ
            putInt(control, Cmsghdr.space(4), 6, 1, 4712); // another level, the same type
            int owned = memory.release();
            putInt(control, Cmsghdr.space(4) * 2, Sockets.SOL_SOCKET, 1, owned);

            List<OwnedFd> found = ScmRights.descriptors(control);

            assertEquals(List.of(owned), found.stream().map(OwnedFd::number).toList());
            found.getFirst().close();
        }
    }

    private static void putInt(MemorySegment control, long at, int level, int type, int value) {
        control.set(ValueLayout.JAVA_LONG, at + Cmsghdr.LEN, Cmsghdr.length(4));
        control.set(ValueLayout.JAVA_INT, at + Cmsghdr.LEVEL, level);
        control.set(ValueLayout.JAVA_INT, at + Cmsghdr.TYPE, type);
        control.set(ValueLayout.JAVA_INT, at + Cmsghdr.DATA, value);
    }

    private static MemorySegment room(int bytes) {
        return MemorySegment.ofArray(new byte[bytes]);
    }

    private static String target(int fd) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
    }

    private static boolean closedOnExec(int fd) throws IOException {
        String info = Files.readString(Path.of("/proc/self/fdinfo/" + fd));
        String flags = info.lines().filter(l -> l.startsWith("flags:")).findFirst().orElseThrow();
        return (Long.parseLong(flags.substring(6).strip(), 8) & Fds.O_CLOEXEC) != 0;
    }

    private static int openDescriptors() throws IOException {
        try (Stream<Path> list = Files.list(Path.of("/proc/self/fd"))) {
            return (int) list.count();
        }
    }

    private void fillTableBut(int free) throws IOException {
        OwnedFd[] last = new OwnedFd[free];
        for (int i = 0; ; i++) {
            try {
                OwnedFd copy = Fds.dup(left.number());
                last[i % free] = copy;
            } catch (ErrnoException full) {
                assertEquals(Errno.EMFILE, full.errno());
                break;
            }
        }
        for (OwnedFd copy : last) {
            copy.close();
        }
    }

    private int freeDescriptors() throws IOException {
        for (int free = 0; ; free++) {
            try {
                assertTrue(Fds.dup(left.number()).release() > 0);
            } catch (ErrnoException full) {
                assertEquals(Errno.EMFILE, full.errno());
                return free;
            }
        }
    }
}

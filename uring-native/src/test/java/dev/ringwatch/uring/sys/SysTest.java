package dev.ringwatch.uring.sys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The calls, their numbers and their errors. */
class SysTest {
    /** From the kernel's two tables, written down once more. */
    @ParameterizedTest
    @CsvSource({
        "READ,0,63",
        "WRITE,1,64",
        "CLOSE,3,57",
        "MMAP,9,222",
        "MUNMAP,11,215",
        "PREAD64,17,67",
        "PWRITE64,18,68",
        "GETPID,39,172",
        "SOCKET,41,198",
        "CONNECT,42,203",
        "SENDTO,44,206",
        "RECVFROM,45,207",
        "SENDMSG,46,211",
        "RECVMSG,47,212",
        "SHUTDOWN,48,210",
        "BIND,49,200",
        "LISTEN,50,201",
        "GETSOCKNAME,51,204",
        "GETPEERNAME,52,205",
        "SOCKETPAIR,53,199",
        "SETSOCKOPT,54,208",
        "GETSOCKOPT,55,209",
        "FCNTL,72,25",
        "FSYNC,74,82",
        "FDATASYNC,75,83",
        "FTRUNCATE,77,46",
        "GETEUID,107,175",
        "CAPGET,125,90",
        "CAPSET,126,91",
        "PRCTL,157,167",
        "GETTID,186,178",
        "SETXATTR,188,5",
        "FSETXATTR,190,7",
        "GETXATTR,191,8",
        "CHDIR,80,49",
        "MOUNT,165,40",
        "BPF,321,280",
        "FGETXATTR,193,10",
        "FADVISE64,221,223",
        "OPENAT,257,56",
        "MKDIRAT,258,34",
        "UNLINKAT,263,35",
        "LINKAT,265,37",
        "SYMLINKAT,266,36",
        "PPOLL,271,73",
        "UNSHARE,272,97",
        "SPLICE,275,76",
        "SYNC_FILE_RANGE,277,84",
        "FALLOCATE,285,47",
        "ACCEPT4,288,242",
        "EVENTFD2,290,19",
        "DUP3,292,24",
        "PIPE2,293,59",
        "PREADV,295,69",
        "PWRITEV,296,70",
        "SETNS,308,268",
        "KCMP,312,272",
        "RENAMEAT2,316,276",
        "MEMFD_CREATE,319,279",
        "PREADV2,327,286",
        "PWRITEV2,328,287",
        "STATX,332,291",
        "IO_URING_SETUP,425,425",
        "IO_URING_ENTER,426,426",
        "IO_URING_REGISTER,427,427"
    })
    void numbers(Syscall call, int x86, int aarch64) {
        assertEquals(x86, call.number(Architecture.X86_64));
        assertEquals(aarch64, call.number(Architecture.AARCH64));
    }

    @Test
    void everyCallHasItsNumbersChecked() throws NoSuchMethodException {
        CsvSource source =
                SysTest.class
                        .getDeclaredMethod("numbers", Syscall.class, int.class, int.class)
                        .getAnnotation(CsvSource.class);
        assertEquals(Syscall.values().length, source.value().length);
    }

    /** arch/arm64/include/uapi/asm/fcntl.h; the other flags here are the generic ones on both. */
    @Test
    void openFlagsThatDifferByArchitecture() {
        assertEquals(0x4000, Fds.direct(Architecture.X86_64));
        assertEquals(0x10000, Fds.direct(Architecture.AARCH64));
        assertEquals(0x10000, Fds.directory(Architecture.X86_64));
        assertEquals(0x4000, Fds.directory(Architecture.AARCH64));
    }

    /** The generic table gives each number once; a slip would call something else. */
    @Test
    void noNumberIsGivenTwice() {
        for (Architecture architecture : Architecture.values()) {
            long distinct =
                    Arrays.stream(Syscall.values())
                            .mapToInt(call -> call.number(architecture))
                            .distinct()
                            .count();
            assertEquals(Syscall.values().length, distinct);
        }
    }

    @Test
    void architecturesByTheNamesJvmsGiveThem() {
        assertEquals(Architecture.X86_64, Architecture.of("amd64"));
        assertEquals(Architecture.AARCH64, Architecture.of("aarch64"));
        assertThrows(UnsupportedOperationException.class, () -> Architecture.of("riscv64"));
    }

    @Test
    void errnoByCodeAndByName() {
        assertEquals(Errno.EPERM, Errno.of(1));
        assertEquals(Errno.EHWPOISON, Errno.of(133));
        assertEquals(Errno.UNNAMED, Errno.of(0));
        assertEquals(Errno.UNNAMED, Errno.of(41));
        assertEquals(Errno.UNNAMED, Errno.of(512));
        assertEquals(Errno.UNNAMED, Errno.of(-1));
        assertEquals(
                "io_uring_setup: EPERM (operation not permitted): io_uring_disabled is 2",
                new ErrnoException("io_uring_setup", 1, "io_uring_disabled is 2").getMessage());
        assertEquals("enter: errno 512", new ErrnoException("enter", 512, "").getMessage());
    }

    @Test
    void pidIsTheProcessAndTidTheThread() throws InterruptedException {
        assertEquals(ProcessHandle.current().pid(), Tasks.pid());
        AtomicInteger other = new AtomicInteger();
        Thread thread = Thread.ofPlatform().start(() -> other.set(Tasks.tid()));
        thread.join();
        assertTrue(other.get() > 0);
        assertFalse(other.get() == Tasks.tid());
    }

    @Test
    void aFailureKeepsItsOwnErrno() {
        ErrnoException badFd = assertThrows(ErrnoException.class, () -> Fds.close(1_000_000));
        assertEquals(Errno.EBADF, badFd.errno());
        assertEquals("close", badFd.call());
        ErrnoException absent = assertThrows(ErrnoException.class, () -> Fds.open("/absent", 0, 0));
        assertEquals(Errno.ENOENT, absent.errno());
        assertEquals("openat: ENOENT (no such file or directory): /absent", absent.getMessage());
    }

    /** Each thread fails with an errno of its own; none sees another's. */
    @Test
    void errnoIsPerThread() throws InterruptedException {
        int threads = 8;
        CountDownLatch done = new CountDownLatch(threads);
        AtomicInteger wrong = new AtomicInteger();
        for (int i = 0; i < threads; i++) {
            boolean even = i % 2 == 0;
            Thread.ofPlatform()
                    .start(
                            () -> {
                                wrong.addAndGet(wrongErrnos(even));
                                done.countDown();
                            });
        }
        done.await();
        assertEquals(0, wrong.get());
    }

    private static int wrongErrnos(boolean even) {
        int wrong = 0;
        for (int i = 0; i < 5_000; i++) {
            long result =
                    even
                            ? Sys.call(Syscall.CLOSE, 1_000_000, 0, 0)
                            : Sys.call(Syscall.SOCKET, 9_999, 0, 0);
            int expected = even ? Errno.EBADF.code() : Errno.EAFNOSUPPORT.code();
            wrong += result == -expected ? 0 : 1;
        }
        return wrong;
    }

    @Test
    void anOwnedDescriptorClosesOnce() throws IOException {
        OwnedFd fd = Fds.eventFd(0, 0);
        int number = fd.number();
        fd.close();
        OwnedFd successor = Fds.eventFd(0, 0);
        assertEquals(number, successor.number());
        fd.close();
        assertEquals(8, Fds.write(successor.number(), eight(1)));
        assertThrows(IllegalStateException.class, fd::number);
        assertThrows(IllegalStateException.class, fd::release);
        successor.close();
    }

    @Test
    void aReleasedDescriptorStaysOpen() throws IOException {
        OwnedFd fd = Fds.eventFd(0, 0);
        int number = fd.release();
        fd.close();
        assertFalse(fd.isOpen());
        Fds.close(number);
    }

    @Test
    void bytesGoThroughAPipeFromHeapAndNativeMemory() throws IOException {
        List<OwnedFd> pipe = Fds.pipe(Fds.O_NONBLOCK);
        try (OwnedFd out = pipe.get(0);
                OwnedFd in = pipe.get(1);
                Arena arena = Arena.ofConfined()) {
            assertEquals(5, Fds.write(in.number(), MemorySegment.ofArray("hello".getBytes(UTF_8))));
            MemorySegment room = arena.allocate(16);
            assertEquals(5, Fds.read(out.number(), room));
            assertEquals("hello", room.getString(0));
            byte[] heap = new byte[4];
            ErrnoException empty =
                    assertThrows(
                            ErrnoException.class,
                            () -> Fds.read(out.number(), MemorySegment.ofArray(heap)));
            assertEquals(Errno.EAGAIN, empty.errno());
            Fds.write(in.number(), room.asSlice(0, 4));
            assertEquals(4, Fds.read(out.number(), MemorySegment.ofArray(heap)));
            assertEquals("hell", new String(heap, UTF_8));
        }
    }

    @Test
    void nonBlockingCanBeTurnedOnAndOff() throws IOException {
        try (OwnedFd counter = Fds.eventFd(0, 0)) {
            Fds.setNonBlocking(counter.number(), true);
            ErrnoException empty =
                    assertThrows(ErrnoException.class, () -> Fds.read(counter.number(), eight(0)));
            assertEquals(Errno.EAGAIN, empty.errno());
            Fds.setNonBlocking(counter.number(), false);
            Fds.write(counter.number(), eight(7));
            MemorySegment value = eight(0);
            Fds.read(counter.number(), value);
            assertEquals(7, value.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
        }
    }

    @Test
    void aCopyRefersToTheSameFile() throws IOException {
        try (OwnedFd counter = Fds.eventFd(3, 0);
                OwnedFd copy = Fds.dup(counter.number());
                OwnedFd target = Fds.eventFd(0, 0)) {
            assertEquals(target.number(), Fds.dupTo(copy.number(), target.number()).release());
            MemorySegment value = eight(0);
            Fds.read(target.number(), value);
            assertEquals(3, value.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
        }
    }

    @Test
    void aMappingIsTheFilesMemoryAndThrowsAfterClose() throws IOException {
        try (OwnedFd file = Fds.memFd("mapped", 4096)) {
            MappedMemory mapping =
                    MappedMemory.map(
                            4096,
                            MappedMemory.PROT_READ | MappedMemory.PROT_WRITE,
                            MappedMemory.MAP_SHARED,
                            file.number(),
                            0);
            mapping.segment().setString(0, "through the page");
            byte[] read = new byte[16];
            Fds.read(file.number(), MemorySegment.ofArray(read));
            assertEquals("through the page", new String(read, UTF_8));
            mapping.close();
            mapping.close();
            assertThrows(
                    IllegalStateException.class,
                    () -> mapping.segment().get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void aMappingThatIsRefusedSaysWhy() {
        ErrnoException refused =
                assertThrows(
                        ErrnoException.class,
                        () -> MappedMemory.map(4096, 1, MappedMemory.MAP_SHARED, 1_000_000, 0));
        assertEquals(Errno.EBADF, refused.errno());
        assertEquals("mmap", refused.call());
    }

    @Test
    void anAbstractAddressConnects() throws IOException {
        UnixAddress address = new UnixAddress.Abstract("ringwatch-test-" + Tasks.pid());
        try (OwnedFd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
                OwnedFd client = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
            Sockets.bind(listener.number(), address);
            Sockets.listen(listener.number(), 1);
            Sockets.connect(client.number(), address);
            try (OwnedFd server = Sockets.accept(listener.number(), 0)) {
                Sockets.send(client.number(), MemorySegment.ofArray(new byte[] {9}), 0);
                byte[] got = new byte[1];
                assertEquals(1, Sockets.receive(server.number(), MemorySegment.ofArray(got), 0));
                assertEquals(9, got[0]);
            }
        }
    }

    @Test
    void anAddressHasARoom() {
        assertThrows(IllegalArgumentException.class, () -> new UnixAddress.Path(""));
        assertThrows(
                IllegalArgumentException.class, () -> new UnixAddress.Abstract("x".repeat(108)));
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(2 + 3, new UnixAddress.Path("/a").encode(arena).byteSize());
            assertEquals(2 + 2, new UnixAddress.Abstract("a").encode(arena).byteSize());
        }
    }

    @Test
    void sendingToAClosedPeerIsEpipeAndNoSignal() throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (OwnedFd socket = pair.get(0)) {
            pair.get(1).close();
            ErrnoException gone =
                    assertThrows(
                            ErrnoException.class,
                            () ->
                                    Sockets.send(
                                            socket.number(),
                                            MemorySegment.ofArray(new byte[1]),
                                            0));
            assertEquals(Errno.EPIPE, gone.errno());
        }
    }

    @Test
    void capabilitiesOfThisThread() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(8, 8);
            header.set(ValueLayout.JAVA_INT, 0, 0x20080522);
            MemorySegment data = arena.allocate(24, 8);
            Tasks.capget(header, data);
            Tasks.capset(header, data);
        }
    }

    @Test
    void netlinkAnswers() throws IOException {
        try (OwnedFd diag = Sockets.netlink(4);
                Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(16, 8);
            request.set(ValueLayout.JAVA_INT, 0, 16); // nlmsg_len
            request.set(ValueLayout.JAVA_SHORT, 4, (short) 20); // SOCK_DIAG_BY_FAMILY, no body
            request.set(ValueLayout.JAVA_SHORT, 6, (short) 1); // NLM_F_REQUEST
            Sockets.send(diag.number(), request, 0);
            MemorySegment answer = arena.allocate(256, 8);
            assertTrue(Sockets.receive(diag.number(), answer, 0) >= 36);
            assertEquals(2, answer.get(ValueLayout.JAVA_SHORT, 4)); // NLMSG_ERROR
            assertEquals(-Errno.EINVAL.code(), answer.get(ValueLayout.JAVA_INT, 16));
        }
    }

    private static MemorySegment eight(long value) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
        bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
        return bytes;
    }
}

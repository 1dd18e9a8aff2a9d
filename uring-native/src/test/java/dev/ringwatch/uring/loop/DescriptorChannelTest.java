package dev.ringwatch.uring.loop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.loop.DescriptorPassing.Means;
import dev.ringwatch.uring.sys.Credentials;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights.Received;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Live: passing descriptors on both backends, and slots between rings. */
@Timeout(60)
class DescriptorChannelTest {
    @TempDir Path directory = Path.of("");

    private record Ends(DescriptorChannel left, DescriptorChannel right) implements AutoCloseable {
        static Ends of(Uring uring, int type) throws IOException {
            List<OwnedFd> pair = Sockets.pair(type);
            return new Ends(
                    uring.descriptorChannel(pair.getFirst()),
                    uring.descriptorChannel(pair.getLast()));
        }

        static Ends of(Uring uring) throws IOException {
            return of(uring, Sockets.SOCK_STREAM);
        }

        @Override
        public void close() throws IOException {
            try (left) {
                right.close();
            }
        }
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static ByteBuffer room() {
        return ByteBuffer.allocateDirect(64);
    }

    static Stream<Arguments> backendsAndCounts() {
        return Stream.of(TestBackend.values())
                .flatMap(
                        backend -> Stream.of(1, 2, 253).map(count -> Arguments.of(backend, count)));
    }

    @ParameterizedTest
    @MethodSource("backendsAndCounts")
    void descriptorsArriveInOrderForTheSameFile(TestBackend backend, int count) throws Exception {
        List<OwnedFd> sent = new ArrayList<>();
        try (Uring uring = backend.open();
                Ends ends = Ends.of(uring)) {
            for (int i = 0; i < count; i++) {
                sent.add(Fds.eventFd(0, 0));
            }
            assertEquals(5, ends.left().send(text("bytes"), sent));
            ByteBuffer into = room();
            try (Received received = ends.right().receive(into)) {
                assertEquals(5, received.bytes());
                assertEquals(text("bytes"), into.flip());
                assertEquals(count, received.descriptors().size());
                for (int i = 0; i < count; i++) {
                    int arrived = received.descriptors().get(i).number();
                    assertTrue(Fds.isSameFile(sent.get(i).number(), arrived));
                    int other = sent.get((i + 1) % count).number();
                    assertEquals(count == 1, Fds.isSameFile(other, arrived));
                }
            }
        } finally {
            OwnedFd.closeAll(sent);
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void tooManyDescriptorsAndNoDataAreRefused(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Ends ends = Ends.of(uring);
                OwnedFd fd = Fds.eventFd(0, 0)) {
            List<OwnedFd> many = Collections.nCopies(254, fd);
            assertThrows(IllegalArgumentException.class, () -> ends.left().send(text("x"), many));
            assertThrows(
                    IllegalArgumentException.class, () -> ends.left().send(text(""), fd.number()));
            assertThrows(IllegalArgumentException.class, () -> ends.right().receive(text("")));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aRingAmongThemIsRefusedWithItsReason(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                RingLoop loop = RingLoop.start(LoopOptions.defaults());
                Ends ends = Ends.of(uring)) {
            ErrnoException refused =
                    assertThrows(
                            ErrnoException.class,
                            () -> ends.left().send(text("x"), loop.ringDescriptor()));
            assertEquals(Errno.EINVAL, refused.errno());
            assertTrue(refused.detail().contains("an io_uring ring never may"));
            ErrnoException notOpen =
                    assertThrows(ErrnoException.class, () -> ends.left().send(text("x"), 1 << 20));
            assertEquals(Errno.EBADF, notOpen.errno());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void theEndBringsNothingEvenWhereCredentialsAreWanted(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Ends ends = Ends.of(uring)) {
            ends.right().wantCredentials(true);
            ends.left().close();
            Received end = ends.right().receive(room());
            assertEquals(new Received(0, List.of(), Optional.empty()), end);
            ErrnoException gone =
                    assertThrows(ErrnoException.class, () -> ends.right().send(text("x")));
            assertEquals(Errno.EPIPE, gone.errno());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void credentialsComeBesideTheDescriptors(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Ends ends = Ends.of(uring, Sockets.SOCK_SEQPACKET);
                OwnedFd fd = Fds.eventFd(0, 0)) {
            ends.right().wantCredentials(true);
            ends.left().send(text("x"), fd.number());
            try (Received received = ends.right().receive(room())) {
                assertEquals(1, received.descriptors().size());
                Credentials sender = received.credentials().orElseThrow();
                assertEquals(ProcessHandle.current().pid(), sender.pid());
                int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
                assertEquals(uid, sender.uid());
            }
            ends.right().wantCredentials(false);
            ends.left().send(text("y"));
            assertTrue(ends.right().receive(room()).credentials().isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aTimeLimitEndsAReceiveAndLeavesTheChannelGood(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Ends ends = Ends.of(uring);
                OwnedFd fd = Fds.eventFd(0, 0)) {
            assertThrows(
                    OperationTimeoutException.class,
                    () -> ends.right().receive(room(), Duration.ofMillis(5)));
            ends.left().send(text("x"), fd.number());
            try (Received received = ends.right().receive(room(), Duration.ofSeconds(10))) {
                assertEquals(1, received.descriptors().size());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void noDescriptorLeaksOfMessagesThatComeAsTheTimeIsUp(TestBackend backend) throws Exception {
        int messages = 200;
        try (Uring uring = backend.open();
                Ends ends = Ends.of(uring);
                OwnedFd fd = Fds.eventFd(0, 0)) {
            long before = eventDescriptors();
            Thread sender =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            for (int i = 0; i < messages; i++) {
                                                ends.left().send(text("x"), fd.number());
                                                LockSupport.parkNanos(20_000);
                                            }
                                        } catch (IOException e) {
                                            throw new UncheckedIOException(e);
                                        }
                                    });
            int bytes = 0;
            int descriptors = 0;
            while (bytes < messages) {
                Duration limit = Duration.ofNanos(1 + bytes * 500L);
                try (Received received = ends.right().receive(ByteBuffer.allocate(1), limit)) {
                    bytes += received.bytes();
                    descriptors += received.descriptors().size();
                } catch (OperationTimeoutException e) {
                    assertTrue(bytes < messages);
                }
            }
            sender.join();
            assertEquals(messages, descriptors);
            assertEquals(before, eventDescriptors());
        }
    }

    private static long eventDescriptors() throws IOException {
        try (Stream<Path> list = Files.list(Path.of("/proc/self/fd"))) {
            return list.filter(path -> isEvent(path)).count();
        }
    }

    private static boolean isEvent(Path path) {
        try {
            return Files.readSymbolicLink(path).toString().contains("eventfd");
        } catch (IOException e) {
            return false; // the descriptor that lists the directory
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void anInterruptEndsAReceiveAndStays(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Ends ends = Ends.of(uring)) {
            CompletableFuture<Boolean> stayed = new CompletableFuture<>();
            Thread receiver =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        assertThrows(
                                                InterruptedIOException.class,
                                                () -> ends.right().receive(room()));
                                        stayed.complete(Thread.interrupted());
                                    });
            receiver.interrupt();
            assertTrue(stayed.get(10, TimeUnit.SECONDS));
            ends.left().send(text("still open"));
            assertEquals(10, ends.right().receive(room()).bytes());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void closingEndsAReceiveThatWaits(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Ends ends = Ends.of(uring)) {
            CompletableFuture<IOException> end = new CompletableFuture<>();
            Thread receiver =
                    Thread.ofVirtual()
                            .start(
                                    () ->
                                            end.complete(
                                                    assertThrows(
                                                            IOException.class,
                                                            () -> ends.right().receive(room()))));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (receiver.getState() != Thread.State.WAITING && System.nanoTime() < deadline) {
                LockSupport.parkNanos(200_000);
            }
            ends.right().close();
            assertInstanceOf(AsynchronousCloseException.class, end.get(10, TimeUnit.SECONDS));
            assertThrows(ClosedChannelException.class, () -> ends.right().receive(room()));
        }
    }

    @Test
    void theTrialSaysByWhatMeansAndWhy() throws Exception {
        try (Uring rings = TestBackend.RINGS.open();
                Uring plain = TestBackend.PLAIN.open()) {
            assertEquals(
                    new DescriptorPassing(Means.RING, "a trial passed the same file"),
                    rings.descriptorPassing());
            assertEquals(
                    new DescriptorPassing(Means.PLAIN_CALLS, "there is no ring"),
                    plain.descriptorPassing());
        }
    }

    @Test
    void aTrialThatFailsSaysWhy() throws Exception {
        RingLoop loop = RingLoop.start(LoopOptions.defaults().withName("ended"));
        loop.close();
        DescriptorPassing passing = PassingTrial.of(new RingEngine(loop));
        assertEquals(Means.PLAIN_CALLS, passing.means());
        assertTrue(passing.reason().contains("ended is closing"), passing.reason());
    }

    @Test
    void fromASlotThroughASocketIntoASlotOfAnotherRing() throws Exception {
        Path path = Files.writeString(directory.resolve("f"), "contents");
        try (Uring uring = TestBackend.RINGS.open();
                Ends ends = Ends.of(uring);
                UringFile file = uring.openFile(path, FileOption.SLOT);
                RingLoop other = RingLoop.start(LoopOptions.defaults().withFileSlots(2))) {
            try (OwnedFd installed = file.duplicate()) {
                ends.left().send(text("x"), installed.number());
            }
            int slot;
            try (Received received = ends.right().receive(room())) {
                slot = other.adopt(received.descriptors().getFirst().number()).get();
            }
            assertArrayEquals("contents".getBytes(UTF_8), readSlot(other, slot));
            other.closeSlot(slot).get();
            assertEquals(0, LoopTask.call(other, () -> other.files().size()));
        }
    }

    /** The first 8 bytes of a file in a slot. */
    private static byte[] readSlot(RingLoop loop, int slot) throws Exception {
        ByteBuffer into = ByteBuffer.allocateDirect(8);
        long address = MemorySegment.ofBuffer(into).address();
        assertEquals(
                8, loop.submit("read", entry -> entry.read(slot, address, 8, 0).fixedFile()).get());
        byte[] bytes = new byte[8];
        into.get(bytes);
        return bytes;
    }

    @Test
    void aSlotIsHandedOverFromLoopToLoop() throws Exception {
        Path path = Files.writeString(directory.resolve("f"), "contents");
        LoopOptions options = LoopOptions.defaults().withFileSlots(2);
        try (RingLoop one = RingLoop.start(options);
                RingLoop two = RingLoop.start(options.withName("two"));
                RingLoop none = RingLoop.start(options.withFileSlots(0))) {
            int here;
            try (OwnedFd fd = Fds.open(path.toString(), Fds.O_RDONLY, 0)) {
                here = one.adopt(fd.number()).get();
            }
            int there = one.handOver(here, two).get();
            assertArrayEquals("contents".getBytes(UTF_8), readSlot(two, there));
            int again = one.handOver(here, two).get();
            assertEquals(2, LoopTask.call(two, () -> two.files().size()));
            assertEquals(Errno.ENFILE, errno(one.handOver(here, two)));
            two.closeSlot(again).get();
            one.closeSlot(here).get();
            assertEquals(Errno.EBADF, errno(one.handOver(here, two)));
            assertArrayEquals("contents".getBytes(UTF_8), readSlot(two, there));
            try (OwnedFd back = two.install(there).get()) {
                byte[] eight = new byte[8];
                assertEquals(8, Fds.read(back.number(), MemorySegment.ofArray(eight)));
            }
            assertEquals(Errno.ENFILE, errno(two.handOver(there, none)));
        }
    }

    @Test
    void whatNoSlotMayHoldIsRefused() throws Exception {
        LoopOptions options = LoopOptions.defaults().withFileSlots(2);
        try (RingLoop one = RingLoop.start(options)) {
            assertEquals(Errno.EBADF, errno(one.adopt(1 << 20)));
            assertEquals(Errno.EBADF, errno(one.adopt(one.ringDescriptor())));
            assertEquals(Errno.EBADF, errno(one.install(0)));
            assertEquals(Errno.EBADF, errno(one.closeSlot(0)));
            assertEquals(0, LoopTask.call(one, () -> one.files().size()));
        }
    }

    private static Errno errno(CompletableFuture<?> future) {
        ExecutionException e = assertThrows(ExecutionException.class, future::get);
        return assertInstanceOf(ErrnoException.class, e.getCause()).errno();
    }
}

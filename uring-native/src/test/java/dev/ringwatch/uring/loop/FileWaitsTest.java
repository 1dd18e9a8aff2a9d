package dev.ringwatch.uring.loop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: interrupts, time limits and closing while files work. */
@Timeout(60)
class FileWaitsTest {
    @TempDir Path directory = Path.of("");

    /** A pipe whose reading end is a file of this backend. */
    private record PipeFile(UringFile file, OwnedFd in) implements AutoCloseable {
        static PipeFile open(Uring uring) throws IOException {
            List<OwnedFd> pipe = Fds.pipe(0);
            try (OwnedFd out = pipe.getFirst()) {
                return new PipeFile(
                        uring.openFile(Path.of("/proc/self/fd/" + out.number())), pipe.getLast());
            }
        }

        void put(String text) throws IOException {
            Fds.write(in.number(), MemorySegment.ofArray(text.getBytes(UTF_8)));
        }

        @Override
        public void close() throws IOException {
            try (in) {
                file.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void anInterruptedReadReturnsItsBytesAndTheInterruptStays(TestBackend backend)
            throws Exception {
        try (Uring uring = backend.open();
                PipeFile pipe = PipeFile.open(uring)) {
            CompletableFuture<Boolean> stayed = new CompletableFuture<>();
            CountDownLatch begun = new CountDownLatch(1);
            ByteBuffer into = ByteBuffer.allocate(8);
            Thread reader =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        Thread.currentThread().interrupt();
                                        begun.countDown();
                                        try {
                                            pipe.file().read(into);
                                            stayed.complete(Thread.interrupted());
                                        } catch (IOException | RuntimeException e) {
                                            stayed.completeExceptionally(e);
                                        }
                                    });
            begun.await();
            reader.interrupt();
            pipe.put("bytes");
            assertTrue(stayed.get());
            assertEquals(5, into.position());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aStormOfInterruptsLosesNoByteAndNoStatus(TestBackend backend) throws Exception {
        int workers = 16;
        int rounds = 60;
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(directory.resolve("f"), CREATE, READ, WRITE)) {
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger seen = new AtomicInteger();
            List<CompletableFuture<Optional<String>>> ends = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                CompletableFuture<Optional<String>> end = new CompletableFuture<>();
                ends.add(end);
                long base = worker * 8192L;
                byte mark = (byte) (worker + 1);
                threads.add(
                        Thread.ofVirtual()
                                .start(() -> end.complete(work(file, base, mark, rounds, seen))));
            }
            Thread storm =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!over.get()) {
                                            threads.forEach(Thread::interrupt);
                                            LockSupport.parkNanos(20_000);
                                        }
                                    });
            try {
                for (CompletableFuture<Optional<String>> end : ends) {
                    assertEquals(Optional.empty(), end.get(30, TimeUnit.SECONDS));
                }
            } finally {
                over.set(true);
                storm.join();
            }
            assertTrue(seen.get() > 0, "no interrupt hit a call");
            assertTrue(file.isOpen());
        }
    }

    /** Writes and reads its own part of the file; empty, or what was wrong. */
    private static Optional<String> work(
            UringFile file, long base, byte mark, int rounds, AtomicInteger seen) {
        try {
            for (int round = 0; round < rounds; round++) {
                byte[] content = new byte[512];
                Arrays.fill(content, (byte) (mark + round));
                file.writeFully(ByteBuffer.wrap(content), base);
                ByteBuffer back =
                        round % 2 == 0 ? ByteBuffer.allocate(512) : ByteBuffer.allocateDirect(512);
                file.readFully(back, base);
                byte[] read = new byte[512];
                back.flip().get(read);
                assertArrayEquals(content, read);
                if (Thread.interrupted()) {
                    seen.incrementAndGet();
                }
            }
            return Optional.empty();
        } catch (IOException | RuntimeException | AssertionError e) {
            return Optional.of(e.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aTimeLimitCancelsAndTheNextReadGetsTheBytes(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                PipeFile pipe = PipeFile.open(uring)) {
            ByteBuffer into = ByteBuffer.allocate(8);
            assertThrows(
                    OperationTimeoutException.class,
                    () -> pipe.file().read(into, Duration.ofMillis(5)));
            assertThrows(
                    OperationTimeoutException.class, () -> pipe.file().read(into, Duration.ZERO));
            assertEquals(0, into.position());
            pipe.put("after");
            assertEquals(5, pipe.file().read(into, Duration.ofSeconds(10)));
            assertEquals(-1, endOf(pipe, into));
        }
    }

    private static int endOf(PipeFile pipe, ByteBuffer into) throws IOException {
        pipe.in().close();
        return pipe.file().read(into);
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void whatComesAsTheTimeIsUpIsReadOnce(TestBackend backend) throws Exception {
        int messages = 200;
        try (Uring uring = backend.open();
                PipeFile pipe = PipeFile.open(uring)) {
            Thread writer =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            for (int i = 0; i < messages; i++) {
                                                pipe.put("%04d".formatted(i));
                                                LockSupport.parkNanos(20_000);
                                            }
                                        } catch (IOException e) {
                                            throw new java.io.UncheckedIOException(e);
                                        }
                                    });
            ByteBuffer into = ByteBuffer.allocate(4 * messages);
            while (into.hasRemaining()) {
                try {
                    pipe.file().read(into, Duration.ofNanos(1 + into.position() * 500L));
                } catch (OperationTimeoutException e) {
                    assertTrue(e.bytesTransferred == 0);
                }
            }
            writer.join();
            for (int i = 0; i < messages; i++) {
                assertEquals("%04d".formatted(i), new String(into.array(), 4 * i, 4, UTF_8));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aDiskThatHasBegunIsWaitedForBeyondTheLimit(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(directory.resolve("f"), CREATE, READ, WRITE)) {
            int done = 0;
            for (int i = 0; i < 50; i++) {
                ByteBuffer from = ByteBuffer.allocateDirect(4096);
                try {
                    assertEquals(4096, file.write(from, 4096L * i, Duration.ofNanos(1)));
                    done++;
                } catch (OperationTimeoutException e) {
                    assertEquals(0, from.position());
                }
            }
            file.sync(true, Duration.ofSeconds(30));
            assertTrue(file.size() <= 50 * 4096);
            assertTrue(done == 0 || file.size() > 0);
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void closingEndsAReadThatWaits(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                PipeFile pipe = PipeFile.open(uring)) {
            CompletableFuture<Throwable> end = new CompletableFuture<>();
            Thread reader =
                    Thread.ofVirtual()
                            .start(
                                    () ->
                                            end.complete(
                                                    assertThrows(
                                                            IOException.class,
                                                            () ->
                                                                    pipe.file()
                                                                            .read(
                                                                                    ByteBuffer
                                                                                            .allocate(
                                                                                                    1)))));
            awaitParked(reader);
            pipe.file().close();
            assertInstanceOf(AsynchronousCloseException.class, end.get(10, TimeUnit.SECONDS));
        }
    }

    /** Keeps what it is given, and asks for one more each time it is told. */
    private static final class Listener implements Flow.Subscriber<ByteBuffer> {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(ByteBuffer item) {
            events.add(UTF_8.decode(item).toString());
        }

        @Override
        public void onError(Throwable why) {
            events.add(why.toString());
        }

        @Override
        public void onComplete() {
            events.add("complete");
        }

        String next() throws Exception {
            subscription.get().request(1);
            return Optional.ofNullable(events.poll(10, TimeUnit.SECONDS)).orElse("nothing");
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aStreamBringsWhatAPipeBringsUntilItsEnd(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                PipeFile pipe = PipeFile.open(uring)) {
            Listener listener = new Listener();
            pipe.file().stream().subscribe(listener);
            pipe.put("first");
            assertEquals("first", listener.next());
            for (int i = 0; i < 100; i++) {
                pipe.put("%03d".formatted(i));
                assertEquals("%03d".formatted(i), listener.next());
            }
            pipe.in().close();
            assertEquals("complete", listener.next());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aStreamEndsWithItsFile(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                PipeFile pipe = PipeFile.open(uring)) {
            Listener listener = new Listener();
            pipe.file().stream().subscribe(listener);
            listener.subscription.get();
            StringBuilder put = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                String text = "%04d".formatted(i);
                pipe.put(text);
                put.append(text);
            }
            StringBuilder got = new StringBuilder();
            while (got.length() < put.length()) {
                got.append(listener.next());
            }
            assertEquals(put.toString(), got.toString());
            pipe.file().close();
            assertEquals("complete", listener.next());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aRegularFileIsAStreamToo(TestBackend backend) throws Exception {
        Path path = Files.writeString(directory.resolve("f"), "regular");
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(path)) {
            Listener listener = new Listener();
            file.stream().subscribe(listener);
            assertEquals("regular", listener.next());
            assertEquals("complete", listener.next());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void whatOutlivesItsUringIsStillClosed(TestBackend backend) throws Exception {
        Path path = Files.writeString(directory.resolve("f"), "x");
        Uring uring = backend.open();
        UringFile descriptor = uring.openFile(path);
        UringFile slot = uring.openFile(path, FileOption.SLOT);
        uring.close();
        // What the page cache has, the caller reads by itself; all else takes the engine.
        assertEquals(1, descriptor.read(ByteBuffer.allocate(1), 0));
        assertEquals(-1, descriptor.read(ByteBuffer.allocate(1), 1));
        assertThrows(
                RejectedExecutionException.class, () -> descriptor.read(ByteBuffer.allocate(2), 0));
        assertThrows(RejectedExecutionException.class, () -> descriptor.sync(true));
        descriptor.close();
        slot.close();
    }

    private static void awaitParked(Thread thread) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (thread.getState() != Thread.State.WAITING && System.nanoTime() < end) {
            LockSupport.parkNanos(200_000);
        }
        assertEquals(Thread.State.WAITING, thread.getState());
    }
}

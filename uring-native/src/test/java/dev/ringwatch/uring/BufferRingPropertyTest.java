package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.BufferRingOptions.Use;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random interleavings of sends, receives of every kind, cancellations, leases and their return by
 * several threads. After each step the ring's counters are held against the kernel's head and
 * against what the test itself holds, and every byte against the connection it came by.
 */
class BufferRingPropertyTest {
    private static final int STEPS = 400;
    private static final int SOCKETS = 5;
    private static final int GROUP = 3;
    private static final int MOST_UNREAD = 600;
    private static final long CANCEL = 1000;
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(10);

    static Stream<Arguments> rings() {
        return Stream.of(RingShape.values())
                .flatMap(shape -> Stream.of(Use.values()).map(use -> Arguments.of(shape, use)));
    }

    @ParameterizedTest
    @MethodSource("rings")
    @Scenario({"buf-ring-stress", "buf-ring-mshot"})
    void countersAndKernelAgreeAfterEachStep(RingShape shape, Use use) throws Exception {
        try (IoUring ring = shape.open(64);
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            Run run = new Run(ring, use, threads);
            try {
                for (int step = 0; step < STEPS; step++) {
                    run.step();
                    run.check();
                }
                run.finish();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("with -Dringwatch.seed=" + TestSeed.VALUE, e);
            } finally {
                run.close();
            }
        }
    }

    /** One connection, whose bytes count up. */
    private static final class Connection {
        final OwnedFd sender;
        final OwnedFd receiver;
        long sent;
        long received;
        boolean armed;
        boolean inWorker;
        boolean bundle;

        Connection() throws IOException {
            List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
            sender = pair.get(0);
            receiver = pair.get(1);
        }
    }

    /** A lease whose bytes count up from the first, as long as it is held. */
    private record Held(Lease lease, byte first) {
        void check() {
            MemorySegment memory = lease.memory();
            for (int i = 0; i < memory.byteSize(); i++) {
                assertEquals((byte) (first + i), memory.get(ValueLayout.JAVA_BYTE, i), "a byte");
            }
        }

        void close() {
            check();
            lease.close();
        }
    }

    private static final class Run {
        private final SplittableRandom random = new SplittableRandom(TestSeed.VALUE);
        private final IoUring ring;
        private final ExecutorService threads;
        private final BufferRing buffers;
        private final int entries;
        private final List<Connection> connections = new ArrayList<>();
        private final List<Held> held = new ArrayList<>();
        private final AtomicInteger returnedByThreads = new AtomicInteger();
        private int givenToThreads;
        private int refilled;

        Run(IoUring ring, Use use, ExecutorService threads) throws IOException {
            this.ring = ring;
            this.threads = threads;
            entries = 1 << random.nextInt(1, 5);
            int size = random.nextInt(1, 90);
            BufferRingOptions options =
                    new BufferRingOptions(
                            GROUP, entries, size, use, BufferRingOptions.First.KERNEL, 0);
            buffers = BufferRingTest.registerOrSkip(ring, options);
            for (int i = 0; i < SOCKETS; i++) {
                connections.add(new Connection());
            }
        }

        void step() throws IOException {
            switch (random.nextInt(8)) {
                case 0, 1 -> send(any());
                case 2, 3 -> receive(random.nextInt(SOCKETS));
                case 4 -> cancel(random.nextInt(SOCKETS));
                case 5 -> giveBack();
                case 6 -> giveToThread();
                default -> refilled += buffers.refill();
            }
        }

        private Connection any() {
            return connections.get(random.nextInt(SOCKETS));
        }

        private void send(Connection connection) throws IOException {
            int count = random.nextInt(1, 200);
            if (connection.sent - connection.received + count > MOST_UNREAD) {
                return;
            }
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++) {
                bytes[i] = (byte) (connection.sent + i);
            }
            assertEquals(
                    count,
                    Sockets.send(connection.sender.number(), MemorySegment.ofArray(bytes), 0));
            connection.sent += count;
        }

        private void receive(int index) {
            Connection connection = connections.get(index);
            if (connection.armed) {
                return;
            }
            connection.armed = true;
            connection.bundle = random.nextBoolean();
            int fd = connection.receiver.number();
            SubmissionEntry entry = ring.next(index);
            connection.inWorker = !connection.bundle && random.nextInt(4) == 0;
            if (connection.inWorker) {
                entry.receive(fd, 0, 0, 0).bufferGroup(GROUP).async();
            } else if (random.nextBoolean()) {
                entry.receiveMultishot(fd, 0, GROUP);
            } else {
                entry.receive(fd, 0, 0, 0).bufferGroup(GROUP);
            }
            if (connection.bundle) {
                entry.bundle();
            }
        }

        private void cancel(int index) {
            if (connections.get(index).armed) {
                ring.next(CANCEL).cancel(index);
            }
        }

        private void giveBack() {
            if (!held.isEmpty()) {
                held.remove(random.nextInt(held.size())).close();
            }
        }

        private void giveToThread() {
            if (!held.isEmpty()) {
                Held lease = held.remove(random.nextInt(held.size()));
                givenToThreads++;
                threads.execute(
                        () -> {
                            returnedByThreads.incrementAndGet(); // the owner may see it at once
                            lease.close();
                        });
            }
        }

        /** Takes completions until the kernel's head is where they say it is. */
        void check() throws IOException {
            long end = System.nanoTime() + DEADLINE;
            while (true) {
                drain();
                int unexplained = buffers.kernelHolds() - buffers.available();
                assertTrue(unexplained >= 0, "the kernel has more than we gave it");
                if (ring.waiting() == 0 && unexplained <= inWorkers()) {
                    break;
                }
                assertTrue(System.nanoTime() - end < 0, unexplained + " buffers are missing");
            }
            assertEquals(held.size() + givenToThreads - refilled, buffers.leased());
            assertTrue(buffers.kernelHolds() <= entries);
            assertTrue(buffers.leased() + buffers.kernelHolds() >= entries);
            assertTrue(buffers.published() >= entries);
            assertTrue(returnedByThreads.get() >= refilled);
            held.forEach(Held::check);
        }

        private int inWorkers() {
            int count = 0;
            for (Connection connection : connections) {
                count += connection.armed && connection.inWorker ? 1 : 0;
            }
            return count;
        }

        private void drain() throws IOException {
            ring.submitAndWait(0);
            ring.drain(Integer.MAX_VALUE, this::completed);
        }

        private void completed(long userData, int result, int flags) {
            if (userData == CANCEL) {
                return;
            }
            Connection connection = connections.get((int) userData);
            if (Completion.isLast(flags)) {
                connection.armed = false;
            }
            if (result < 0) {
                Errno errno = Errno.of(-result);
                assertTrue(
                        errno == Errno.ENOBUFS || errno == Errno.ECANCELED || errno == Errno.EINTR,
                        errno.toString());
            }
            if (BufferRing.hasBuffer(flags)) {
                if (connection.bundle) {
                    buffers.leaseBundle(result, flags, lease -> take(connection, lease));
                } else {
                    take(connection, buffers.lease(result, flags));
                }
            } else {
                assertTrue(result < 0, "bytes without a buffer");
            }
        }

        private void take(Connection connection, Lease lease) {
            Held now = new Held(lease, (byte) connection.received);
            now.check();
            held.add(now);
            connection.received += lease.length();
        }

        /** Receives what is left, takes everything back, and finds all buffers with the kernel. */
        void finish() throws Exception {
            long end = System.nanoTime() + DEADLINE;
            while (connections.stream().anyMatch(s -> s.received < s.sent)) {
                while (!held.isEmpty()) {
                    giveBack();
                }
                refilled += buffers.refill();
                for (int i = 0; i < SOCKETS; i++) {
                    if (connections.get(i).received < connections.get(i).sent) {
                        receive(i);
                    }
                }
                check();
                assertTrue(System.nanoTime() - end < 0, "bytes are missing");
            }
            while (connections.stream().anyMatch(s -> s.armed)) {
                // Again and again: what a worker just begins escapes it.
                for (int i = 0; i < SOCKETS && ring.room() > SOCKETS; i++) {
                    cancel(i);
                }
                drain();
                assertTrue(System.nanoTime() - end < 0, "an operation does not end");
            }
            while (!held.isEmpty()) {
                giveBack();
            }
            threads.shutdown();
            assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
            refilled += buffers.refill();
            assertEquals(givenToThreads, refilled);
            assertEquals(0, buffers.leased());
            check();
            assertEquals(entries, buffers.kernelHolds());
            assertEquals(entries, buffers.available());
            buffers.close();
        }

        void close() throws ErrnoException {
            for (Connection connection : connections) {
                connection.sender.close();
                connection.receiver.close();
            }
        }
    }
}

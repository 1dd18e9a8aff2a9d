package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: hundreds of virtual threads, interrupted wherever they are, and nothing left of them. */
@Timeout(60)
class InterruptStormTest {
    private static final int THREADS = 300;
    private static final int ROUNDS = 4;

    private final AtomicInteger interrupted = new AtomicInteger();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @EnumSource
    void whoeverIsInterruptedLeavesNothingBehind(SocketBackend backend) throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Uring uring = backend.open()) {
            List<Socket> waiting = fillBacklog(full);
            SocketAudit audit = new SocketAudit(uring);
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            for (int round = 0; round < ROUNDS; round++) {
                try (UringServer server = uring.listen(any, InterruptStormTest::serve)) {
                    storm(uring, server, full, new SplittableRandom(round));
                    server.close(Duration.ofSeconds(10));
                }
            }
            assertEquals(List.of(), List.copyOf(failures));
            assertTrue(interrupted.get() > 0, "nobody was interrupted in a call");
            assertEquals(List.of(), audit.left());
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    /** So many that the kernel lets further ones wait. */
    private static List<Socket> fillBacklog(ServerSocket server) throws IOException {
        List<Socket> waiting = new ArrayList<>();
        while (true) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(server.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException full) {
                return waiting;
            }
        }
    }

    private void storm(Uring uring, UringServer server, ServerSocket full, SplittableRandom random)
            throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            SplittableRandom mine = random.split();
            threads.add(Thread.startVirtualThread(() -> client(uring, server, full, mine)));
        }
        List<Thread> order = new ArrayList<>(threads);
        while (!order.isEmpty()) {
            order.remove(random.nextInt(order.size())).interrupt();
            LockSupport.parkNanos(random.nextInt(200_000));
        }
        for (Thread thread : threads) {
            assertTrue(thread.join(Duration.ofSeconds(20)), "a thread does not end");
        }
    }

    private void client(
            Uring uring, UringServer server, ServerSocket full, SplittableRandom random) {
        try {
            while (true) {
                boolean toNobody = random.nextInt(5) == 0;
                SocketAddress address =
                        toNobody ? full.getLocalSocketAddress() : server.localAddress();
                try (UringSocket socket = uring.connect(address)) {
                    use(socket, random);
                }
            }
        } catch (ClosedByInterruptException e) {
            interrupted.incrementAndGet();
            if (!Thread.currentThread().isInterrupted()) {
                failures.add(new AssertionError("the interrupt status was lost", e));
            }
        } catch (ClosedChannelException e) {
            if (!Thread.currentThread().isInterrupted()) {
                failures.add(e);
            }
        } catch (IOException | RuntimeException | Error e) {
            failures.add(e);
        }
    }

    /** Reads, reads with a timeout, or writes more than anybody takes. */
    private static void use(UringSocket socket, SplittableRandom random) throws IOException {
        switch (random.nextInt(4)) {
            case 0 -> socket.read(ByteBuffer.allocate(16));
            case 1 -> readPatiently(socket);
            case 2 -> socket.write(ByteBuffer.allocateDirect(16 << 20));
            default -> socket.write(ByteBuffer.allocate(16 << 20));
        }
    }

    private static void readPatiently(UringSocket socket) throws IOException {
        while (true) {
            try {
                socket.read(ByteBuffer.allocate(16), Duration.ofMillis(1));
                return;
            } catch (SocketTimeoutException e) {
                assertTrue(socket.isOpen());
            }
        }
    }

    /** Reads slowly at first, so that writers wait. */
    private static void serve(UringSocket socket) throws IOException {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            int slow = 20;
            while (socket.read(buffer.clear()) >= 0) {
                if (slow-- > 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                }
            }
        } catch (IOException reset) {
            System.getLogger("storm").log(System.Logger.Level.TRACE, "interrupted peer", reset);
        }
    }
}

package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live: what only sockets on rings have: shared buffers, backpressure, and the end of a loop. */
@Timeout(60)
class RingSocketTest {
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static Uring open(LoopOptions loop) throws IOException {
        return SocketBackend.RING_MULTISHOT.open(
                options -> options.withLoops(1).withLoop(loop.withName("test")));
    }

    private static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "not within ten seconds");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private static RingLoop loop(Uring uring) {
        return uring.rings().orElseThrow().loops().getFirst();
    }

    @Test
    void aSlowReaderHoldsTheSenderBack() throws Exception {
        try (Uring uring = open(LoopOptions.defaults());
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                UringSocket socket = uring.connect(server.getLocalSocketAddress());
                Socket sender = server.accept()) {
            byte[] data = new byte[16 << 20];
            new Random(1).nextBytes(data);
            CompletableFuture<Boolean> sent = new CompletableFuture<>();
            Thread.startVirtualThread(
                    () -> {
                        try {
                            sender.getOutputStream().write(data);
                            sent.complete(true);
                        } catch (IOException e) {
                            sent.completeExceptionally(e);
                        }
                    });
            eventually(() -> uring.socketStatistics().receivePauses() == 1);
            RingSocket held = assertInstanceOf(RingSocket.class, socket);
            int bound = SocketTuning.defaults().queuedBuffers();
            assertTrue(held.queuedBuffers() >= bound);
            int most = held.queuedBuffers();
            ByteBuffer into = ByteBuffer.allocate(data.length);
            while (into.hasRemaining()) {
                into.limit(Math.min(into.capacity(), into.position() + 50_000));
                assertTrue(socket.read(into, Duration.ofSeconds(10)) > 0);
                most = Math.max(most, held.queuedBuffers());
                into.limit(into.capacity());
            }
            assertTrue(sent.get(10, TimeUnit.SECONDS));
            assertArrayEquals(data, into.array());
            // Buffers that were not filled do not use up the bytes the kernel was asked for.
            assertTrue(most <= 2 * bound, most + " buffers were queued");
        }
    }

    @Test
    void socketsThatFindNoBufferGoOnWhenSomeCameBack() throws Exception {
        int sockets = 50;
        try (Uring uring = open(LoopOptions.defaults().withReceiveBuffers(2, 64));
                UringServer server = uring.listen(ANY_PORT, RingSocketTest::echo)) {
            List<CompletableFuture<Integer>> writes = new ArrayList<>();
            List<UringSocket> all = new ArrayList<>();
            byte[] data = new byte[5000];
            new Random(2).nextBytes(data);
            for (int i = 0; i < sockets; i++) {
                UringSocket socket = uring.connect(server.localAddress());
                all.add(socket);
                writes.add(socket.writeAsync(ByteBuffer.wrap(data)));
            }
            for (UringSocket socket : all) {
                ByteBuffer into = ByteBuffer.allocate(data.length);
                while (into.hasRemaining()) {
                    assertTrue(socket.read(into, Duration.ofSeconds(20)) > 0);
                }
                assertArrayEquals(data, into.array());
                socket.close();
            }
            for (CompletableFuture<Integer> write : writes) {
                assertEquals(data.length, write.get(10, TimeUnit.SECONDS));
            }
            assertTrue(uring.socketStatistics().starvedEpisodes() > 0);
        }
    }

    @Test
    void readersThatDoNotReadTakeNobodysBuffers() throws Exception {
        BlockingQueue<UringSocket> lazy = new LinkedBlockingQueue<>();
        try (Uring uring = open(LoopOptions.defaults().withReceiveBuffers(8, 512));
                UringServer sleeper =
                        uring.listen(
                                ANY_PORT,
                                socket -> {
                                    lazy.add(socket);
                                    while (socket.isOpen()) {
                                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                                    }
                                });
                UringServer server = uring.listen(ANY_PORT, RingSocketTest::echo)) {
            List<UringSocket> senders = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                UringSocket sender = uring.connect(sleeper.localAddress());
                senders.add(sender);
                assertThrows(
                        SocketTimeoutException.class,
                        () -> sender.write(ByteBuffer.allocate(16 << 20), Duration.ofMillis(30)));
            }
            try (UringSocket socket = uring.connect(server.localAddress())) {
                ByteBuffer into = ByteBuffer.allocate(3000);
                socket.write(ByteBuffer.allocate(into.capacity()));
                while (into.hasRemaining()) {
                    assertTrue(socket.read(into, Duration.ofSeconds(10)) > 0);
                }
            }
            for (UringSocket socket : lazy) {
                socket.close();
            }
            for (UringSocket sender : senders) {
                sender.close();
            }
            eventually(() -> uring.socketStatistics().open() == 0);
        }
    }

    private static void echo(UringSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        while (socket.read(buffer.clear()) >= 0) {
            socket.write(buffer.flip());
        }
    }

    @Test
    void aConnectionWhosePeerClosedCostsNoCancellation() throws Exception {
        try (Uring uring = open(LoopOptions.defaults());
                UringServer server = uring.listen(ANY_PORT, RingSocketTest::echo)) {
            for (int i = 0; i < 50; i++) {
                try (SocketChannel client = SocketChannel.open(server.localAddress())) {
                    client.write(ByteBuffer.allocate(10));
                    client.shutdownOutput();
                    ByteBuffer into = ByteBuffer.allocate(100);
                    while (client.read(into) >= 0) {
                        assertTrue(into.hasRemaining());
                    }
                    assertEquals(10, into.position());
                }
            }
            eventually(() -> server.connections() == 0);
            assertEquals(0, loop(uring).statistics().cancellations());
        }
    }

    @Test
    @SuppressWarnings("try") // when the server closes is what is tested
    void whatIsAcceptedAsTheServerClosesIsClosed() throws Exception {
        try (Uring uring = open(LoopOptions.defaults())) {
            SocketAudit audit = new SocketAudit(uring);
            for (int round = 0; round < 100; round++) {
                UringServer server = uring.listen(ANY_PORT, RingSocketTest::echo);
                List<SocketChannel> clients = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    SocketChannel client = SocketChannel.open();
                    client.configureBlocking(false);
                    clients.add(client);
                    client.connect(server.localAddress());
                }
                server.close();
                for (SocketChannel client : clients) {
                    client.close();
                }
            }
            assertEquals(List.of(), audit.left());
        }
    }

    @Test
    @SuppressWarnings("try") // when the rings close is what is tested
    void aLoopThatEndsEndsItsSockets() throws Exception {
        Uring uring = open(LoopOptions.defaults());
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
                UringSocket reading = uring.connect(server.getLocalSocketAddress());
                UringSocket paused = uring.connect(server.getLocalSocketAddress());
                Socket first = server.accept();
                Socket second = server.accept()) {
            CompletableFuture<Integer> read = reading.readAsync(ByteBuffer.allocate(1));
            byte[] data = new byte[300_000];
            second.getOutputStream().write(data);
            eventually(() -> uring.socketStatistics().receivePauses() == 1);
            uring.rings().orElseThrow().close();
            ExecutionException e =
                    assertThrows(ExecutionException.class, () -> read.get(10, TimeUnit.SECONDS));
            ErrnoException cause = assertInstanceOf(ErrnoException.class, e.getCause());
            assertEquals(Errno.ECANCELED, cause.errno());
            assertThrows(
                    IOException.class,
                    () -> {
                        while (paused.read(ByteBuffer.allocate(100_000)) >= 0) {
                            assertTrue(paused.isOpen());
                        }
                    });
            assertThrows(IOException.class, () -> uring.connect(server.getLocalSocketAddress()));
            assertTrue(first.isConnected());
        }
        uring.close();
        assertEquals(0, uring.socketStatistics().open());
    }

    @Test
    void aServerWithoutDescriptorsWaitsForSome() throws Exception {
        try (Uring uring = open(LoopOptions.defaults());
                UringServer server =
                        uring.listen(
                                ANY_PORT,
                                ServerOptions.defaults().withMaxConnections(10),
                                RingSocketTest::echo);
                SocketChannel first = SocketChannel.open(server.localAddress());
                SocketChannel late = SocketChannel.open()) {
            first.write(ByteBuffer.allocate(1));
            assertEquals(1, first.read(ByteBuffer.allocate(1)));
            // From here on a class that is not loaded can't be: the directory can't be opened.
            CountDownLatch timers = new CountDownLatch(1);
            loop(uring).schedule(Duration.ZERO, timers::countDown);
            assertTrue(timers.await(10, TimeUnit.SECONDS));
            assertEquals(0, uring.socketStatistics().descriptorEpisodes());
            List<OwnedFd> all = new ArrayList<>(100_000);
            try {
                takeAll(all);
                late.connect(server.localAddress());
                eventually(() -> uring.socketStatistics().descriptorEpisodes() == 1);
            } finally {
                for (OwnedFd each : all) {
                    each.close();
                }
            }
            assertEquals(0, loop(uring).statistics().failures());
            late.write(ByteBuffer.allocate(1));
            assertEquals(1, late.read(ByteBuffer.allocate(1)));
            assertEquals(1, uring.socketStatistics().descriptorEpisodes());
        }
    }

    /** Every descriptor this process may have. */
    private static void takeAll(List<OwnedFd> into) throws IOException {
        into.add(Fds.eventFd(0, 0));
        int one = into.getFirst().number();
        while (true) {
            try {
                into.add(Fds.dup(one));
            } catch (ErrnoException e) {
                assertEquals(Errno.EMFILE, e.errno());
                return;
            }
        }
    }
}

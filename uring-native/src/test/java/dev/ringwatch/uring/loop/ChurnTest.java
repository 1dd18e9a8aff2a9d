package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Live: many short connections that end in every way there is, and nothing left of them. */
@Timeout(60)
class ChurnTest {
    private static final int AT_ONCE = 64;

    /** Bytes a message has at least: the way, and its size. */
    private static final int HEADER = 5;

    private static final int END = Integer.MAX_VALUE;

    /** How a connection ends; the first byte of a message tells the server. */
    private enum Way {
        /** The client ends it after the answer. */
        CLIENT_FIRST,
        /** The server ends it after the answer, and the client sees that. */
        SERVER_FIRST,
        /** The client resets it. */
        RESET,
        /** The client leaves an answer unread. */
        UNREAD_BY_CLIENT,
        /** The server leaves bytes unread. */
        UNREAD_BY_SERVER,
        /** The client says nothing at all. */
        SILENT
    }

    private final AtomicInteger next = new AtomicInteger();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @CsvSource({
        "RING_MULTISHOT, 10000",
        "RING_SINGLE, 2000",
        "RING_ZERO_COPY, 1000",
        "CHANNELS, 2000"
    })
    void nothingIsLeftOfManyConnections(SocketBackend backend, int connections) throws Exception {
        try (Uring uring = backend.open()) {
            SocketAudit audit = new SocketAudit(uring);
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (UringServer server = uring.listen(any, ChurnTest::serve)) {
                List<Thread> clients = new ArrayList<>();
                for (int i = 0; i < AT_ONCE; i++) {
                    SplittableRandom random = new SplittableRandom(i);
                    clients.add(
                            Thread.startVirtualThread(
                                    () -> clients(uring, server, connections, random)));
                }
                for (Thread client : clients) {
                    client.join();
                }
                assertEquals(0, server.close(Duration.ofSeconds(10)), "handlers that did not end");
            }
            assertEquals(List.of(), List.copyOf(failures));
            assertEquals(List.of(), audit.left());
            assertEquals(connections, uring.socketStatistics().connected());
            assertEquals(connections, uring.socketStatistics().accepted());
            assertEquals(0, uring.socketStatistics().handlerFailures());
        }
    }

    private void clients(
            Uring uring, UringServer server, int connections, SplittableRandom random) {
        Way[] ways = Way.values();
        while (next.getAndIncrement() < connections) {
            Way way = ways[random.nextInt(ways.length)];
            try (UringSocket socket = uring.connect(server.localAddress())) {
                client(socket, way, HEADER + random.nextInt(20_000));
            } catch (IOException | RuntimeException | Error e) {
                failures.add(new AssertionError(way.toString(), e));
            }
        }
    }

    private static void client(UringSocket socket, Way way, int size) throws IOException {
        switch (way) {
            case CLIENT_FIRST -> {
                socket.write(message(way, size));
                expect(socket, size);
            }
            case SERVER_FIRST -> {
                socket.write(message(way, size));
                expect(socket, size);
                if (socket.read(ByteBuffer.allocate(1)) >= 0) {
                    throw new AssertionError("more than was sent");
                }
            }
            case RESET -> {
                socket.write(message(way, size));
                socket.option(StandardSocketOptions.SO_LINGER, 0);
            }
            case UNREAD_BY_CLIENT, UNREAD_BY_SERVER -> socket.write(message(way, size));
            case SILENT -> {}
        }
    }

    private static ByteBuffer message(Way way, int size) {
        ByteBuffer message = ByteBuffer.allocate(size);
        return message.put(0, (byte) way.ordinal()).putInt(1, size);
    }

    private static void expect(UringSocket socket, int size) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(size);
        while (into.hasRemaining()) {
            if (socket.read(into, Duration.ofSeconds(20)) < 0) {
                throw new AssertionError("ended after " + into.position() + " of " + size);
            }
        }
    }

    private static void serve(UringSocket socket) {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (buffer.position() < HEADER) {
                if (socket.read(buffer) < 0) {
                    return;
                }
            }
            Way way = Way.values()[buffer.get(0)];
            if (way != Way.UNREAD_BY_SERVER) {
                answer(socket, buffer, way == Way.SERVER_FIRST ? buffer.getInt(1) : END);
            }
        } catch (IOException reset) {
            System.getLogger("churn").log(System.Logger.Level.TRACE, "some do just that", reset);
        }
    }

    /** Sends back what is in the buffer and what comes, so many bytes in all or until the end. */
    private static void answer(UringSocket socket, ByteBuffer buffer, int size) throws IOException {
        int left = size;
        while (true) {
            left -= buffer.position();
            socket.write(buffer.flip());
            buffer.clear();
            if (left <= 0 || socket.read(buffer) < 0) {
                return;
            }
        }
    }
}

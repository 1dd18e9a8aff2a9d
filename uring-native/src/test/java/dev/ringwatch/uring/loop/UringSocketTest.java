package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: the same sockets on rings and on channels. */
@Timeout(60)
class UringSocketTest {
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /** Sends back what comes, until the end. */
    private static void echo(UringSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(7919);
        while (socket.read(buffer) >= 0) {
            socket.write(buffer.flip());
            buffer.clear();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSentComesBack(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringServer server = uring.listen(ANY_PORT, UringSocketTest::echo)) {
            for (int size : new int[] {1, 4095, 4097, 100_003, 8 << 20}) {
                try (UringSocket socket = uring.connect(server.localAddress())) {
                    roundTrip(socket, size, size % 2 == 0);
                }
            }
        }
    }

    private static void roundTrip(UringSocket socket, int size, boolean direct) throws Exception {
        byte[] sent = new byte[size];
        new Random(size).nextBytes(sent);
        ByteBuffer from = direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
        from.put(sent).flip();
        CompletableFuture<Integer> writing = socket.writeAsync(from);
        ByteBuffer into = direct ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
        while (into.hasRemaining()) {
            assertTrue(socket.read(into) > 0);
        }
        assertEquals(size, writing.get(10, TimeUnit.SECONDS));
        socket.shutdownOutput();
        assertEquals(-1, socket.read(ByteBuffer.allocate(1)));
        byte[] received = new byte[size];
        into.flip().get(received);
        assertArrayEquals(sent, received);
    }
}

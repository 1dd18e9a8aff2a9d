package dev.ringwatch.uring.examples;

import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringOptions;
import dev.ringwatch.uring.loop.UringServer;
import dev.ringwatch.uring.loop.UringSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Sends back what it receives, a virtual thread a connection, until the standard input ends.
 *
 * <pre>
 * EchoServer PORT
 * </pre>
 */
public final class EchoServer {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final Duration GRACE = Duration.ofSeconds(2);

    private EchoServer() {}

    /** Runs; port 0 lets the kernel choose one, and the first line of output says which. */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: EchoServer PORT");
            System.exit(2);
        }
        InetSocketAddress address = new InetSocketAddress(Integer.parseInt(args[0]));
        try (Uring uring = Uring.open(UringOptions.defaults())) {
            UringServer server = uring.listen(address, EchoServer::echo);
            System.out.println("listening on " + server.localAddress());
            Input.awaitEnd();
            server.close(GRACE);
        }
    }

    private static void echo(UringSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        while (socket.read(buffer.clear()) >= 0) {
            socket.write(buffer.flip());
        }
    }
}

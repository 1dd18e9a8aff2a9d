package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.loop.LoopStatistics;
import dev.ringwatch.uring.loop.ServerOptions;
import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringOptions;
import dev.ringwatch.uring.loop.UringServer;
import dev.ringwatch.uring.loop.UringSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;

/** Our echo server in blocking style, one virtual thread a connection. */
final class FacadeEcho {
    private FacadeEcho() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        UringOptions options = UringOptions.defaults().with(UringOptions.Choice.IO_URING);
        ServerOptions listening =
                ServerOptions.defaults()
                        .withBacklog(1024)
                        .with(StandardSocketOptions.TCP_NODELAY, true);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Uring uring = Uring.open(options);
                UringServer server = uring.listen(anyPort, listening, FacadeEcho::echo)) {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            Control.serve(port, () -> counts(uring));
            new CountDownLatch(1).await();
        }
    }

    private static void echo(UringSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
        while (socket.read(buffer) >= 0) {
            socket.write(buffer.flip());
            buffer.clear();
        }
    }

    private static String counts(Uring uring) {
        long completions = 0;
        long enters = 0;
        for (var loop : uring.rings().orElseThrow().loops()) {
            LoopStatistics statistics = loop.statistics();
            completions += statistics.completions();
            enters += statistics.enters();
        }
        return completions + " " + enters;
    }
}

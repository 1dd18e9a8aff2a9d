package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.SocketAddresses;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;

/** Sockets and servers on channels of the JDK. Any thread. */
final class ChannelSockets implements SocketProvider {
    private final OpenSockets open = new OpenSockets();

    @Override
    public OpenSockets open() {
        return open;
    }

    @Override
    public UringServer listen(
            SocketAddress address, ServerOptions options, ConnectionHandler handler)
            throws IOException {
        open.requireOpen();
        return ChannelServer.listen(open, address, options, handler);
    }

    @Override
    public UringSocket connect(SocketAddress address, Deadline deadline) throws IOException {
        open.requireOpen();
        SocketChannel channel = SocketChannel.open(SocketAddresses.family(address));
        try {
            connect(channel, address, deadline);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        open.counters().connected.increment();
        return new ChannelSocket(channel, open);
    }

    private static void connect(SocketChannel channel, SocketAddress address, Deadline deadline)
            throws IOException {
        if (!deadline.limited()) {
            channel.connect(address);
            return;
        }
        PendingCall connecting = PendingCall.start(() -> channel.connect(address) ? 1 : 0);
        if (!connecting.await(deadline, channel)) {
            throw new SocketTimeoutException("no connection to " + address + " in time");
        }
        connecting.result();
    }
}

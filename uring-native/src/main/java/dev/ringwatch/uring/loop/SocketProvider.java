package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.net.SocketAddress;

/** Makes the sockets and servers of one backend. */
sealed interface SocketProvider permits RingSockets, ChannelSockets {
    UringServer listen(SocketAddress address, ServerOptions options, ConnectionHandler handler)
            throws IOException;

    UringSocket connect(SocketAddress address, Deadline deadline) throws IOException;

    OpenSockets open();
}

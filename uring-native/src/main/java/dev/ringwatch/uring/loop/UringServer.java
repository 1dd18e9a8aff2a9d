package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * Listens, and runs a handler on a virtual thread of its own for each connection.
 *
 * <p>Any thread may use it.
 */
public sealed interface UringServer extends AutoCloseable permits RingServer, ChannelServer {
    /** Where it listens, with the port the kernel chose if it was to. */
    SocketAddress localAddress();

    /** Connections whose handlers run. */
    int connections();

    /** Whether it was not closed and did not fail. */
    boolean isOpen();

    /** Stops listening. Handlers go on. Does nothing the second time. */
    @Override
    void close() throws IOException;

    /**
     * Stops listening, waits for the handlers, and closes the sockets of those that did not end.
     *
     * @param grace how long they have
     * @return connections that were closed under their handlers
     */
    int close(Duration grace) throws IOException;
}

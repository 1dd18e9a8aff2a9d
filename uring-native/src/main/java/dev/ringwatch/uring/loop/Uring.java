package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * Sockets, servers and files in blocking style for virtual threads: on io_uring, or where that is
 * refused on the channels of the JDK.
 *
 * <pre>{@code
 * try (Uring uring = Uring.open(UringOptions.defaults());
 *         UringServer server = uring.listen(address, socket -> echo(socket))) {
 *     ...
 * }
 * }</pre>
 *
 * <p>A virtual thread that calls is parked until the kernel is done; no platform thread waits with
 * it. Which backend runs, and why, is {@link #backend()}, one line in the log, and a meter.
 *
 * <p>Any thread may use it; calls that block belong on virtual threads.
 */
public final class Uring implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Uring.class.getName());

    private final Backend backend;
    private final Optional<RingGroup> rings;
    private final SocketProvider sockets;

    private Uring(Backend backend, Optional<RingGroup> rings, SocketProvider sockets) {
        this.backend = backend;
        this.rings = rings;
        this.sockets = sockets;
        LOG.log(
                System.Logger.Level.INFO,
                "sockets and files run on {0}: {1}",
                backend.kind().label(),
                backend.reason());
    }

    /**
     * Starts the rings, or falls back.
     *
     * @throws ErrnoException why the kernel refuses rings, and what to change, if the options want
     *     nothing else
     */
    public static Uring open(UringOptions options) throws IOException {
        return switch (options.choice()) {
            case BEST -> best(options);
            case IO_URING -> onRings(options);
            case JDK_CHANNELS -> onChannels("wanted by the options");
        };
    }

    private static Uring best(UringOptions options) throws IOException {
        try {
            return onRings(options);
        } catch (ErrnoException refusal) {
            return onChannels(String.valueOf(refusal.getMessage()));
        }
    }

    private static Uring onRings(UringOptions options) throws IOException {
        RingGroup rings = RingGroup.start(options.loops(), options.loop());
        String reason = rings.loops().size() + " rings";
        return new Uring(
                new Backend(Backend.Kind.IO_URING, reason),
                Optional.of(rings),
                new RingSockets(rings, options.sockets()));
    }

    private static Uring onChannels(String reason) {
        return new Uring(
                new Backend(Backend.Kind.JDK_CHANNELS, reason),
                Optional.empty(),
                new ChannelSockets());
    }

    /** What runs, and why. */
    public Backend backend() {
        return backend;
    }

    /** The rings, if io_uring runs. */
    public Optional<RingGroup> rings() {
        return rings;
    }

    /**
     * Listens with {@link ServerOptions#defaults()}.
     *
     * @param address where: IPv4, IPv6 or AF_UNIX; port 0 lets the kernel choose one
     * @param handler runs for each connection, on a virtual thread of its own
     * @throws IOException why the kernel refuses that
     */
    public UringServer listen(SocketAddress address, ConnectionHandler handler) throws IOException {
        return listen(address, ServerOptions.defaults(), handler);
    }

    /** {@link #listen(SocketAddress, ConnectionHandler)} with other options. */
    public UringServer listen(
            SocketAddress address, ServerOptions options, ConnectionHandler handler)
            throws IOException {
        return sockets.listen(address, options, handler);
    }

    /** {@link #connect(SocketAddress, Duration)} for as long as the kernel tries. */
    public UringSocket connect(SocketAddress address) throws IOException {
        return sockets.connect(address, Deadline.NEVER);
    }

    /**
     * Connects a socket.
     *
     * @param address where to: IPv4, IPv6 or AF_UNIX
     * @param timeout how long at most
     * @throws java.net.SocketTimeoutException if that was not long enough
     * @throws java.net.ConnectException if nobody listens there
     * @throws java.nio.channels.ClosedByInterruptException if the caller is interrupted
     * @throws IOException what else the kernel says
     */
    public UringSocket connect(SocketAddress address, Duration timeout) throws IOException {
        return sockets.connect(address, Deadline.in(timeout));
    }

    /**
     * {@link #listen(SocketAddress, ServerOptions, ConnectionHandler)} with TLS: the handler is given
     * a {@link TlsSocket}, after the handshake.
     *
     * @param context has the server's key
     * @param parameters such as application protocols and what is asked of clients; what is not set
     *     is the context's
     */
    public UringServer listenTls(
            SocketAddress address,
            ServerOptions options,
            SSLContext context,
            SSLParameters parameters,
            ConnectionHandler handler)
            throws IOException {
        return sockets.listen(
                address,
                options,
                TlsHandshakes.server(context, parameters, handler, sockets.open().counters()));
    }

    /** {@link #listenTls} with defaults. */
    public UringServer listenTls(
            SocketAddress address, SSLContext context, ConnectionHandler handler)
            throws IOException {
        return listenTls(address, ServerOptions.defaults(), context, new SSLParameters(), handler);
    }

    /**
     * Connects a socket and makes a TLS handshake. The name in the address is asked for (SNI), and the
     * server's certificate must be for it, unless the parameters have another endpoint identification
     * algorithm; the empty one accepts every certificate that is trusted.
     *
     * @param context has the certificates that are trusted
     * @param parameters such as application protocols; what is not set is the context's
     * @param timeout how long both together take at most
     * @throws javax.net.ssl.SSLException why the handshake failed
     * @throws IOException as for {@link #connect(SocketAddress, Duration)}
     */
    public TlsSocket connectTls(
            SocketAddress address, SSLContext context, SSLParameters parameters, Duration timeout)
            throws IOException {
        Deadline deadline = Deadline.in(timeout);
        SSLEngine engine = TlsHandshakes.client(address, context, parameters);
        return TlsSocket.establish(sockets.connect(address, deadline), engine, deadline);
    }

    /** {@link #connectTls} with the context's parameters. */
    public TlsSocket connectTls(SocketAddress address, SSLContext context, Duration timeout)
            throws IOException {
        return connectTls(address, context, new SSLParameters(), timeout);
    }

    /** What sockets and servers did since this was opened. */
    public SocketStatistics socketStatistics() {
        return sockets.open().counters().statistics();
    }

    /**
     * Closes the servers and sockets that are still open, whose callers get an exception, and ends the
     * rings in order. Files must be closed before.
     *
     * @throws IOException what did not end
     */
    @Override
    public void close() throws IOException {
        try {
            sockets.open().closeAll();
        } finally {
            if (rings.isPresent()) {
                rings.get().close();
            }
        }
    }
}

package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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

    /** Holds what fits into an Ethernet frame. */
    private static final int DATAGRAM_BYTES = 2048;

    private final Backend backend;
    private final Optional<RingGroup> rings;
    private final SocketProvider sockets;
    private final PlainEngine plain = new PlainEngine();
    private final UringFiles files = new UringFiles(this::engine);
    private final DescriptorPassing passing;

    private Uring(Backend backend, Optional<RingGroup> rings, SocketProvider sockets) {
        this.backend = backend;
        this.rings = rings;
        this.sockets = sockets;
        passing =
                rings.map(group -> PassingTrial.of(new RingEngine(group.next())))
                        .orElseGet(() -> PassingTrial.plain("there is no ring"));
        LOG.log(
                System.Logger.Level.INFO,
                "sockets and files run on {0}: {1}",
                backend.kind().label(),
                backend.reason());
        LOG.log(
                System.Logger.Level.INFO,
                "descriptors are passed by {0}: {1}",
                passing.means(),
                passing.reason());
    }

    /**
     * Starts the rings, or falls back.
     *
     * @throws ErrnoException why the kernel refuses rings, and what to change, if the options want
     *     nothing else
     */
    public static Uring open(UringOptions options) throws IOException {
        return open(options, loops -> {});
    }

    /**
     * {@link #open(UringOptions)}, with a look at the loops before they start.
     *
     * @param beforeStart is given the loops, to register their meters; not called without rings
     */
    public static Uring open(UringOptions options, Consumer<? super List<RingLoop>> beforeStart)
            throws IOException {
        return switch (options.choice()) {
            case BEST -> best(options, beforeStart);
            case IO_URING -> onRings(options, beforeStart);
            case JDK_CHANNELS -> onChannels("wanted by the options");
        };
    }

    private static Uring best(UringOptions options, Consumer<? super List<RingLoop>> beforeStart)
            throws IOException {
        try {
            return onRings(options, beforeStart);
        } catch (ErrnoException refusal) {
            return onChannels(String.valueOf(refusal.getMessage()));
        }
    }

    private static Uring onRings(UringOptions options, Consumer<? super List<RingLoop>> beforeStart)
            throws IOException {
        RingGroup rings = RingGroup.create(options.loops(), options.loop());
        beforeStart.accept(rings.loops());
        rings.start();
        int count = rings.loops().size();
        String reason = count == 1 ? "1 ring" : count + " rings";
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

    /** Files by name. */
    public UringFiles files() {
        return files;
    }

    /** Opens a file: {@link UringFiles#open(Path, OpenOption...)}. */
    public UringFile openFile(Path path, OpenOption... options) throws IOException {
        return files.open(path, options);
    }

    /**
     * A pool of page-aligned buffers for files, registered with a loop where there are rings.
     *
     * @param count 1 to 16384
     * @param bytes of each, 1 or more
     * @throws IllegalStateException if every loop has such a pool
     * @throws ErrnoException ENOMEM if RLIMIT_MEMLOCK (ulimit -l) is too small
     */
    public FixedBuffers fixedBuffers(int count, int bytes) throws IOException {
        if (rings.isEmpty()) {
            return FixedBuffers.plain(count, bytes);
        }
        for (RingLoop loop : rings.get().loops()) {
            try {
                return FixedBuffers.registered(loop, count, bytes);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBUSY) {
                    throw e;
                }
            }
        }
        throw new IllegalStateException(
                "every loop has a pool of fixed buffers; close one, or start more loops");
    }

    /** By what means descriptors are passed, and why. */
    public DescriptorPassing descriptorPassing() {
        return passing;
    }

    /**
     * Passes descriptors over a socket.
     *
     * @param socket a connected AF_UNIX socket, taken over
     */
    public DescriptorChannel descriptorChannel(OwnedFd socket) {
        return new DescriptorChannel(
                switch (passing.means()) {
                    case RING -> engine();
                    case PLAIN_CALLS -> plain;
                },
                socket);
    }

    /**
     * A socket for datagrams.
     *
     * @param local where it is bound: IPv4, IPv6 or AF_UNIX; port 0 lets the kernel choose one, the
     *     empty AF_UNIX path leaves it without a name
     */
    public UringDatagrams datagrams(SocketAddress local) throws IOException {
        return datagrams(local, DATAGRAM_BYTES);
    }

    /**
     * {@link #datagrams(SocketAddress)} whose streams have room for longer or shorter datagrams.
     *
     * @param streamBytes room for each datagram of a stream; 2048 otherwise
     */
    public UringDatagrams datagrams(SocketAddress local, int streamBytes) throws IOException {
        return UringDatagrams.bind(engine(), plain, local, streamBytes);
    }

    private Engine engine() {
        return rings.isPresent() ? new RingEngine(rings.get().next()) : plain;
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
            plain.close();
            if (rings.isPresent()) {
                rings.get().close();
            }
        }
    }
}

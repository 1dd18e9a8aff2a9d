package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketAddresses;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A server on a ring: one operation accepts until it is cancelled, or with a limit of connections
 * one at a time, so that not one too many is accepted.
 */
final class RingServer implements UringServer {
    private static final System.Logger LOG = System.getLogger(UringServer.class.getName());

    /** How long a server without descriptors waits, unless a connection ends before. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final RingSockets sockets;
    private final RingLoop loop;
    private final SharedFd fd;
    private final SocketAddress address;
    private final ServerOptions options;
    private final Connections connections;
    private final Accept accept;

    /** Not accepting, for want of descriptors or because of the limit; who clears it begins again. */
    private final AtomicBoolean held = new AtomicBoolean();

    private RingServer(
            RingSockets sockets,
            RingLoop loop,
            SharedFd fd,
            SocketAddress address,
            ServerOptions options,
            ConnectionHandler handler) {
        this.sockets = sockets;
        this.loop = loop;
        this.fd = fd;
        this.address = address;
        this.options = options;
        accept = new Accept(options.maxConnections() == Integer.MAX_VALUE);
        connections =
                new Connections(
                        "server " + address,
                        options.maxConnections(),
                        handler,
                        sockets.open().counters());
    }

    static RingServer listen(
            RingSockets sockets,
            RingLoop loop,
            SocketAddress wanted,
            ServerOptions options,
            ConnectionHandler handler)
            throws IOException {
        OwnedFd fd = bound(wanted, options);
        try {
            Sockets.listen(fd.number(), options.backlog());
            SocketAddress address = Sockets.localAddress(fd.number());
            RingServer server =
                    new RingServer(
                            sockets, loop, new SharedFd(fd.number()), address, options, handler);
            fd.release();
            sockets.open().opened(server);
            server.accept.begin();
            return server;
        } catch (ErrnoException e) {
            fd.close();
            throw SocketErrors.of(e);
        }
    }

    private static OwnedFd bound(SocketAddress address, ServerOptions options) throws IOException {
        int domain = listeningDomain(address);
        OwnedFd fd = Sockets.socket(domain, Sockets.SOCK_STREAM, 0);
        try {
            if (domain != Sockets.AF_UNIX) {
                Sockets.setOption(fd.number(), Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
            }
            setAll(fd.number(), options); // those of the listening socket pass to the accepted
            Sockets.bind(fd.number(), domain, address);
            return fd;
        } catch (ErrnoException e) {
            fd.close();
            throw SocketErrors.of(e);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** As in the JDK, the wildcard is of both families, where there is IPv6. */
    private static int listeningDomain(SocketAddress address) throws IOException {
        boolean wildcard =
                address instanceof InetSocketAddress inet
                        && !inet.isUnresolved()
                        && inet.getAddress().isAnyLocalAddress();
        if (!wildcard) {
            return SocketAddresses.domain(address);
        }
        try (OwnedFd tried = Sockets.socket(Sockets.AF_INET6, Sockets.SOCK_STREAM, 0)) {
            return tried.isOpen() ? Sockets.AF_INET6 : Sockets.AF_INET;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAFNOSUPPORT) {
                return Sockets.AF_INET;
            }
            throw e;
        }
    }

    private static void setAll(int number, ServerOptions options) throws ErrnoException {
        for (Map.Entry<SocketOption<?>, Object> each : options.options().entrySet()) {
            SocketSettings.set(number, each.getKey(), each.getValue());
        }
    }

    @Override
    public SocketAddress localAddress() {
        return address;
    }

    @Override
    public int connections() {
        return connections.count();
    }

    @Override
    public boolean isOpen() {
        return !fd.isClosing();
    }

    @Override
    public void close() throws IOException {
        if (!fd.beginClose()) {
            return;
        }
        loop.cancel(accept);
        if (loop.inLoop()) {
            finishLater();
        } else {
            finish();
        }
    }

    @Override
    public int close(Duration grace) throws IOException {
        close();
        return connections.awaitNone(grace) ? 0 : connections.closeAll();
    }

    private void finish() throws IOException {
        try {
            fd.close();
        } finally {
            sockets.open().closed(this);
        }
    }

    /** What it waits for may be for this thread to do. */
    private void finishLater() {
        Thread.ofVirtual()
                .name("close")
                .start(
                        () -> {
                            try {
                                finish();
                            } catch (IOException e) {
                                sockets.open().closeFailed(e);
                            }
                        });
    }

    /** A connection ended, so there may be a descriptor, or room below the limit. */
    private void resume() {
        if (held.get() && held.compareAndSet(true, false)) {
            accept.begin();
        }
    }

    private void serve(int number) {
        if (fd.isClosing()) {
            drop(number);
            return;
        }
        RingSocket socket;
        try {
            if (address instanceof UnixDomainSocketAddress) {
                setAll(number, options);
            }
            socket = sockets.accepted(number);
        } catch (IOException | RuntimeException e) {
            drop(number);
            LOG.log(System.Logger.Level.WARNING, "server " + address + " lost a connection", e);
            return;
        }
        connections.serve(socket, this::resume);
    }

    private static void drop(int number) {
        try {
            Fds.close(number);
        } catch (ErrnoException e) {
            LOG.log(System.Logger.Level.WARNING, "closing a connection", e);
        }
    }

    /** The operation that accepts. */
    private final class Accept extends LoopOperation {
        /** Whether the kernel goes on by itself; one of 5.15 to 5.18 does not. The loop's. */
        private boolean multishot;

        /** In an episode without descriptors. The loop's. */
        private boolean exhausted;

        Accept(boolean multishot) {
            this.multishot = multishot;
        }

        /** Any thread, while it is not in the kernel. */
        void begin() {
            if (!fd.acquire()) {
                return;
            }
            try {
                loop.submit(this);
            } catch (RejectedExecutionException e) {
                completed(-Errno.ECANCELED.code(), 0);
                return;
            }
            if (fd.isClosing()) { // who closes may have asked to cancel it before it was there
                loop.cancel(this);
            }
        }

        @Override
        protected void write(SubmissionEntry entry, MemorySegment room) {
            if (multishot) {
                entry.acceptMultishot(fd.number(), Sockets.SOCK_CLOEXEC);
            } else {
                entry.accept(fd.number(), 0, 0, Sockets.SOCK_CLOEXEC);
            }
        }

        @Override
        protected void completed(int result, int flags) {
            if (result >= 0) {
                exhausted = false;
                serve(result);
            }
            if (Completion.isLast(flags)) {
                fd.release();
                goOn(result);
            }
        }

        @Override
        protected void abandoned() {
            fd.release();
        }

        @Override
        protected String description() {
            return "accepting at " + address;
        }

        private void goOn(int result) {
            switch (Errno.of(-result)) {
                case UNNAMED, ECONNABORTED, EAGAIN, EINTR -> acceptBelowLimit();
                case EMFILE, ENFILE, ENOBUFS, ENOMEM -> waitForDescriptors(result);
                case EINVAL -> withoutMultishot(result);
                default -> failed(result);
            }
        }

        private void acceptBelowLimit() {
            if (connections.mayAccept()) {
                begin();
                return;
            }
            held.set(true);
            if (connections.mayAccept()) { // one may have ended before it was held
                resume();
            }
        }

        private void waitForDescriptors(int result) {
            if (!exhausted) {
                exhausted = true;
                sockets.open().counters().descriptorEpisodes.increment();
                LOG.log(
                        System.Logger.Level.WARNING,
                        "server {0} cannot accept: {1}; it tries again when a connection ends, and"
                                + " ten times a second; raise the limit of open files (ulimit -n)",
                        address,
                        Errno.of(-result));
            }
            held.set(true);
            if (!loop.isClosing()) {
                loop.schedule(PATIENCE, RingServer.this::resume);
            }
        }

        private void withoutMultishot(int result) {
            if (multishot) {
                multishot = false;
                begin();
            } else {
                failed(result);
            }
        }

        private void failed(int result) {
            if (!fd.isClosing()) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "server {0} accepts no more: {1}",
                        address,
                        Errno.of(-result));
                if (fd.beginClose()) {
                    finishLater();
                }
            }
        }
    }
}

package dev.ringwatch.agent.serve;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An HTTP/1.1 server over Netty's native epoll transport, on TCP and unix sockets. GET and HEAD
 * only; no request has a body.
 *
 * <p>One event loop thread moves all bytes; routes run on a thread each. All methods are safe for
 * any thread, but {@link #close} must not be called by a route: it would wait for itself, until its
 * time is over.
 */
public final class Server implements AutoCloseable {
    /** For what is left of the loop's work once every connection is closed. */
    private static final Duration LOOP_END = Duration.ofSeconds(2);

    private final Limits limits;
    private final Security security;
    private final LimitCounts counts = new LimitCounts();
    private final Dispatcher dispatcher;
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(
                    1,
                    new DefaultThreadFactory("ringwatch-http", true),
                    EpollIoHandler.newFactory());
    private final List<Listener.Bound> bound = new ArrayList<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closing = new AtomicBoolean();

    private Server(Routes routes, Security security, Limits limits) {
        this.limits = limits;
        this.security = security;
        this.dispatcher = new Dispatcher(routes, security, limits, counts);
    }

    /**
     * Listens on all of these addresses, for everybody and with the default limits.
     *
     * @throws ListenException as {@link #start(List, List, Routes, Security, Limits)}
     */
    public static Server start(List<ListenAddress> addresses, Routes routes)
            throws ListenException {
        return start(addresses, List.of(), routes, Security.NONE, Limits.defaults());
    }

    /**
     * Listens on all of these addresses and inherited sockets, or on none.
     *
     * <p>A unix socket gets mode 0660. Its file is replaced if nobody listens on it any more, and
     * removed on close.
     *
     * @throws ListenException if an address cannot be bound, or if the epoll transport does not
     *     work here; the message is one line
     */
    public static Server start(
            List<ListenAddress> addresses,
            List<Inherited> inherited,
            Routes routes,
            Security security,
            Limits limits)
            throws ListenException {
        requireEpoll();
        Server server = new Server(routes, security, limits);
        try {
            server.listen(addresses, inherited);
            return server;
        } catch (ListenException e) {
            server.close();
            throw e;
        }
    }

    /** The addresses it listens on, in the order given and then the inherited, with the ports that the kernel chose. */
    public List<ListenAddress> addresses() {
        return bound.stream().map(Listener.Bound::address).toList();
    }

    /** Runs a task in the thread that makes the threads of all requests, and waits for it. */
    public void inItsThread(Runnable task) {
        group.submit(task).syncUninterruptibly();
    }

    /** How often each limit was hit since the start; every limit is there. */
    public Map<Limit, Long> limitsReached() {
        return counts.snapshot();
    }

    /**
     * Stops listening, lets running responses finish for at most {@link Limits#closing}, then
     * closes the rest and interrupts what still runs. Does nothing the second time. An interrupt
     * ends the waiting and is kept.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        bound.forEach(listener -> listener.channel().close().awaitUninterruptibly());
        connections.forEach(Connection::finish);
        awaitConnections(System.nanoTime() + limits.closing().toNanos());
        // In this order, so that no half-hearted answer of an interrupted route gets out.
        connections.forEach(Connection::abort);
        dispatcher.interrupt();
        group.shutdownGracefully(0, LOOP_END.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(LOOP_END.toMillis());
    }

    /** Requests that are worked on now. */
    int running() {
        return dispatcher.running();
    }

    /** Whether {@link #close} has begun: no request after the running one is answered. */
    boolean closing() {
        return closing.get();
    }

    Security security() {
        return security;
    }

    Limits limits() {
        return limits;
    }

    LimitCounts counts() {
        return counts;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    /** Takes a connection in, unless there are too many; on the event loop, so one at a time. */
    boolean opened(Connection connection) {
        if (closing.get()) {
            return false;
        }
        if (count(connection.onUnixSocket()) >= limits.connections()) {
            counts.hit(Limit.CONNECTIONS);
            return false;
        }
        return connections.add(connection);
    }

    private long count(boolean onUnixSocket) {
        return connections.stream().filter(c -> c.onUnixSocket() == onUnixSocket).count();
    }

    void closed(Connection connection) {
        connections.remove(connection);
    }

    private void listen(List<ListenAddress> addresses, List<Inherited> inherited)
            throws ListenException {
        Listener listener = new Listener(group, new NewConnection());
        for (ListenAddress address : addresses) {
            bound.add(listener.bind(address));
        }
        for (Inherited socket : inherited) {
            bound.add(listener.adopt(socket));
        }
    }

    private void awaitConnections(long deadline) {
        try {
            for (Connection connection : connections) {
                long left = Math.max(0, deadline - System.nanoTime());
                connection.closed().await(left, TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void requireEpoll() throws ListenException {
        if (!Epoll.isAvailable()) {
            Throwable cause = Epoll.unavailabilityCause();
            throw new ListenException(
                    "Netty's epoll transport does not work here: " + cause, cause);
        }
    }

    private final class NewConnection extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            boolean onUnixSocket = channel instanceof DomainSocketChannel;
            new Connection(Server.this, (DuplexChannel) channel, onUnixSocket).install();
        }

        @Override
        public boolean isSharable() {
            return true;
        }
    }
}

package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.SocketAddresses;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A server on a channel of the JDK, accepting on a virtual thread. */
final class ChannelServer implements UringServer {
    private static final System.Logger LOG = System.getLogger(UringServer.class.getName());

    /** How long a server that cannot accept waits, unless a connection ends before. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final OpenSockets registry;
    private final ServerSocketChannel channel;
    private final SocketAddress address;
    private final ServerOptions options;
    private final Connections connections;

    /** Permits for another look: connections ended, or the channel closed. */
    private final Semaphore changed = new Semaphore(0);

    /** In an episode without descriptors. The accepting thread's. */
    private boolean exhausted;

    private ChannelServer(
            OpenSockets registry,
            ServerSocketChannel channel,
            SocketAddress address,
            ServerOptions options,
            ConnectionHandler handler) {
        this.registry = registry;
        this.channel = channel;
        this.address = address;
        this.options = options;
        connections =
                new Connections(
                        "server " + address,
                        options.maxConnections(),
                        handler,
                        registry.counters());
    }

    static ChannelServer listen(
            OpenSockets registry,
            SocketAddress wanted,
            ServerOptions options,
            ConnectionHandler handler)
            throws IOException {
        ServerSocketChannel channel = open(wanted);
        try {
            setAll(channel, options);
            channel.bind(wanted, options.backlog());
            SocketAddress address = channel.getLocalAddress();
            ChannelServer server = new ChannelServer(registry, channel, address, options, handler);
            registry.opened(server);
            Thread.ofVirtual().name("accept " + address).start(server::acceptAll);
            return server;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static ServerSocketChannel open(SocketAddress wanted) throws IOException {
        return SocketAddresses.family(wanted) == StandardProtocolFamily.UNIX
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
    }

    /** Sets those the channel has: a listening channel has few. */
    private static void setAll(NetworkChannel channel, ServerOptions options) throws IOException {
        for (SocketOption<?> option : options.options().keySet()) {
            if (channel.supportedOptions().contains(option)) {
                set(channel, option, options);
            }
        }
    }

    private static <T> void set(
            NetworkChannel channel, SocketOption<T> option, ServerOptions options)
            throws IOException {
        channel.setOption(option, option.type().cast(options.options().get(option)));
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
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            changed.release();
            registry.closed(this);
        }
    }

    @Override
    public int close(Duration grace) throws IOException {
        close();
        return connections.awaitNone(grace) ? 0 : connections.closeAll();
    }

    private void acceptAll() {
        try {
            while (channel.isOpen()) {
                if (connections.mayAccept()) {
                    acceptOne();
                } else {
                    changed.acquire();
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("somebody interrupted the server's own thread", e);
        }
    }

    private void acceptOne() throws InterruptedException {
        try {
            serve(channel.accept());
            exhausted = false;
        } catch (ClosedChannelException e) {
            LOG.log(System.Logger.Level.DEBUG, "server {0} is closed", address);
        } catch (IOException e) {
            waitForDescriptors(e);
        }
    }

    private void serve(SocketChannel accepted) {
        try {
            setAll(accepted, options);
            connections.serve(new ChannelSocket(accepted, registry), changed::release);
        } catch (IOException | RuntimeException e) {
            drop(accepted);
            LOG.log(System.Logger.Level.WARNING, "server " + address + " lost a connection", e);
        }
    }

    private void drop(SocketChannel accepted) {
        try {
            accepted.close();
        } catch (IOException e) {
            registry.closeFailed(e);
        }
    }

    private void waitForDescriptors(IOException why) throws InterruptedException {
        if (!exhausted) {
            exhausted = true;
            registry.counters().descriptorEpisodes.increment();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "server {0} cannot accept: {1}; it tries again when a connection ends, and ten"
                            + " times a second; raise the limit of open files (ulimit -n)",
                    address,
                    why.getMessage());
        }
        if (changed.tryAcquire(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
            changed.drainPermits();
        }
    }

    @Override
    public String toString() {
        return "ChannelServer[" + address + "]";
    }
}

package dev.ringwatch.agent.serve;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import dev.ringwatch.agent.serve.ListenAddress.Unix;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Binds addresses for one event loop group, and says in a line why one cannot be bound. */
final class Listener {
    /** Its owner and its group talk to the agent; nobody else. */
    private static final Set<PosixFilePermission> MODE =
            PosixFilePermissions.fromString("rw-rw----");

    /** One read: bounds what one connection can make the codec hold at once. */
    private static final int READ_BYTES = 8 * 1024;

    /** File types of st_mode, inode(7). */
    private static final int S_IFMT = 0170000;

    private static final int S_IFSOCK = 0140000;

    /** errno(3); the same on all architectures that Netty's native transport exists for. */
    private static final int ENOENT = 2;

    private static final int EACCES = 13;
    private static final int ENOTDIR = 20;
    private static final int EROFS = 30;
    private static final int EAFNOSUPPORT = 97;
    private static final int EADDRINUSE = 98;
    private static final int EADDRNOTAVAIL = 99;

    /** A channel that listens, and the address it got. */
    record Bound(Channel channel, ListenAddress address) {}

    private final EventLoopGroup group;
    private final ChannelInitializer<Channel> connections;

    Listener(EventLoopGroup group, ChannelInitializer<Channel> connections) {
        this.group = group;
        this.connections = connections;
    }

    Bound bind(ListenAddress address) throws ListenException {
        return switch (address) {
            case Tcp tcp -> bindTcp(tcp);
            case Unix unix -> bindUnix(unix);
        };
    }

    /** Serves a socket that listens already. */
    Bound adopt(Inherited inherited) throws ListenException {
        ServerBootstrap bootstrap =
                switch (inherited.address()) {
                    case Tcp tcp ->
                            bootstrap(() -> new EpollServerSocketChannel(inherited.fd()))
                                    .childOption(ChannelOption.TCP_NODELAY, true);
                    case Unix unix ->
                            bootstrap(() -> new EpollServerDomainSocketChannel(inherited.fd()));
                };
        ChannelFuture registered = bootstrap.register();
        await(registered, inherited.address());
        // Netty takes a unix socket that it did not bind for one that does not listen yet.
        registered.channel().read();
        return new Bound(registered.channel(), inherited.address());
    }

    private Bound bindTcp(Tcp address) throws ListenException {
        InetSocketAddress local = new InetSocketAddress(address.host(), address.port());
        if (local.isUnresolved()) {
            throw new ListenException(address + ": no such host");
        }
        ServerBootstrap bootstrap =
                bootstrap(EpollServerSocketChannel::new)
                        .childOption(ChannelOption.TCP_NODELAY, true);
        Channel channel = bind(bootstrap.register(), local, address);
        int port = ((InetSocketAddress) channel.localAddress()).getPort();
        return new Bound(channel, new Tcp(address.host(), port));
    }

    /**
     * The mode is set twice. On the socket before bind, which makes the file with no more than that
     * mode (unix_bind_bsd in net/unix/af_unix.c), so that there is no moment when others may
     * connect; and on the file after, because the umask may have taken the group's part away.
     */
    private Bound bindUnix(Unix address) throws ListenException {
        removeStale(address);
        ChannelFuture registered = bootstrap(EpollServerDomainSocketChannel::new).register();
        await(registered, address);
        int fd = ((UnixChannel) registered.channel()).fd().intValue();
        setMode(Path.of("/proc/self/fd/" + fd), registered.channel(), address);
        DomainSocketAddress local = new DomainSocketAddress(address.path().toString());
        Channel channel = bind(registered, local, address);
        setMode(address.path(), channel, address);
        return new Bound(channel, address);
    }

    private ServerBootstrap bootstrap(ChannelFactory<ServerChannel> type) {
        return new ServerBootstrap()
                .group(group)
                .channelFactory(type)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
                .childHandler(connections);
    }

    private static Channel bind(ChannelFuture registered, SocketAddress local, ListenAddress name)
            throws ListenException {
        await(registered, name);
        Channel channel = registered.channel();
        try {
            await(channel.bind(local), name);
            return channel;
        } catch (ListenException e) {
            channel.close().awaitUninterruptibly();
            throw e;
        }
    }

    private static void await(ChannelFuture step, ListenAddress address) throws ListenException {
        Throwable cause = step.awaitUninterruptibly().cause();
        if (cause != null) {
            boolean inUse = cause instanceof NativeIoException e && -e.expectedErr() == EADDRINUSE;
            throw new ListenException(address + ": " + reason(address, cause), cause, inUse);
        }
    }

    private static void setMode(Path path, Channel channel, Unix address) throws ListenException {
        try {
            Files.setPosixFilePermissions(path, MODE);
        } catch (IOException e) {
            channel.close().awaitUninterruptibly();
            throw new ListenException(address + ": cannot set its mode: " + e.getMessage(), e);
        }
    }

    /** A crash leaves the file behind: bind would find it in use, though nobody listens. */
    private static void removeStale(Unix address) throws ListenException {
        Path path = address.path();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            if (!isSocket(path)) {
                throw new ListenException(
                        address + ": exists and is not a socket; choose another with --listen");
            }
            if (isListenedTo(path)) {
                throw new ListenException(
                        address + ": " + inUse(), new ConnectException("connected"), true);
            }
            Files.delete(path);
        } catch (ListenException e) {
            throw e;
        } catch (IOException e) {
            throw new ListenException(address + ": in the way, and not ours to replace: " + e, e);
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return mode instanceof Integer bits && (bits & S_IFMT) == S_IFSOCK;
    }

    /** Does not block, for a listener whose backlog is full listens all the same. */
    private static boolean isListenedTo(Path path) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
            return true;
        } catch (ConnectException refused) {
            return false;
        }
    }

    private static String reason(ListenAddress address, Throwable cause) {
        return switch (cause) {
            case NativeIoException e -> reason(address, -e.expectedErr(), e);
            default -> String.valueOf(cause.getMessage());
        };
    }

    private static String reason(ListenAddress address, int errno, NativeIoException e) {
        return switch (errno) {
            case EADDRINUSE -> inUse();
            case EACCES -> notPermitted(address);
            case EADDRNOTAVAIL -> "no interface here has this address";
            case EAFNOSUPPORT -> "this kernel has no IPv6, or it is switched off";
            case ENOENT, ENOTDIR -> "its directory does not exist";
            case EROFS -> "its file system is read-only";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static String inUse() {
        return "already in use; choose another with --listen";
    }

    private static String notPermitted(ListenAddress address) {
        return switch (address) {
            case Tcp tcp ->
                    "not permitted; needs CAP_NET_BIND_SERVICE, or a port not below"
                            + " net.ipv4.ip_unprivileged_port_start";
            case Unix unix -> "not permitted to create a file in its directory";
        };
    }
}

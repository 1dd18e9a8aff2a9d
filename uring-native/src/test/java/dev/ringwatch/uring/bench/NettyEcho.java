package dev.ringwatch.uring.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;

/** Netty's echo server with one event loop: {@code NettyEcho epoll} or {@code NettyEcho uring}. */
final class NettyEcho {
    private static final short GROUP = 0;

    /** Which transport. */
    enum Transport {
        EPOLL,
        URING
    }

    private NettyEcho() {}

    public static void main(String[] arguments) throws InterruptedException {
        Transport transport = Transport.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                        .childHandler(new Connection());
        switch (transport) {
            case EPOLL -> epoll(bootstrap);
            case URING -> uring(bootstrap);
        }
        Channel server = bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        Control.serve(((InetSocketAddress) server.localAddress()).getPort(), () -> "- -");
        server.closeFuture().sync();
    }

    private static void epoll(ServerBootstrap bootstrap) {
        if (!Epoll.isAvailable()) {
            Control.unavailable(Epoll.unavailabilityCause().toString());
        }
        bootstrap.group(loop(EpollIoHandler.newFactory())).channel(EpollServerSocketChannel.class);
    }

    /** With a ring of provided buffers as large as ours. */
    private static void uring(ServerBootstrap bootstrap) {
        if (!IoUring.isAvailable()) {
            Control.unavailable(IoUring.unavailabilityCause().toString());
        }
        IoUringIoHandlerConfig config = new IoUringIoHandlerConfig();
        config.setBufferRingConfig(
                IoUringBufferRingConfig.builder()
                        .bufferGroupId(GROUP)
                        .bufferRingSize((short) 1024)
                        .batchSize(64)
                        .allocator(new IoUringFixedBufferRingAllocator(4096))
                        .build());
        bootstrap
                .group(loop(IoUringIoHandler.newFactory(config)))
                .channel(IoUringServerSocketChannel.class)
                .childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, GROUP);
    }

    private static MultiThreadIoEventLoopGroup loop(IoHandlerFactory factory) {
        return new MultiThreadIoEventLoopGroup(1, factory);
    }

    private static final class Connection extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            channel.pipeline().addLast(new Echo());
        }
    }

    /** Writes what was read, and flushes when there is no more for now. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // a void promise reports to exceptionCaught
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}

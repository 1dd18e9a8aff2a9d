package dev.ringwatch.agent.zoo;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Netty's own io_uring transport: so many event loops, and clients connected to its server. */
public final class NettyRings {
    private NettyRings() {}

    /**
     * Serves until its input ends.
     *
     * @param args event loops, each with a ring; connections, both ends of which are here
     */
    public static void main(String[] args) throws Exception {
        int loops = Integer.parseInt(args[0]);
        int connections = Integer.parseInt(args[1]);
        MultiThreadIoEventLoopGroup group =
                new MultiThreadIoEventLoopGroup(loops, IoUringIoHandler.newFactory());
        Channel server =
                new ServerBootstrap()
                        .group(group)
                        .channel(IoUringServerSocketChannel.class)
                        .childHandler(new Quiet())
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .sync()
                        .channel();
        List<Channel> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            clients.add(
                    new Bootstrap()
                            .group(group)
                            .channel(IoUringSocketChannel.class)
                            .handler(new Quiet())
                            .connect(server.localAddress())
                            .sync()
                            .channel());
        }
        System.out.println(Zoo.FACT + "rings " + loops);
        System.out.println(Zoo.FACT + "sockets " + (1 + 2 * clients.size()));
        System.out.println(Zoo.READY);
        System.out.flush();
        while (System.in.read() >= 0) { // until whoever started this closes its end
        }
        group.shutdownGracefully().sync();
    }

    /** Connections come and nothing is said. */
    @io.netty.channel.ChannelHandler.Sharable
    private static final class Quiet extends ChannelInboundHandlerAdapter {}
}

package dev.ringwatch.uring.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Netty's file server over epoll with one event loop: {@code NettyStatic PATH BYTES}. The file is
 * open all the time, and goes out with sendfile.
 */
final class NettyStatic {
    private NettyStatic() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (!Epoll.isAvailable()) {
            Control.unavailable(Epoll.unavailabilityCause().toString());
        }
        Path path = Path.of(arguments[0]);
        try (FileChannel file = FileChannel.open(path)) {
            Served served =
                    new Served("/" + path.getFileName(), file, Long.parseLong(arguments[1]));
            Channel server =
                    new ServerBootstrap()
                            .group(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
                            .channel(EpollServerSocketChannel.class)
                            .option(ChannelOption.SO_BACKLOG, 1024)
                            .childOption(ChannelOption.TCP_NODELAY, true)
                            .childHandler(new Connection(served))
                            .bind(InetAddress.getLoopbackAddress(), 0)
                            .sync()
                            .channel();
            Control.serve(((InetSocketAddress) server.localAddress()).getPort(), () -> "- -");
            server.closeFuture().sync();
        }
    }

    private record Served(String path, FileChannel file, long bytes) {}

    private static final class Connection extends ChannelInitializer<SocketChannel> {
        private final Served served;

        Connection(Served served) {
            this.served = served;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            channel.pipeline().addLast(new HttpServerCodec(), new Answer(served));
        }
    }

    private static final class Answer extends SimpleChannelInboundHandler<HttpRequest> {
        private final Served served;

        Answer(Served served) {
            this.served = served;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // a void promise reports to exceptionCaught
        protected void channelRead0(ChannelHandlerContext context, HttpRequest request) {
            if (!request.uri().equals(served.path())) {
                throw new BenchException("a request is for another file: " + request.uri());
            }
            HttpResponse head =
                    new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            head.headers().set(HttpHeaderNames.CONTENT_LENGTH, served.bytes());
            context.write(head, context.voidPromise());
            context.write(new OpenFile(served), context.voidPromise());
            context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, context.voidPromise());
        }
    }

    /** A region that leaves its file open. */
    private static final class OpenFile extends DefaultFileRegion {
        OpenFile(Served served) {
            super(served.file(), 0, served.bytes());
        }

        @Override
        protected void deallocate() {}
    }
}

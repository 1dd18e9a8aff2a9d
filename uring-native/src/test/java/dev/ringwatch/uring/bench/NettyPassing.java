package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Netty passing descriptors, one a message, sixteen messages at a time, with one event loop. */
final class NettyPassing {
    private static final int MESSAGES = 16;

    /** Between two looks of the main thread. */
    private static final int BATCHES = 64;

    private NettyPassing() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (!Epoll.isAvailable()) {
            Control.unavailable(Epoll.unavailabilityCause().toString());
        }
        var pair = Sockets.pair(Sockets.SOCK_STREAM);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        EpollDomainSocketChannel sender = new EpollDomainSocketChannel(pair.get(0).release());
        EpollDomainSocketChannel receiver = new EpollDomainSocketChannel(pair.get(1).release());
        receiver.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
        try (OwnedFd passed = Fds.eventFd(0, 0)) {
            Batches batches = new Batches(sender, new FileDescriptor(passed.number()));
            receiver.pipeline().addLast(batches);
            loop.register(sender).sync();
            loop.register(receiver).sync();
            Control.runs(
                    work -> {
                        loop.execute(batches::begin);
                        batches.done.acquireUninterruptibly();
                        work.operations += BATCHES * MESSAGES;
                    });
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    /** Sends a batch when the one before has arrived. All on the event loop. */
    private static final class Batches extends ChannelInboundHandlerAdapter {
        final Semaphore done = new Semaphore(0);
        private final EpollDomainSocketChannel sender;
        private final FileDescriptor passed;
        private int underWay;
        private int batchesLeft;

        Batches(EpollDomainSocketChannel sender, FileDescriptor passed) {
            this.sender = sender;
            this.passed = passed;
        }

        void begin() {
            batchesLeft = BATCHES;
            send();
        }

        @SuppressWarnings("FutureReturnValueIgnored") // a void promise reports to exceptionCaught
        private void send() {
            for (int i = 0; i < MESSAGES; i++) {
                sender.write(passed, sender.voidPromise());
            }
            underWay = MESSAGES;
            sender.flush();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
            ((FileDescriptor) message).close();
            underWay--;
            if (underWay > 0) {
                return;
            }
            batchesLeft--;
            if (batchesLeft > 0) {
                send();
            } else {
                done.release();
            }
        }
    }
}

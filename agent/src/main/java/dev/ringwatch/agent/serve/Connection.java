package dev.ringwatch.agent.serve;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedStream;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, from accept to close. Every method runs on the channel's event loop,
 * unless it says otherwise.
 *
 * <p>The connection is always in one {@link Phase}, and each phase but one has a deadline, so that
 * no client can hold it for nothing. Bytes are read only when the phase asks for some (the channel
 * does not read by itself): while a request is worked on, what a client sends on waits in the
 * kernel. Requests that came in one read wait in {@link #pipelined}; they are answered one after
 * the other, in order.
 *
 * <pre>
 *   WAITING -> READING -> WORKING -> WRITING -> WAITING, or LINGERING -> closed
 * </pre>
 *
 * <p>A connection that the server gives up lingers: its output is shut down, and input is thrown
 * away until the client closes too. Closing at once would send a reset for what is unread, and the
 * reset may overtake the response that says why.
 *
 * <p>Futures are ignored but for the end of a response: the writes before it fail as it does, and a
 * close that fails has left nothing to close.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class Connection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = System.getLogger(Connection.class.getName());

    /** What one read of the fixed size can hold of the shortest requests, and some more. */
    private static final int MAX_PIPELINED = 512;

    private static final String TLS = "tls";
    private static final int CHUNK_BYTES = 64 * 1024;

    /** A client that has its answer closes within a round trip. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    private enum Phase {
        /** Between requests; no byte of the next one is here. */
        WAITING,
        /** A request has begun and is not complete. */
        READING,
        /** A route works; the one phase without a deadline, since routes bound themselves. */
        WORKING,
        /** A response is on its way. */
        WRITING,
        /** All is said; waits for the client to close. */
        LINGERING
    }

    private final Server server;
    private final DuplexChannel channel;
    private final boolean onUnixSocket;
    private final Optional<Security.Tls> tls;
    private final Queue<HttpRequest> pipelined = new ArrayDeque<>();
    private Phase phase = Phase.WAITING;
    private boolean inputClosed;
    private @Nullable Future<?> deadline;

    Connection(Server server, DuplexChannel channel, boolean onUnixSocket) {
        this.server = server;
        this.channel = channel;
        this.onUnixSocket = onUnixSocket;
        this.tls = onUnixSocket ? Optional.empty() : server.security().tls();
    }

    /** Puts the codec and this connection into the channel's pipeline. */
    void install() {
        HttpDecoderConfig config =
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(server.limits().requestLineBytes())
                        .setMaxHeaderSize(server.limits().headerBytes());
        tls.ifPresent(t -> channel.pipeline().addLast(TLS, new SslHandler(t.engine())));
        channel.pipeline()
                .addLast(new Bytes(), new HttpServerCodec(config), new ChunkedWriteHandler(), this);
    }

    boolean onUnixSocket() {
        return onUnixSocket;
    }

    /** Finishes what runs, then closes. Any thread. */
    void finish() {
        onLoop(
                () -> {
                    if (phase == Phase.WAITING || phase == Phase.READING) {
                        channel.close();
                    }
                });
    }

    /** Closes without waiting for what runs. Any thread. */
    void abort() {
        channel.close();
    }

    /** Done when the connection is closed. Any thread. */
    ChannelFuture closed() {
        return channel.closeFuture();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (server.opened(this)) {
            await();
        } else if (tls.isPresent()) {
            // To say why would take a handshake, and the connection would stay open for that.
            channel.pipeline().firstContext().close();
        } else {
            send(Dispatcher.busy("too many connections, or shutting down").andClose(), null)
                    .addListener(sent -> channel.close());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        disarm();
        pipelined.clear();
        server.closed(this);
    }

    /** Content is of no interest: a request that has some is refused and is the last. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest head) {
            pipelined.add(head);
        }
        ReferenceCountUtil.release(message);
        if (pipelined.size() > MAX_PIPELINED) {
            server.counts().hit(Limit.PIPELINED_REQUESTS);
            channel.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        switch (phase) {
            case WAITING, READING -> {
                if (pipelined.isEmpty()) {
                    channel.read();
                } else {
                    next();
                }
            }
            case LINGERING -> channel.read();
            case WORKING, WRITING -> {}
        }
    }

    /** A client may shut its output down after the request and still wait for the answer. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputClosed = true;
            switch (phase) {
                case WAITING, READING, LINGERING -> channel.close();
                case WORKING, WRITING -> {}
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        boolean theirs = cause instanceof IOException || cause.getCause() instanceof SSLException;
        Level level = theirs ? Level.DEBUG : Level.WARNING;
        LOG.log(level, "connection closed", cause);
        channel.close();
    }

    /** Answers the next request that is here already, or waits for one. */
    private void next() {
        HttpRequest head = pipelined.poll();
        if (head == null) {
            await();
            return;
        }
        phase = Phase.WORKING;
        disarm();
        server.dispatcher().dispatch(head, peer(), reply -> onLoop(() -> reply(reply, head)));
    }

    private Peer peer() {
        return new Peer(
                onUnixSocket,
                tls.isPresent(),
                tls.filter(t -> t.verifies() && hasCertificate(t)).isPresent());
    }

    private static boolean hasCertificate(Security.Tls tls) {
        try {
            return tls.engine().getSession().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    private void await() {
        if (inputClosed) {
            channel.close();
            return;
        }
        phase = Phase.WAITING;
        arm(server.limits().idle());
        channel.read();
    }

    private void reply(Reply reply, @Nullable HttpRequest head) {
        phase = Phase.WRITING;
        arm(server.limits().writing());
        boolean keep =
                !reply.close() && !server.closing() && head != null && HttpUtil.isKeepAlive(head);
        send(keep ? reply : reply.andClose(), head)
                .addListener(sent -> onLoop(() -> sent(sent.isSuccess() && keep)));
    }

    /** Runs as a task of its own, so that many refused requests in one read do not pile up. */
    private void sent(boolean keep) {
        // The server may have begun to close while the response was on its way.
        if (keep && !server.closing()) {
            next();
        } else {
            linger();
        }
    }

    private void linger() {
        phase = Phase.LINGERING;
        pipelined.clear();
        if (inputClosed || !channel.isActive()) {
            channel.close();
            return;
        }
        arm(LINGER);
        if (channel.pipeline().get(TLS) instanceof SslHandler handler) {
            handler.closeOutbound().addListener(said -> channel.shutdownOutput());
        } else {
            channel.shutdownOutput();
        }
        channel.read();
    }

    private ChannelFuture send(Reply reply, @Nullable HttpRequest head) {
        byte[] body = reply.response().body();
        channel.write(head(reply, head));
        if (body.length == 0 || (head != null && head.method().equals(HttpMethod.HEAD))) {
            return channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        return channel.writeAndFlush(
                new HttpChunkedInput(
                        new ChunkedStream(new ByteArrayInputStream(body), CHUNK_BYTES)));
    }

    private HttpResponse head(Reply reply, @Nullable HttpRequest request) {
        Response response = reply.response();
        HttpResponse head =
                new DefaultHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()));
        HttpHeaders headers = head.headers();
        response.headers().forEach(headers::set);
        headers.set(HttpHeaderNames.CONTENT_TYPE, response.contentType());
        headers.set(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
        headers.set(HttpHeaderNames.DATE, DATE.format(ZonedDateTime.now(ZoneOffset.UTC)));
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        if (!onUnixSocket) {
            server.security().headers().forEach(headers::set);
        }
        if (reply.close()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (request != null && !request.protocolVersion().isKeepAliveDefault()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        return head;
    }

    private void arm(Duration time) {
        disarm();
        deadline =
                channel.eventLoop().schedule(this::expired, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void disarm() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void expired() {
        switch (phase) {
            case WAITING, LINGERING -> channel.close();
            case READING -> {
                server.counts().hit(Limit.READING);
                reply(Reply.refuse(408, "the request did not arrive in time"), null);
            }
            case WRITING -> {
                server.counts().hit(Limit.WRITING);
                channel.close();
            }
            case WORKING -> {}
        }
    }

    /** A worker may outlive the loop, when a route ignores that the server closed. */
    private void onLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the server closed before a route answered", e);
        }
    }

    /** Sees the bytes before the codec: their first begins a request, the last are thrown away. */
    private final class Bytes extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            if (phase == Phase.LINGERING) {
                ReferenceCountUtil.release(bytes);
                return;
            }
            if (phase == Phase.WAITING) {
                phase = Phase.READING;
                arm(server.limits().reading());
            }
            ctx.fireChannelRead(bytes);
        }
    }
}

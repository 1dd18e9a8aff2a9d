package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** What is the same for every socket: other views of its reads and writes. */
abstract sealed class StreamSocket implements UringSocket
        permits RingSocket, ChannelSocket, TlsSocket {
    private final AsyncCalls asyncReads = new AsyncCalls();
    private final AsyncCalls asyncWrites = new AsyncCalls();
    private final SocketStream received = new SocketStream(this);

    abstract int read(ByteBuffer into, Deadline deadline) throws IOException;

    abstract void write(ByteBuffer from, Deadline deadline) throws IOException;

    @Override
    public final int read(ByteBuffer into) throws IOException {
        return read(into, Deadline.NEVER);
    }

    @Override
    public final int read(ByteBuffer into, Duration timeout) throws IOException {
        return read(into, Deadline.in(timeout));
    }

    @Override
    public final void write(ByteBuffer from) throws IOException {
        write(from, Deadline.NEVER);
    }

    @Override
    public final void write(ByteBuffer from, Duration timeout) throws IOException {
        write(from, Deadline.in(timeout));
    }

    @Override
    public final CompletableFuture<Integer> readAsync(ByteBuffer into) {
        return asyncReads.call(() -> read(into));
    }

    @Override
    public final CompletableFuture<Integer> writeAsync(ByteBuffer from) {
        return asyncWrites.call(
                () -> {
                    int bytes = from.remaining();
                    write(from);
                    return bytes;
                });
    }

    @Override
    public final Flow.Publisher<ByteBuffer> received() {
        return received;
    }

    @Override
    public final InputStream inputStream() {
        return SocketViews.input(this);
    }

    @Override
    public final OutputStream outputStream() {
        return SocketViews.output(this);
    }
}

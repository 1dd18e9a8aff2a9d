package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A socket on a channel of the JDK.
 *
 * <p>A call with a timeout that gives up leaves the channel's call going: what it reads is the next
 * reader's, and what it writes counts as written.
 */
final class ChannelSocket extends StreamSocket {
    private static final int READ = 16 * 1024;
    private static final int WRITE = 64 * 1024;

    private final SocketChannel channel;
    private final OpenSockets registry;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile boolean inputEnded;

    /** A read that a caller gave up, and where it reads to. */
    private Optional<PendingCall> pendingRead = Optional.empty();

    private ByteBuffer readAhead = ByteBuffer.allocate(0);

    /** The last piece of a write with a timeout. */
    private Optional<PendingCall> pendingWrite = Optional.empty();

    ChannelSocket(SocketChannel channel, OpenSockets registry) {
        this.channel = channel;
        this.registry = registry;
        registry.opened(this);
    }

    @Override
    int read(ByteBuffer into, Deadline deadline) throws IOException {
        SocketLocks.lock(reading, deadline);
        try {
            requireOpen();
            if (!into.hasRemaining()) {
                return 0;
            }
            return inputEnded ? -1 : counted(readSome(into, deadline));
        } finally {
            reading.unlock();
        }
    }

    private int readSome(ByteBuffer into, Deadline deadline) throws IOException {
        try {
            return readOpen(into, deadline);
        } catch (IOException e) {
            throw noteClose(e);
        }
    }

    private int readOpen(ByteBuffer into, Deadline deadline) throws IOException {
        if (readAhead.hasRemaining()) {
            return move(into);
        }
        if (pendingRead.isEmpty() && !deadline.limited()) {
            return channel.read(into);
        }
        if (pendingRead.isEmpty()) {
            ByteBuffer buffer = ByteBuffer.allocate(READ);
            readAhead = buffer.duplicate().limit(0);
            pendingRead = Optional.of(PendingCall.start(() -> channel.read(buffer)));
        }
        PendingCall pending = pendingRead.get();
        if (!pending.await(deadline, channel)) {
            throw new SocketTimeoutException("nothing was received in time");
        }
        pendingRead = Optional.empty();
        int bytes = pending.result();
        if (bytes <= 0 || inputEnded) {
            return -1;
        }
        readAhead.limit(bytes);
        return move(into);
    }

    private int move(ByteBuffer into) {
        int count = Math.min(into.remaining(), readAhead.remaining());
        into.put(readAhead.slice().limit(count));
        readAhead.position(readAhead.position() + count);
        return count;
    }

    private int counted(int bytes) {
        registry.counters().bytesIn.add(Math.max(0, bytes));
        return bytes;
    }

    @Override
    void write(ByteBuffer from, Deadline deadline) throws IOException {
        SocketLocks.lock(writing, deadline);
        int before = from.position();
        try {
            requireOpen();
            writeAll(from, deadline);
        } finally {
            registry.counters().bytesOut.add(from.position() - before);
            writing.unlock();
        }
    }

    private void writeAll(ByteBuffer from, Deadline deadline) throws IOException {
        try {
            awaitPendingWrite(deadline);
            while (from.hasRemaining()) {
                if (deadline.limited()) {
                    beginWrite(from);
                    awaitPendingWrite(deadline);
                } else {
                    channel.write(from);
                }
            }
        } catch (IOException e) {
            throw noteClose(e);
        }
    }

    private void beginWrite(ByteBuffer from) {
        int count = Math.min(WRITE, from.remaining());
        ByteBuffer piece = ByteBuffer.allocate(count);
        piece.put(from.slice().limit(count)).flip();
        from.position(from.position() + count);
        pendingWrite =
                Optional.of(
                        PendingCall.start(
                                () -> {
                                    while (piece.hasRemaining()) {
                                        channel.write(piece);
                                    }
                                    return count;
                                }));
    }

    private void awaitPendingWrite(Deadline deadline) throws IOException {
        if (pendingWrite.isEmpty()) {
            return;
        }
        PendingCall pending = pendingWrite.get();
        if (!pending.await(deadline, channel)) {
            throw new SocketTimeoutException("the peer did not take all that was written in time");
        }
        pendingWrite = Optional.empty();
        pending.result();
    }

    @Override
    public void shutdownInput() throws IOException {
        channel.shutdownInput();
        inputEnded = true;
    }

    @Override
    public void shutdownOutput() throws IOException {
        writing.lock();
        try {
            awaitPendingWrite(Deadline.NEVER);
            channel.shutdownOutput();
        } finally {
            writing.unlock();
        }
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return channel.getLocalAddress();
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        return channel.getRemoteAddress();
    }

    @Override
    public <T> T option(SocketOption<T> option) throws IOException {
        return channel.getOption(option);
    }

    @Override
    public <T> UringSocket option(SocketOption<T> option, T value) throws IOException {
        channel.setOption(option, value);
        return this;
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
            registry.closed(this);
        }
    }

    private void requireOpen() throws IOException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        if (Thread.currentThread().isInterrupted()) {
            close();
            throw new ClosedByInterruptException();
        }
    }

    /**
     * An interrupt closes the channel behind our back, and who closes it between two calls of the
     * channel closes it during one of ours.
     */
    private IOException noteClose(IOException e) throws IOException {
        if (channel.isOpen()) {
            return e;
        }
        close();
        boolean between = e.getClass() == ClosedChannelException.class;
        return between ? new AsynchronousCloseException() : e;
    }

    @Override
    public String toString() {
        return "ChannelSocket[" + channel + "]";
    }
}

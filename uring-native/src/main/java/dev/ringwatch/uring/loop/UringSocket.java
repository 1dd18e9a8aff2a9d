package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * A connected stream socket in blocking style: TCP or AF_UNIX, on a ring or on a channel of the JDK.
 *
 * <p>Any thread may use it. Reads go one at a time, and so do writes; a reader and a writer do not
 * hinder each other. A thread that is interrupted as it calls, or while it waits, closes the socket
 * and gets {@link ClosedByInterruptException}, its interrupt status kept, as with every {@link
 * java.nio.channels.InterruptibleChannel}. A thread that waits while another closes the socket gets
 * {@link AsynchronousCloseException}; a call after that gets {@link ClosedChannelException}. What the
 * kernel reports is the fitting exception of java.net, whose cause is an {@link
 * dev.ringwatch.uring.sys.ErrnoException}, or that one itself.
 */
public sealed interface UringSocket extends AutoCloseable permits StreamSocket {
    /**
     * Reads what is there, and waits if nothing is.
     *
     * @param into takes the bytes, and its position moves behind them
     * @return bytes read, 0 only if there was no room for any, -1 at the end of the stream
     */
    int read(ByteBuffer into) throws IOException;

    /**
     * {@link #read(ByteBuffer)}, waiting so long at most.
     *
     * @throws SocketTimeoutException if nothing came; the socket goes on as if nothing was asked
     */
    int read(ByteBuffer into, Duration timeout) throws IOException;

    /**
     * Writes all, and waits until the kernel has taken it.
     *
     * @param from gives the bytes; its position moves behind what the kernel took, also if this
     *     throws
     */
    void write(ByteBuffer from) throws IOException;

    /**
     * {@link #write(ByteBuffer)}, waiting so long at most.
     *
     * @throws SocketTimeoutException if some bytes found no room; the buffer's position says how
     *     many did, and a later write goes on behind them
     */
    void write(ByteBuffer from, Duration timeout) throws IOException;

    /**
     * {@link #read(ByteBuffer)} without waiting for it: reads asked for so are carried out in their
     * order.
     *
     * @param into the operation's until the future is done
     * @return what {@code read} returns or throws. Cancelling it cancels nothing
     */
    CompletableFuture<Integer> readAsync(ByteBuffer into);

    /**
     * {@link #write(ByteBuffer)} without waiting for it: writes asked for so are carried out in their
     * order.
     *
     * @param from the operation's until the future is done
     * @return how many bytes were written: all. Cancelling it cancels nothing
     */
    CompletableFuture<Integer> writeAsync(ByteBuffer from);

    /**
     * What arrives, as a stream with demand: each item is a buffer of its own, and what is not asked
     * for stays in the socket. One subscriber at a time, and no reads beside it.
     *
     * @return completes at the end of the stream, or fails with the reason it broke off
     */
    Flow.Publisher<ByteBuffer> received();

    /** Reads as a stream; closing it closes the socket. */
    InputStream inputStream();

    /** Writes as a stream, unbuffered; closing it closes the socket. */
    OutputStream outputStream();

    /** Ends receiving: whoever reads gets -1. */
    void shutdownInput() throws IOException;

    /** Ends sending, after what was written: the peer reads the end of the stream. */
    void shutdownOutput() throws IOException;

    /** Where this end is bound. */
    SocketAddress localAddress() throws IOException;

    /**
     * Where the peer is bound; an AF_UNIX peer without a name has the empty path.
     *
     * @throws IOException ENOTCONN if it was never asked before the connection was reset
     */
    SocketAddress remoteAddress() throws IOException;

    /**
     * An option's value; buffer sizes are without the kernel's own share, as everywhere in Java.
     *
     * @param option one of {@link java.net.StandardSocketOptions}
     * @throws UnsupportedOperationException if a stream socket of this family has no such option
     */
    <T> T option(SocketOption<T> option) throws IOException;

    /**
     * Sets an option.
     *
     * @return this
     * @throws UnsupportedOperationException as for {@link #option}
     */
    <T> UringSocket option(SocketOption<T> option, T value) throws IOException;

    /** Whether it was not closed; says nothing about the peer. */
    boolean isOpen();

    /** Closes it, and wakes whoever reads or writes. Does nothing the second time. */
    @Override
    void close() throws IOException;
}

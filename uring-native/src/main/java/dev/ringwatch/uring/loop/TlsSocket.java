package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * TLS over another socket, after the handshake.
 *
 * <p>{@link #shutdownOutput()} and {@link #close()} tell the peer so (close_notify). The end of the
 * connection without that is an {@link SSLException}: somebody may have cut it off. With TLS 1.3
 * each direction ends by itself; TLS 1.2 ends both at once. Renegotiation is refused.
 *
 * <p>Threads as for every {@link UringSocket}.
 */
public final class TlsSocket extends StreamSocket {
    private static final System.Logger LOG = System.getLogger(TlsSocket.class.getName());

    /** How long {@link #close()} tries to tell the peer, who may not read. */
    private static final Duration FAREWELL = Duration.ofMillis(100);

    private final UringSocket transport;
    private final SSLEngine engine;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();

    /** Received and not decrypted. The reader's, ready to be read from. */
    private ByteBuffer encrypted;

    /** Decrypted and not read. The reader's, ready to be read from. */
    private ByteBuffer plain;

    /** Encrypted and not sent. The writer's, ready to be read from. */
    private ByteBuffer outgoing;

    private boolean established;
    private volatile boolean inputEnded;
    private volatile boolean outputEnded;
    private volatile boolean closed;

    private TlsSocket(UringSocket transport, SSLEngine engine) {
        this.transport = transport;
        this.engine = engine;
        encrypted = empty(engine.getSession().getPacketBufferSize());
        plain = empty(engine.getSession().getApplicationBufferSize());
        outgoing = empty(engine.getSession().getPacketBufferSize());
    }

    /**
     * Makes the handshake.
     *
     * @throws IOException why it failed; the peer was told, and the transport is closed
     */
    static TlsSocket establish(UringSocket transport, SSLEngine engine, Deadline deadline)
            throws IOException {
        TlsSocket socket = new TlsSocket(transport, engine);
        try {
            engine.beginHandshake();
            socket.handshake(deadline);
            socket.established = true;
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.abandon(e);
            throw e;
        }
    }

    /** What both sides agreed on: protocol, cipher suite, certificates. */
    public SSLSession session() {
        return engine.getSession();
    }

    /** The application protocol both sides agreed on (ALPN), if they did. */
    public Optional<String> applicationProtocol() {
        String agreed = engine.getApplicationProtocol();
        return agreed == null || agreed.isEmpty() ? Optional.empty() : Optional.of(agreed);
    }

    /** What it is over. */
    UringSocket transport() {
        return transport;
    }

    @Override
    int read(ByteBuffer into, Deadline deadline) throws IOException {
        SocketLocks.lock(reading, deadline);
        try {
            requireOpen();
            if (!into.hasRemaining()) {
                return 0;
            }
            while (!plain.hasRemaining() && !inputEnded) {
                decrypt(deadline);
            }
            if (closed) {
                throw new AsynchronousCloseException();
            }
            return inputEnded && !plain.hasRemaining() ? -1 : move(into);
        } finally {
            reading.unlock();
        }
    }

    @Override
    void write(ByteBuffer from, Deadline deadline) throws IOException {
        SocketLocks.lock(writing, deadline);
        try {
            requireOpen();
            if (outputEnded) {
                throw new ClosedChannelException();
            }
            flush(deadline); // of a write that timed out
            while (from.hasRemaining()) {
                SSLEngineResult result = encrypt(from);
                flush(deadline);
                if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                    throw new ClosedChannelException();
                }
            }
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        inputEnded = true;
        transport.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        writing.lock();
        try {
            sayEnd(Deadline.NEVER);
            transport.shutdownOutput();
        } finally {
            writing.unlock();
        }
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return transport.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        return transport.remoteAddress();
    }

    @Override
    public <T> T option(SocketOption<T> option) throws IOException {
        return transport.option(option);
    }

    @Override
    public <T> UringSocket option(SocketOption<T> option, T value) throws IOException {
        transport.option(option, value);
        return this;
    }

    @Override
    public boolean isOpen() {
        return !closed && transport.isOpen();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        // A writer that waits for room has said less than all: there is no good end to tell.
        if (transport.isOpen() && writing.tryLock()) {
            try {
                sayEnd(Deadline.in(FAREWELL));
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "the peer could not be told of the end", e);
            } finally {
                writing.unlock();
            }
        }
        transport.close();
    }

    private void requireOpen() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (Thread.currentThread().isInterrupted()) {
            transport.close();
            throw new ClosedByInterruptException();
        }
    }

    private int move(ByteBuffer into) {
        int count = Math.min(into.remaining(), plain.remaining());
        into.put(plain.slice().limit(count));
        plain.position(plain.position() + count);
        return count;
    }

    // The handshake: one thread, before anybody else knows the socket.

    private void handshake(Deadline deadline) throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status != HandshakeStatus.FINISHED && status != HandshakeStatus.NOT_HANDSHAKING) {
            switch (status) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> {
                    encrypt(ByteBuffer.allocate(0));
                    flush(deadline);
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> decrypt(deadline);
                case FINISHED, NOT_HANDSHAKING -> {}
            }
            if (inputEnded) {
                throw new SSLException("the peer ended the connection during the handshake");
            }
            status = engine.getHandshakeStatus();
        }
    }

    private void runTasks() {
        Runnable task = engine.getDelegatedTask();
        while (task != null) {
            task.run();
            task = engine.getDelegatedTask();
        }
    }

    /** Tells the peer why, if it can be told, and closes. */
    private void abandon(Exception why) {
        try (transport) {
            sayEnd(Deadline.in(FAREWELL));
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    // The reader.

    /** Decrypts a record into {@link #plain}, receiving more as needed. */
    private void decrypt(Deadline deadline) throws IOException {
        plain.clear();
        try {
            SSLEngineResult result = engine.unwrap(encrypted, plain);
            switch (result.getStatus()) {
                case BUFFER_UNDERFLOW -> receive(deadline);
                case BUFFER_OVERFLOW ->
                        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
                case CLOSED -> inputEnded = true;
                case OK -> {}
            }
            if (established) {
                answer();
            }
        } finally {
            plain.flip();
        }
    }

    private void receive(Deadline deadline) throws IOException {
        int wanted = engine.getSession().getPacketBufferSize();
        encrypted =
                encrypted.capacity() < wanted
                        ? ByteBuffer.allocate(wanted).put(encrypted)
                        : encrypted.compact();
        try {
            int bytes =
                    deadline.limited()
                            ? transport.read(encrypted, Duration.ofNanos(deadline.left()))
                            : transport.read(encrypted);
            if (bytes < 0 && !inputEnded) {
                throw new SSLException(
                        "the connection ended without close_notify: it may be cut off");
            }
        } finally {
            encrypted.flip();
        }
    }

    /** What the engine wants after a record: to answer a close or a change of keys. */
    private void answer() throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_UNWRAP) {
            refuseRenegotiation();
            runTasks();
        } else if (status == HandshakeStatus.NEED_WRAP && !inputEnded) {
            refuseRenegotiation();
            wrapIfNobodyWrites();
        }
    }

    /** A writer at it sends what the engine has before what it writes. */
    private void wrapIfNobodyWrites() throws IOException {
        if (writing.tryLock()) {
            try {
                encrypt(ByteBuffer.allocate(0));
                flush(Deadline.in(FAREWELL));
            } finally {
                writing.unlock();
            }
        }
    }

    private void refuseRenegotiation() throws SSLException {
        if (!engine.getSession().getProtocol().equals("TLSv1.3")) {
            throw new SSLException("the peer wants to renegotiate, which is refused");
        }
    }

    // The writer.

    /** Encrypts what fits into a record behind {@link #outgoing}. */
    private SSLEngineResult encrypt(ByteBuffer from) throws SSLException {
        outgoing.compact();
        try {
            SSLEngineResult result = engine.wrap(from, outgoing);
            if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
                int wanted = outgoing.position() + engine.getSession().getPacketBufferSize();
                outgoing = ByteBuffer.allocate(wanted).put(outgoing.flip());
                result = engine.wrap(from, outgoing);
            }
            return result;
        } finally {
            outgoing.flip();
        }
    }

    private void flush(Deadline deadline) throws IOException {
        if (!outgoing.hasRemaining()) {
            return;
        }
        if (deadline.limited()) {
            transport.write(outgoing, Duration.ofNanos(deadline.left()));
        } else {
            transport.write(outgoing);
        }
    }

    private void sayEnd(Deadline deadline) throws IOException {
        outputEnded = true;
        engine.closeOutbound();
        boolean more = true;
        while (more) {
            SSLEngineResult result = encrypt(ByteBuffer.allocate(0));
            more =
                    result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                            && result.bytesProduced() > 0;
        }
        flush(deadline);
    }

    private static ByteBuffer empty(int capacity) {
        return ByteBuffer.allocate(capacity).limit(0);
    }

    @Override
    public String toString() {
        return "TlsSocket[" + engine.getSession().getProtocol() + " over " + transport + "]";
    }
}

package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** A socket on a ring: received by the loop, sent by the caller as far as there is room. */
final class RingSocket extends StreamSocket {
    private final SharedFd fd;
    private final Receiver receiver;
    private final Sender sender;
    private final OpenSockets registry;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile boolean inputEnded;
    private volatile boolean outputEnded;
    private volatile Optional<SocketAddress> peer = Optional.empty();

    RingSocket(SharedFd fd, Receiver receiver, Sender sender, OpenSockets registry) {
        this.fd = fd;
        this.receiver = receiver;
        this.sender = sender;
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
            int bytes = inputEnded ? -1 : receiver.take(into);
            while (bytes == 0) {
                receiver.await(deadline);
                requireStillOpen();
                bytes = inputEnded ? -1 : receiver.take(into);
                if (bytes == 0 && deadline.passed()) {
                    throw new SocketTimeoutException("nothing was received in time");
                }
            }
            return bytes;
        } finally {
            reading.unlock();
        }
    }

    @Override
    void write(ByteBuffer from, Deadline deadline) throws IOException {
        SocketLocks.lock(writing, deadline);
        try {
            requireOpen();
            requireOutput();
            sender.send(from, deadline);
        } catch (ClosedByInterruptException e) {
            close();
            throw e;
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        use(number -> shutdown(number, Sockets.SHUT_RD));
        inputEnded = true;
        receiver.wake();
        reading.lock();
        try {
            receiver.discard();
        } finally {
            reading.unlock();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        writing.lock();
        try {
            outputEnded = true;
            use(number -> shutdown(number, Sockets.SHUT_WR));
        } finally {
            writing.unlock();
        }
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return use(Sockets::localAddress);
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        if (peer.isEmpty()) {
            peer = Optional.of(use(Sockets::remoteAddress));
        }
        return peer.get();
    }

    @Override
    public <T> T option(SocketOption<T> option) throws IOException {
        return use(number -> SocketSettings.get(number, option));
    }

    @Override
    public <T> UringSocket option(SocketOption<T> option, T value) throws IOException {
        use(
                number -> {
                    SocketSettings.set(number, option, value);
                    return true;
                });
        return this;
    }

    @Override
    public boolean isOpen() {
        return !fd.isClosing();
    }

    @Override
    public void close() throws IOException {
        if (!fd.beginClose()) {
            return;
        }
        receiver.stop();
        receiver.wake();
        sender.wake();
        if (receiver.loop().inLoop()) {
            finishLater();
        } else {
            finish();
        }
    }

    /** What it waits for is for this thread to do. */
    private void finishLater() {
        Thread.ofVirtual()
                .name("close")
                .start(
                        () -> {
                            try {
                                finish();
                            } catch (IOException e) {
                                registry.closeFailed(e);
                            }
                        });
    }

    private void finish() throws IOException {
        try {
            fd.close();
        } finally {
            reading.lock(); // a reader may be copying
            try {
                receiver.discard();
            } finally {
                reading.unlock();
                registry.closed(this);
            }
        }
    }

    /** Receive buffers held that nobody read yet. */
    int queuedBuffers() {
        return receiver.inbox().size();
    }

    /** Does something with the number while nobody can close it. */
    private <T> T use(Use<T> use) throws IOException {
        if (!fd.acquire()) {
            throw new ClosedChannelException();
        }
        try {
            return use.with(fd.number());
        } catch (ErrnoException e) {
            throw SocketErrors.of(e);
        } finally {
            fd.release();
        }
    }

    /** Something done with a descriptor's number. */
    @FunctionalInterface
    private interface Use<T> {
        T with(int number) throws ErrnoException;
    }

    private static boolean shutdown(int number, int how) throws ErrnoException {
        try {
            Sockets.shutdown(number, how);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOTCONN) { // then both directions have ended already
                throw e;
            }
        }
        return true;
    }

    private void requireOpen() throws IOException {
        if (fd.isClosing()) {
            throw new ClosedChannelException();
        }
        requireNoInterrupt();
    }

    private void requireStillOpen() throws IOException {
        requireNoInterrupt();
        if (fd.isClosing()) {
            throw new AsynchronousCloseException();
        }
    }

    private void requireNoInterrupt() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            close();
            throw new ClosedByInterruptException();
        }
    }

    private void requireOutput() throws IOException {
        if (outputEnded) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public String toString() {
        return "RingSocket[fd " + fd.number() + (isOpen() ? "" : ", closed") + "]";
    }
}

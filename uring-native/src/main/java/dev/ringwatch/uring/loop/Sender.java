package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a socket writes: first by a plain call that does not wait, straight from the caller's
 * thread; what finds no room goes by the ring. One writer at a time.
 */
final class Sender {
    private final RingLoop loop;
    private final SharedFd fd;
    private final SocketCounters counters;
    private final StagingMemory staging;
    private final int zeroCopyFrom;
    private boolean zeroCopyRefused;
    private volatile @Nullable AwaitedOperation sending;

    Sender(
            RingLoop loop,
            SharedFd fd,
            SocketCounters counters,
            StagingMemory staging,
            int zeroCopyFrom) {
        this.loop = loop;
        this.fd = fd;
        this.counters = counters;
        this.staging = staging;
        this.zeroCopyFrom = zeroCopyFrom;
    }

    /**
     * Sends all.
     *
     * @throws SocketTimeoutException with the buffer's position behind what was sent
     * @throws ClosedByInterruptException so too; the caller closes
     */
    void send(ByteBuffer from, Deadline deadline) throws IOException {
        while (from.hasRemaining()) {
            if (!fd.acquire()) {
                throw new AsynchronousCloseException(); // the caller saw it open
            }
            try {
                if (from.isDirect()) {
                    sendDirect(from, deadline);
                } else {
                    sendStaged(from, deadline);
                }
            } finally {
                fd.release();
            }
        }
    }

    /** Makes a writer that waits look whether the descriptor is closing. Any thread. */
    void wake() {
        AwaitedOperation now = sending;
        if (now != null) {
            now.wake();
        }
    }

    private void sendDirect(ByteBuffer from, Deadline deadline) throws IOException {
        long address = Scratch.alive(MemorySegment.ofBuffer(from)).address();
        try {
            int length = from.remaining();
            int sent = sendNow(address, length);
            moved(from, sent);
            if (sent < length) {
                Send rest = new Send(address + sent, length - sent, false);
                rest.direct = from;
                sendRest(rest, from, deadline);
            }
        } finally {
            Reference.reachabilityFence(from);
        }
    }

    private void sendStaged(ByteBuffer from, Deadline deadline) throws IOException {
        Staged staged = new Staged(staging.take());
        try {
            int length = staged.fill(from);
            boolean zeroCopy = !zeroCopyRefused && from.remaining() >= zeroCopyFrom;
            int sent = zeroCopy ? 0 : sendNow(staged.address(), length);
            moved(from, sent);
            if (sent < length) {
                Send rest = new Send(staged.address() + sent, length - sent, zeroCopy);
                rest.keep(staged);
                sendRest(rest, from, deadline);
            }
        } finally {
            staged.release();
        }
    }

    /** Bytes sent without waiting, 0 if there is no room. */
    private int sendNow(long address, int length) throws IOException {
        int sent = Sockets.sendNow(fd.number(), address, length);
        if (sent == -Errno.EAGAIN.code()) {
            return 0;
        }
        if (sent < 0) {
            throw SocketErrors.of("send", -sent, "fd " + fd.number());
        }
        return sent;
    }

    private void sendRest(Send send, ByteBuffer from, Deadline deadline) throws IOException {
        (send.zeroCopy ? counters.zeroCopySends : counters.ringSends).increment();
        sending = send;
        AwaitedOperation.Ending ending = send.run(deadline);
        sending = null;
        int sent = send.result();
        moved(from, Math.max(0, sent));
        if (send.zeroCopy && sent == -Errno.EOPNOTSUPP.code()) {
            zeroCopyRefused = true; // AF_UNIX has none
        } else if (sent < send.length) {
            refuse(ending, sent);
        }
    }

    /** Says why not all was sent, if it was not the kernel's whim. */
    private void refuse(AwaitedOperation.Ending ending, int sent) throws IOException {
        switch (ending) {
            case TIMED_OUT ->
                    throw new SocketTimeoutException(
                            "the peer did not take all that was written in time");
            case CLOSING -> throw new AsynchronousCloseException();
            case INTERRUPTED -> throw new ClosedByInterruptException();
            case COMPLETED -> {
                if (sent < 0) {
                    throw SocketErrors.of("send", -sent, "fd " + fd.number());
                }
            }
        }
    }

    private void moved(ByteBuffer from, int bytes) {
        from.position(from.position() + bytes);
        counters.bytesOut.add(bytes);
    }

    /** A piece of native memory with the bytes of a heap buffer; free once all let go of it. */
    private final class Staged {
        private final MemorySegment memory;
        private int users = 1;

        Staged(MemorySegment memory) {
            this.memory = memory;
        }

        long address() {
            return memory.address();
        }

        int fill(ByteBuffer from) {
            int length = Math.min(from.remaining(), (int) memory.byteSize());
            ByteBuffer part = from.slice(from.position(), length);
            MemorySegment.copy(MemorySegment.ofBuffer(part), 0, memory, 0, length);
            return length;
        }

        synchronized void retain() {
            users++;
        }

        synchronized void release() {
            if (--users == 0) {
                staging.give(memory);
            }
        }
    }

    /** A send of the ring. */
    private final class Send extends AwaitedOperation {
        private final long address;
        private final int length;
        private final boolean zeroCopy;
        private @Nullable Staged staged;

        /** Kept reachable with an operation that its loop had to abandon. */
        @SuppressWarnings("unused")
        private @Nullable ByteBuffer direct;

        Send(long address, int length, boolean zeroCopy) {
            super(loop, Sender.this.fd);
            this.address = address;
            this.length = length;
            this.zeroCopy = zeroCopy;
        }

        /** Keeps memory until the kernel has let go of it. */
        void keep(Staged memory) {
            memory.retain();
            staged = memory;
        }

        @Override
        void released() {
            if (staged != null) {
                staged.release();
            }
        }

        @Override
        protected void write(SubmissionEntry entry, MemorySegment room) {
            int flags = Sockets.MSG_WAITALL | Sockets.MSG_NOSIGNAL;
            if (zeroCopy) {
                entry.sendZeroCopy(fd().number(), address, length, flags);
            } else {
                entry.send(fd().number(), address, length, flags);
            }
        }

        @Override
        protected String description() {
            return "sending of " + length + " bytes on fd " + fd().number();
        }
    }
}

package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.BufferRing;
import dev.ringwatch.uring.BufferRingOptions;
import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Lease;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Our servers as raw loops: multishot accept into the file table, multishot receive into a buffer
 * ring. What is done with a received buffer is the subclass's.
 */
abstract class RawServer implements Completion.Visitor {
    static final int MSG_WAITALL = 0x100;
    static final int MSG_NOSIGNAL = 0x4000;

    /** Receive buffers, as many and as large as the peers have. */
    static final int BUFFERS = 1024;

    private static final int BUFFER_SIZE = 4096;

    private static final int ENTRIES = 1024;
    private static final int COMPLETIONS = 8192;
    private static final int CONNECTIONS = 16384;
    private static final int GROUP = 0;

    private static final int ACCEPT = 1;
    private static final int RECEIVE = 2;
    private static final int CLOSE = 3;
    private static final int ANSWER = 4;

    private final IoUring ring;
    private final BufferRing buffers;
    private final int listener;

    /** Written by the loop alone, read by the thread that answers. */
    private final AtomicLong completions = new AtomicLong();

    private final AtomicLong enters = new AtomicLong();

    /**
     * Prepares the ring.
     *
     * @param bufferCount receive buffers, a power of two
     */
    RawServer(IoUring ring, ListeningSocket socket, int bufferCount) throws ErrnoException {
        this.ring = ring;
        listener = socket.descriptor();
        ring.registerDescriptor();
        ring.registerEmptyFiles(CONNECTIONS);
        buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, bufferCount, BUFFER_SIZE));
    }

    static IoUring openRing() throws ErrnoException {
        return IoUring.open(RawRing.options(ENTRIES).withCompletions(COMPLETIONS));
    }

    /** Serves until the process ends. */
    final void serve(ListeningSocket socket) throws IOException {
        Control.serve(socket.port(), () -> completions + " " + enters);
        accept();
        while (true) {
            ring.submitAndWait(1);
            int count = ring.drain(COMPLETIONS, this);
            enters.setRelease(enters.getPlain() + 1);
            completions.setRelease(completions.getPlain() + count);
        }
    }

    /** Bytes came; the lease is the method's to close, at the latest when they are sent. */
    abstract void received(int slot, Lease lease);

    /** What {@link #answer} prepared is done. */
    abstract void answered(int argument, int slot, int result);

    /**
     * Claims an entry, which completes with {@link #answered}.
     *
     * @param argument 0 to 65535
     */
    final SubmissionEntry answer(int argument, int slot) {
        return next(ANSWER, argument, slot);
    }

    /** Makes room for a chain, so that no submit comes between its entries. */
    final void reserve(int entries) {
        if (ring.room() < entries) {
            submit();
        }
    }

    @Override
    public final void completed(long userData, int result, int flags) {
        int slot = (int) userData;
        boolean more = (flags & Completion.F_MORE) != 0;
        switch ((int) (userData >>> 56)) {
            case ANSWER -> answered((int) (userData >>> 32) & 0xffff, slot, result);
            case RECEIVE -> received(slot, result, flags, more);
            case ACCEPT -> accepted(result, more);
            default -> {} // a slot is empty again
        }
    }

    private void accepted(int slot, boolean more) {
        if (slot >= 0) {
            receive(slot);
        }
        if (!more) {
            accept();
        }
    }

    private void received(int slot, int result, int flags, boolean more) {
        if (result > 0) {
            received(slot, buffers.lease(result, flags));
            if (!more) {
                receive(slot);
            }
        } else if (result == -Errno.ENOBUFS.code()) {
            receive(slot);
        } else if (!more) {
            close(slot);
        }
    }

    final void close(int slot) {
        next(CLOSE, 0, slot).closeSlot(slot);
    }

    private void receive(int slot) {
        next(RECEIVE, 0, slot).receiveMultishot(slot, 0, GROUP).fixedFile();
    }

    private void accept() {
        next(ACCEPT, 0, 0).acceptMultishot(listener, 0).intoSlot(SubmissionEntry.ANY_SLOT);
    }

    private SubmissionEntry next(long kind, long argument, int slot) {
        reserve(1);
        return ring.next(kind << 56 | argument << 32 | slot);
    }

    private void submit() {
        try {
            ring.submit();
        } catch (ErrnoException e) {
            throw new BenchException("cannot submit: " + e.getMessage(), e);
        }
    }
}

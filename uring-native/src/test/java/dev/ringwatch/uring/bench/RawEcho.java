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
 * Our echo server as a raw loop: multishot accept into the file table, multishot receive into a
 * buffer ring as large as those of the peers, each buffer sent back as it is.
 */
final class RawEcho implements Completion.Visitor {
    private static final int ENTRIES = 1024;
    private static final int COMPLETIONS = 8192;
    private static final int CONNECTIONS = 16384;
    private static final int BUFFERS = 1024;
    private static final int BUFFER_SIZE = 4096;
    private static final int GROUP = 0;
    private static final int MSG_WAITALL = 0x100;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final int ACCEPT = 1;
    private static final int RECEIVE = 2;
    private static final int SEND = 3;
    private static final int CLOSE = 4;

    private final IoUring ring;
    private final BufferRing buffers;
    private final int listener;

    /** By buffer: the lease while it is sent back. */
    private final Lease[] leases = new Lease[BUFFERS];

    /** Written by the loop alone, read by the thread that answers. */
    private final AtomicLong completions = new AtomicLong();

    private final AtomicLong enters = new AtomicLong();

    private RawEcho(IoUring ring, BufferRing buffers, int listener) {
        this.ring = ring;
        this.buffers = buffers;
        this.listener = listener;
    }

    public static void main(String[] arguments) throws IOException {
        try (ListeningSocket socket = ListeningSocket.open();
                IoUring ring =
                        IoUring.open(RawRing.options(ENTRIES).withCompletions(COMPLETIONS))) {
            ring.registerDescriptor();
            ring.registerEmptyFiles(CONNECTIONS);
            BufferRing buffers =
                    ring.registerBufferRing(BufferRingOptions.of(GROUP, BUFFERS, BUFFER_SIZE));
            RawEcho echo = new RawEcho(ring, buffers, socket.descriptor());
            Control.serve(socket.port(), () -> echo.completions + " " + echo.enters);
            echo.accept();
            while (true) {
                echo.turn();
            }
        }
    }

    private void turn() throws IOException {
        ring.submitAndWait(1);
        int count = ring.drain(COMPLETIONS, this);
        enters.setRelease(enters.getPlain() + 1);
        completions.setRelease(completions.getPlain() + count);
    }

    @Override
    public void completed(long userData, int result, int flags) {
        int slot = (int) userData;
        boolean more = (flags & Completion.F_MORE) != 0;
        switch ((int) (userData >>> 56)) {
            case ACCEPT -> accepted(result, more);
            case RECEIVE -> received(slot, result, flags, more);
            case SEND -> leases[(int) (userData >>> 32) & 0xffff].close();
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
            sendBack(slot, buffers.lease(result, flags));
            if (!more) {
                receive(slot);
            }
        } else if (result == -Errno.ENOBUFS.code()) {
            receive(slot);
        } else if (!more) {
            next(CLOSE, 0, 0).closeSlot(slot);
        }
    }

    private void sendBack(int slot, Lease lease) {
        leases[lease.id()] = lease;
        next(SEND, lease.id(), slot)
                .send(slot, lease.buffer().address(), lease.length(), MSG_WAITALL | MSG_NOSIGNAL)
                .fixedFile();
    }

    private void receive(int slot) {
        next(RECEIVE, 0, slot).receiveMultishot(slot, 0, GROUP).fixedFile();
    }

    private void accept() {
        next(ACCEPT, 0, 0).acceptMultishot(listener, 0).intoSlot(SubmissionEntry.ANY_SLOT);
    }

    private SubmissionEntry next(long kind, long buffer, int slot) {
        if (ring.room() == 0) {
            submit();
        }
        return ring.next(kind << 56 | buffer << 32 | slot);
    }

    private void submit() {
        try {
            ring.submit();
        } catch (ErrnoException e) {
            throw new BenchException("cannot submit: " + e.getMessage(), e);
        }
    }
}

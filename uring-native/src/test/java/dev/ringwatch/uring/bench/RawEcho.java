package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Lease;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;

/** Our echo server as a raw loop: each buffer is sent back as it is. */
final class RawEcho extends RawServer {
    /** By buffer: the lease while it is sent back. */
    private final Lease[] leases = new Lease[BUFFERS];

    private RawEcho(IoUring ring, ListeningSocket socket) throws ErrnoException {
        super(ring, socket);
    }

    public static void main(String[] arguments) throws IOException {
        try (ListeningSocket socket = ListeningSocket.open();
                IoUring ring = openRing()) {
            new RawEcho(ring, socket).serve(socket);
        }
    }

    @Override
    void received(int slot, Lease lease) {
        leases[lease.id()] = lease;
        answer(lease.id(), slot)
                .send(slot, lease.buffer().address(), lease.length(), MSG_WAITALL | MSG_NOSIGNAL)
                .fixedFile();
    }

    @Override
    void answered(int buffer, int slot, int result) {
        leases[buffer].close();
    }
}

package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Lease;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;

/** Our echo server as a raw loop, {@code RawEcho [BUFFERS]}: each is sent back as it is. */
final class RawEcho extends RawServer {
    /** By buffer: the lease while it is sent back. */
    private final Lease[] leases;

    private RawEcho(IoUring ring, ListeningSocket socket, int bufferCount) throws ErrnoException {
        super(ring, socket, bufferCount);
        leases = new Lease[bufferCount];
    }

    public static void main(String[] arguments) throws IOException {
        try (ListeningSocket socket = ListeningSocket.open();
                IoUring ring = openRing()) {
            int bufferCount = arguments.length > 0 ? Integer.parseInt(arguments[0]) : BUFFERS;
            new RawEcho(ring, socket, bufferCount).serve(socket);
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

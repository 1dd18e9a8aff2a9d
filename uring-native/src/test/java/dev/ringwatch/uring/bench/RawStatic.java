package dev.ringwatch.uring.bench;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Lease;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.MappedMemory;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Our file server as a raw loop: {@code RawStatic PATH BYTES}. It has one file mapped, and sends it
 * out of the mapping behind a header: the kernel copies once, from the page cache into the socket.
 * Should the file be cut short meanwhile, the send fails with EFAULT; nothing here touches the pages.
 */
final class RawStatic extends RawServer {
    private static final int MSG_MORE = 0x8000;

    /** Two line ends, as an int in the order of the bytes. */
    private static final int END = 0x0d0a0d0a;

    private static final int HEADER = 0;
    private static final int BODY = 1;

    private final MemorySegment request;
    private final MemorySegment header;
    private final MemorySegment body;

    private RawStatic(IoUring ring, ListeningSocket socket, Path name, MemorySegment body)
            throws ErrnoException {
        super(ring, socket, BUFFERS);
        this.body = body;
        request = ascii("GET /" + name + " HTTP/1.1\r\n");
        header = ascii("HTTP/1.1 200 OK\r\ncontent-length: " + body.byteSize() + "\r\n\r\n");
    }

    public static void main(String[] arguments) throws IOException {
        String path = arguments[0];
        try (ListeningSocket socket = ListeningSocket.open();
                OwnedFd file = Fds.open(path, Fds.O_RDONLY, 0);
                MappedMemory memory =
                        MappedMemory.map(
                                Long.parseLong(arguments[1]),
                                MappedMemory.PROT_READ,
                                MappedMemory.MAP_SHARED | MappedMemory.MAP_POPULATE,
                                file.number(),
                                0);
                IoUring ring = openRing()) {
            new RawStatic(ring, socket, Path.of(path).getFileName(), memory.segment())
                    .serve(socket);
        }
    }

    @Override
    void received(int slot, Lease lease) {
        boolean wanted = isRequest(lease.buffer(), lease.length());
        lease.close();
        if (!wanted) {
            throw new BenchException("a request came in parts, or is for another file");
        }
        reserve(2);
        answer(HEADER, slot)
                .send(
                        slot,
                        header.address(),
                        (int) header.byteSize(),
                        MSG_WAITALL | MSG_NOSIGNAL | MSG_MORE)
                .fixedFile()
                .link()
                .skipSuccess();
        answer(BODY, slot)
                .send(slot, body.address(), (int) body.byteSize(), MSG_WAITALL | MSG_NOSIGNAL)
                .fixedFile();
    }

    private boolean isRequest(MemorySegment bytes, int length) {
        long line = request.byteSize();
        return length >= line
                && MemorySegment.mismatch(bytes, 0, line, request, 0, line) == -1
                && bytes.get(JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), length - 4) == END;
    }

    @Override
    void answered(int part, int slot, int result) {
        if (result < 0) {
            close(slot);
        }
    }

    private static MemorySegment ascii(String text) {
        byte[] bytes = text.getBytes(US_ASCII);
        return Arena.global().allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }
}

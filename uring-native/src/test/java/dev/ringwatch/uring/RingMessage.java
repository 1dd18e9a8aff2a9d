package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.SocketLayouts.Cmsghdr;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A message header with room for one byte and 253 descriptors, for a ring to receive into. */
final class RingMessage {
    private final MemorySegment header;
    private final MemorySegment control;

    RingMessage(Arena arena) {
        MemorySegment iovec = arena.allocate(Iovec.SIZE, 8);
        iovec.set(JAVA_LONG, Iovec.BASE, arena.allocate(8).address());
        iovec.set(JAVA_LONG, Iovec.LEN, 1);
        control = arena.allocate(Cmsghdr.space(4 * 253), 8);
        header = arena.allocate(Msghdr.SIZE, 8);
        header.set(JAVA_LONG, Msghdr.IOV, iovec.address());
        header.set(JAVA_LONG, Msghdr.IOVLEN, 1);
        header.set(JAVA_LONG, Msghdr.CONTROL, control.address());
        header.set(JAVA_LONG, Msghdr.CONTROLLEN, control.byteSize());
    }

    MemorySegment header() {
        return header;
    }

    /** The part the kernel filled. */
    MemorySegment control() {
        return control.asSlice(0, header.get(JAVA_LONG, Msghdr.CONTROLLEN));
    }
}

package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Memory the ring has pinned, by index.
 *
 * <p>It must stay allocated until {@link #unregister()} or the ring's end. Used by the ring's owner
 * thread only. Source: io_uring_register(2).
 */
public final class BufferTable {
    private static final int REGISTER_BUFFERS = 0;
    private static final int UNREGISTER_BUFFERS = 1;

    private final IoUring ring;
    private final List<MemorySegment> buffers;
    private boolean registered = true;

    private BufferTable(IoUring ring, List<MemorySegment> buffers) {
        this.ring = ring;
        this.buffers = buffers;
    }

    static BufferTable register(IoUring ring, MemorySegment[] buffers) throws ErrnoException {
        requireNative(buffers);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate((long) Iovec.SIZE * buffers.length, 8);
            for (int i = 0; i < buffers.length; i++) {
                long at = (long) Iovec.SIZE * i;
                list.set(JAVA_LONG, at + Iovec.BASE, buffers[i].address());
                list.set(JAVA_LONG, at + Iovec.LEN, buffers[i].byteSize());
            }
            ring.register(
                    REGISTER_BUFFERS,
                    list,
                    buffers.length,
                    buffers.length
                            + " buffers; ENOMEM means RLIMIT_MEMLOCK (ulimit -l), EBUSY that the"
                            + " ring has buffers already");
        }
        return new BufferTable(ring, List.of(buffers));
    }

    /** How many buffers. */
    public int capacity() {
        return buffers.size();
    }

    /** The memory of one buffer. */
    public MemorySegment buffer(int index) {
        return buffers.get(index);
    }

    /**
     * Unpins the memory, when the operations that use it have ended.
     *
     * @throws IllegalStateException if it was done before
     */
    public void unregister() throws ErrnoException {
        ring.requireRegisterable();
        if (!registered) {
            throw new IllegalStateException("the buffers are unregistered");
        }
        ring.register(UNREGISTER_BUFFERS, MemorySegment.NULL, 0, "buffers");
        registered = false;
    }

    private static void requireNative(MemorySegment[] buffers) {
        if (buffers.length == 0) {
            throw new IllegalArgumentException("at least one buffer");
        }
        for (MemorySegment buffer : buffers) {
            if (!buffer.isNative()) {
                throw new IllegalArgumentException(
                        "a registered buffer is pinned: it must be native, not a Java array");
            }
        }
    }
}

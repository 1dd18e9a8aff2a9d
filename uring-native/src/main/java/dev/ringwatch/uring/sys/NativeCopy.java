package dev.ringwatch.uring.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Lends the kernel native memory for one call.
 *
 * <p>A native segment is passed as it is; a heap segment (a Java array) gets a native copy, because
 * the collector may move the array while the kernel reads or writes.
 */
final class NativeCopy implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment original;
    private final MemorySegment lent;

    /** Lends the segment, with its present content. */
    NativeCopy(MemorySegment original) {
        this.original = original;
        lent = original.isNative() ? original : copy(arena, original);
    }

    /** The address for the kernel, valid until close. */
    long address() {
        return lent.address();
    }

    /** The memory for the kernel, valid until close. */
    MemorySegment segment() {
        return lent;
    }

    /** The size in bytes. */
    long size() {
        return lent.byteSize();
    }

    /** Copies back the first bytes, where there is a copy. */
    void written(long bytes) {
        if (lent != original) {
            MemorySegment.copy(lent, 0, original, 0, bytes);
        }
    }

    @Override
    public void close() {
        try {
            arena.close();
        } finally {
            Reference.reachabilityFence(original); // an automatic arena may not free it earlier
        }
    }

    private static MemorySegment copy(Arena arena, MemorySegment heap) {
        return arena.allocate(Math.max(1, heap.byteSize()), 8)
                .asSlice(0, heap.byteSize())
                .copyFrom(heap);
    }
}

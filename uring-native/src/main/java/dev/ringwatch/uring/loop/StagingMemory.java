package dev.ringwatch.uring.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Native memory between heap buffers and the kernel, in pieces of one size that are used again.
 *
 * <p>Pieces beyond {@value #KEPT} are left to the collector. Any thread.
 */
final class StagingMemory {
    /** Bytes of a piece: what a socket's send buffer takes at once in the usual configuration. */
    static final int SIZE = 64 * 1024;

    private static final int KEPT = 64;

    private final ConcurrentLinkedQueue<MemorySegment> free = new ConcurrentLinkedQueue<>();
    private final AtomicInteger kept = new AtomicInteger();

    MemorySegment take() {
        MemorySegment piece = free.poll();
        if (piece == null) {
            return Arena.ofAuto().allocate(SIZE, 64);
        }
        kept.decrementAndGet();
        return piece;
    }

    /** Gives a piece back that no operation has any more. */
    void give(MemorySegment piece) {
        if (kept.incrementAndGet() > KEPT) {
            kept.decrementAndGet();
        } else {
            free.add(piece);
        }
    }
}

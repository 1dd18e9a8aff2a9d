package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The program's half of the completion queue: the kernel writes entries and the tail, the program
 * the head.
 *
 * <p>Head and tail are 32 bits that wrap; they are only ever subtracted.
 */
final class CompletionQueue {
    private static final VarHandle INT = JAVA_INT.varHandle();

    private final MemorySegment ring;
    private final long headOffset;
    private final long tailOffset;
    private final long overflowOffset;
    private final long entriesOffset;
    private final int capacity;
    private final int mask;
    private final int entrySize;

    /** The next entry to take; the head the kernel sees follows it at the end of a batch. */
    private int head;

    /** Operations whose last completion was taken. */
    private long finished;

    /**
     * Begins where the queue's head is.
     *
     * @param ring both queues as mapped
     * @param params struct io_uring_params as the kernel filled it
     * @param entrySize bytes of an entry
     */
    CompletionQueue(MemorySegment ring, MemorySegment params, int entrySize) {
        this.ring = ring;
        this.entrySize = entrySize;
        headOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_HEAD);
        tailOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_TAIL);
        overflowOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_OVERFLOW);
        entriesOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_CQES);
        capacity = params.get(JAVA_INT, ParamsLayout.CQ_ENTRIES);
        mask = capacity - 1;
        head = ring.get(JAVA_INT, headOffset);
    }

    int capacity() {
        return capacity;
    }

    /** Completions that can be taken now. */
    int ready() {
        // The kernel writes the tail with release after the entries: acquire makes them visible.
        return (int) INT.getAcquire(ring, tailOffset) - head;
    }

    /** Operations whose last completion was taken. */
    long finished() {
        return finished;
    }

    /** Completions the kernel lost for want of memory, modulo 2^32. */
    int lost() {
        // The kernel alone writes this word, and only counts up.
        return (int) INT.getAcquire(ring, overflowOffset);
    }

    /** Gives up to so many completions to the visitor and returns how many. */
    int drain(int limit, Completion.Visitor visitor) {
        int count = Math.min(limit, ready());
        int first = head;
        int taken = 0;
        try {
            while (taken < count) {
                long at = entriesOffset + (long) ((first + taken) & mask) * entrySize;
                taken++;
                visit(at, visitor);
            }
        } finally {
            head = first + taken;
            // The kernel reads this word with acquire before it writes an entry anew: release keeps
            // our reads of the entries before it.
            INT.setRelease(ring, headOffset, head);
        }
        return taken;
    }

    private void visit(long at, Completion.Visitor visitor) {
        int flags = ring.get(JAVA_INT, at + CqeLayout.FLAGS);
        if (Completion.isLast(flags)) {
            finished++;
        }
        visitor.completed(
                ring.get(JAVA_LONG, at + CqeLayout.USER_DATA),
                ring.get(JAVA_INT, at + CqeLayout.RES),
                flags);
    }
}

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
    private final Tags tags = new Tags();
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

    /** Where completions of the ring's tables go, which no visitor sees. */
    Tags tags() {
        return tags;
    }

    /** Completions that can be taken now, without those of the ring's tables. */
    int ready() {
        int all = all();
        return tags.expected() ? all - hidden(all) : all;
    }

    /** Completions of the ring's tables that wait among the others. */
    int hidden() {
        return tags.expected() ? hidden(all()) : 0;
    }

    /** Whether there is no room for another completion. */
    boolean isFull() {
        return all() == capacity;
    }

    private int all() {
        // The kernel writes the tail with release after the entries: acquire makes them visible.
        return (int) INT.getAcquire(ring, tailOffset) - head;
    }

    private int hidden(int all) {
        int count = 0;
        for (int i = 0; i < all; i++) {
            if (Tags.isTag(ring.get(JAVA_LONG, entry(head + i) + CqeLayout.USER_DATA))) {
                count++;
            }
        }
        return count;
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

    /**
     * Gives up to so many completions to the visitor and returns how many. Those of the ring's tables
     * that lie before the first one left are taken with them.
     */
    int drain(int limit, Completion.Visitor visitor) {
        int count = all();
        int first = head;
        int taken = 0;
        int shown = 0;
        try {
            while (taken < count) {
                long at = entry(first + taken);
                long userData = ring.get(JAVA_LONG, at + CqeLayout.USER_DATA);
                if (Tags.isTag(userData)) {
                    taken++;
                    tags.arrived(userData);
                } else if (shown < limit) {
                    taken++;
                    shown++;
                    visit(at, userData, visitor);
                } else {
                    break;
                }
            }
        } finally {
            head = first + taken;
            // The kernel reads this word with acquire before it writes an entry anew: release keeps
            // our reads of the entries before it.
            INT.setRelease(ring, headOffset, head);
        }
        return shown;
    }

    private long entry(int position) {
        return entriesOffset + (long) (position & mask) * entrySize;
    }

    private void visit(long at, long userData, Completion.Visitor visitor) {
        int flags = ring.get(JAVA_INT, at + CqeLayout.FLAGS);
        if (Completion.isLast(flags)) {
            finished++;
        }
        visitor.completed(userData, ring.get(JAVA_INT, at + CqeLayout.RES), flags);
    }
}

package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The program's half of the completion queue: the kernel writes entries and the tail, the program
 * the head.
 *
 * <p>Head and tail are 32 bits that wrap; they are only ever subtracted. On a mixed ring an entry of
 * 32 bytes takes two places, and one that would not fit before the end is preceded by a filler.
 */
final class CompletionQueue {
    private static final int EVENTFD_DISABLED = 1;
    private static final VarHandle INT = JAVA_INT.varHandle();

    private final MemorySegment ring;
    private Tags tags = new Tags();
    private final long headOffset;
    private final long tailOffset;
    private final long overflowOffset;
    private final long flagsOffset;
    private final long entriesOffset;
    private final int capacity;
    private final int mask;
    private final int entrySize;
    private final boolean mixed;

    /** The next entry to take; the head the kernel sees follows it at the end of a batch. */
    private int head;

    /** Operations whose last completion was taken. */
    private long finished;

    /** Completions taken. */
    private long taken;

    /**
     * Begins where the queue's head is.
     *
     * @param ring both queues as mapped
     * @param params struct io_uring_params as the kernel filled it
     * @param entrySize bytes of an entry, or of a small one
     * @param mixed whether entries of 32 bytes may be among them
     */
    CompletionQueue(MemorySegment ring, MemorySegment params, int entrySize, boolean mixed) {
        this.ring = ring;
        this.entrySize = entrySize;
        this.mixed = mixed;
        headOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_HEAD);
        tailOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_TAIL);
        overflowOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_OVERFLOW);
        flagsOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_FLAGS);
        entriesOffset = params.get(JAVA_INT, ParamsLayout.CQ_OFF_CQES);
        capacity = params.get(JAVA_INT, ParamsLayout.CQ_ENTRIES);
        mask = capacity - 1;
        head = ring.get(JAVA_INT, headOffset);
    }

    /** Takes over the counts of the queue that this one replaces. */
    void continueFrom(CompletionQueue replaced) {
        tags = replaced.tags;
        finished = replaced.finished;
        taken = replaced.taken;
    }

    int capacity() {
        return capacity;
    }

    /** Where completions of the ring's tables go, which no visitor sees. */
    Tags tags() {
        return tags;
    }

    /** Places that hold something to be taken now, without completions of the ring's tables. */
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

    /** Places that hold something to be taken now. */
    int all() {
        // The kernel writes the tail with release after the entries: acquire makes them visible.
        return (int) INT.getAcquire(ring, tailOffset) - head;
    }

    private int hidden(int all) {
        int count = 0;
        int passed = 0;
        while (passed < all) {
            long at = at(head + passed);
            if (Tags.isTag(ring.get(JAVA_LONG, at + CqeLayout.USER_DATA))) {
                count++;
            }
            passed += width(ring.get(JAVA_INT, at + CqeLayout.FLAGS));
        }
        return count;
    }

    /** Takes completions of the ring's tables that lie before the first other one. */
    void takeHidden() {
        int all = all();
        int passed = 0;
        while (passed < all && takeHidden(at(head + passed))) {
            passed++;
        }
        advance(head + passed, 0);
    }

    private boolean takeHidden(long at) {
        long userData = ring.get(JAVA_LONG, at + CqeLayout.USER_DATA);
        boolean isTag = tags.expected() && Tags.isTag(userData);
        if (isTag) {
            tags.arrived(userData);
        }
        return isTag;
    }

    /** Operations whose last completion was taken. */
    long finished() {
        return finished;
    }

    /** Completions taken. */
    long taken() {
        return taken;
    }

    /** Completions the kernel lost for want of memory, modulo 2^32. */
    int lost() {
        // The kernel alone writes this word, and only counts up.
        return (int) INT.getAcquire(ring, overflowOffset);
    }

    /** Whether the registered eventfd is told of completions. */
    void notifyEventFd(boolean on) {
        // The program alone writes this word; the kernel reads it at each completion.
        INT.setRelease(ring, flagsOffset, on ? 0 : EVENTFD_DISABLED);
    }

    /** Whether an entry has room for two words more. */
    boolean hasBigEntries() {
        return mixed || entrySize == CqeLayout.BIG_SIZE;
    }

    /** Gives up to so many completions to the visitor and returns how many. */
    int drain(int limit, Completion.Visitor visitor) {
        int places = all();
        int first = head;
        int passed = 0;
        int count = 0;
        try {
            while (count < limit && passed < places) {
                long at = at(first + passed);
                int flags = ring.get(JAVA_INT, at + CqeLayout.FLAGS);
                passed += width(flags);
                if (isFiller(flags) || takeHidden(at)) {
                    continue;
                }
                count++;
                finish(flags);
                visitor.completed(
                        ring.get(JAVA_LONG, at + CqeLayout.USER_DATA),
                        ring.get(JAVA_INT, at + CqeLayout.RES),
                        flags);
            }
        } finally {
            advance(first + passed, count);
        }
        return count;
    }

    /** {@link #drain} with the two words more that an entry of 32 bytes has. */
    int drainBig(int limit, Completion.BigVisitor visitor) {
        int places = all();
        int first = head;
        int passed = 0;
        int count = 0;
        try {
            while (count < limit && passed < places) {
                long at = at(first + passed);
                int flags = ring.get(JAVA_INT, at + CqeLayout.FLAGS);
                int width = width(flags);
                passed += width;
                if (isFiller(flags) || takeHidden(at)) {
                    continue;
                }
                count++;
                finish(flags);
                boolean big = !mixed || width == 2;
                visitor.completed(
                        ring.get(JAVA_LONG, at + CqeLayout.USER_DATA),
                        ring.get(JAVA_INT, at + CqeLayout.RES),
                        flags,
                        big ? ring.get(JAVA_LONG, at + CqeLayout.EXTRA1) : 0,
                        big ? ring.get(JAVA_LONG, at + CqeLayout.EXTRA2) : 0);
            }
        } finally {
            advance(first + passed, count);
        }
        return count;
    }

    private long at(int index) {
        return entriesOffset + (long) (index & mask) * entrySize;
    }

    private int width(int flags) {
        return mixed && (flags & Completion.F_32) != 0 ? 2 : 1;
    }

    private boolean isFiller(int flags) {
        return mixed && (flags & CqeLayout.F_SKIP) != 0;
    }

    private void finish(int flags) {
        if (Completion.isLast(flags)) {
            finished++;
        }
    }

    private void advance(int newHead, int count) {
        taken += count;
        head = newHead;
        // The kernel reads this word with acquire before it writes an entry anew: release keeps
        // our reads of the entries before it.
        INT.setRelease(ring, headOffset, head);
    }
}

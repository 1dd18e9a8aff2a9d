package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The program's half of the submission queue: it writes entries and the tail, the kernel the head
 * and the flags.
 *
 * <p>Head and tail are 32 bits that wrap; they are only ever subtracted. Entries between the
 * published tail and the next one are the program's alone, so a prepared entry can be taken back.
 */
final class SubmissionQueue {
    /** The poll thread sleeps. */
    static final int NEED_WAKEUP = 1;

    /** Completions wait in the kernel for room in the queue. */
    static final int CQ_OVERFLOW = 1 << 1;

    /** Completion work waits for the owner to enter the kernel. */
    static final int TASKRUN = 1 << 2;

    private static final VarHandle INT = JAVA_INT.varHandle();

    private final MemorySegment ring;
    private final SubmissionEntry writer;
    private final long headOffset;
    private final long tailOffset;
    private final long flagsOffset;
    private final int capacity;
    private final int mask;

    /** The head when it was last looked at; entries before it are free. */
    private int seenHead;

    /** The tail the kernel was shown. */
    private int publishedTail;

    /** Where the next entry goes. */
    private int nextTail;

    /**
     * Begins where the queue's tail is.
     *
     * @param ring both queues as mapped
     * @param entries the submission entries as mapped
     * @param params struct io_uring_params as the kernel filled it
     * @param entrySize bytes of an entry
     */
    SubmissionQueue(
            MemorySegment ring, MemorySegment entries, MemorySegment params, int entrySize) {
        this.ring = ring;
        writer = new SubmissionEntry(entries, entrySize);
        headOffset = params.get(JAVA_INT, ParamsLayout.SQ_OFF_HEAD);
        tailOffset = params.get(JAVA_INT, ParamsLayout.SQ_OFF_TAIL);
        flagsOffset = params.get(JAVA_INT, ParamsLayout.SQ_OFF_FLAGS);
        capacity = params.get(JAVA_INT, ParamsLayout.SQ_ENTRIES);
        mask = capacity - 1;
        publishedTail = ring.get(JAVA_INT, tailOffset);
        nextTail = publishedTail;
        seenHead = ring.get(JAVA_INT, headOffset);
    }

    int capacity() {
        return capacity;
    }

    /** Entries prepared and not yet shown to the kernel. */
    int unpublished() {
        return nextTail - publishedTail;
    }

    /** Entries prepared that the kernel has not taken, shown to it or not. */
    int waiting() {
        return nextTail - head();
    }

    /** Entries that can be prepared now. */
    int room() {
        return capacity - waiting();
    }

    /** Shows the kernel all that was prepared. */
    void publish() {
        // The kernel's poll thread, and enter, read this word with acquire: release makes the
        // entries written before visible with it.
        INT.setRelease(ring, tailOffset, nextTail);
        publishedTail = nextTail;
    }

    /** Takes back what was prepared since the last publish. */
    void takeBack() {
        nextTail = publishedTail;
        writer.takeSilent();
    }

    /** The kernel's flags. */
    int flags() {
        // The kernel writes this word (also from its poll thread and from interrupts).
        return (int) INT.getAcquire(ring, flagsOffset);
    }

    /** After {@link #publish()}: whether the poll thread sleeps and must be woken. */
    boolean needsWakeup() {
        // The poll thread writes NEED_WAKEUP, then reads the tail; we write the tail, then read
        // NEED_WAKEUP. Only a full fence between keeps both from missing the other's write.
        VarHandle.fullFence();
        return (flags() & NEED_WAKEUP) != 0;
    }

    /**
     * Claims the next entry for the writer.
     *
     * @throws IllegalStateException if the queue is full
     */
    SubmissionEntry next(long userData) {
        // The head is the kernel's cache line: it is looked at only when the queue seems full.
        if (nextTail - seenHead == capacity && room() == 0) {
            throw full(1);
        }
        return writer.claim(nextTail++ & mask, userData);
    }

    /**
     * Throws unless so many entries can be prepared.
     *
     * @throws IllegalStateException if the queue has not that much room
     */
    void reserve(int count) {
        if (room() < count) {
            throw full(count);
        }
    }

    /** Prepared entries marked silent since the last call. */
    int takeSilent() {
        return writer.takeSilent();
    }

    /**
     * Prepares an entry, on which the writer stays.
     *
     * @throws IllegalStateException if the queue is full
     */
    SubmissionEntry put(Operation operation, long userData, int flags) {
        return OperationEncoder.encode(operation, next(userData)).addFlags(flags);
    }

    private IllegalStateException full(int wanted) {
        return new IllegalStateException(
                "the submission queue is full: of its "
                        + capacity
                        + " entries "
                        + waiting()
                        + " are prepared and not yet taken by the kernel, and "
                        + wanted
                        + " more are wanted; submit first, or make the ring with more entries");
    }

    private int head() {
        // The kernel writes this word, under SQPOLL from its own thread: acquire keeps our writes
        // into an entry behind its reads of it.
        seenHead = (int) INT.getAcquire(ring, headOffset);
        return seenHead;
    }
}

package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

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
    private final MemorySegment entries;
    private final long headOffset;
    private final long tailOffset;
    private final long flagsOffset;
    private final int capacity;
    private final int mask;
    private final int entrySize;

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
        this.entries = entries;
        this.entrySize = entrySize;
        headOffset = params.get(JAVA_INT, ParamsLayout.SQ_OFF_HEAD);
        tailOffset = params.get(JAVA_INT, ParamsLayout.SQ_OFF_TAIL);
        flagsOffset = params.get(JAVA_INT, ParamsLayout.SQ_OFF_FLAGS);
        capacity = params.get(JAVA_INT, ParamsLayout.SQ_ENTRIES);
        mask = capacity - 1;
        publishedTail = ring.get(JAVA_INT, tailOffset);
        nextTail = publishedTail;
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
     * Prepares an entry.
     *
     * @throws IllegalStateException if the queue is full
     */
    void put(Operation operation, long userData, int flags) {
        long at = claim();
        entries.set(JAVA_BYTE, at + SqeLayout.FLAGS, (byte) flags);
        entries.set(JAVA_LONG, at + SqeLayout.USER_DATA, userData);
        encode(at, operation);
        nextTail++;
    }

    private long claim() {
        if (room() == 0) {
            throw new IllegalStateException(
                    "the submission queue is full: its "
                            + capacity
                            + " entries are prepared and not yet taken by the kernel; submit first,"
                            + " or make the ring with more entries");
        }
        long at = (long) (nextTail & mask) * entrySize;
        for (long word = at; word < at + entrySize; word += 8) {
            entries.set(JAVA_LONG, word, 0); // what an earlier operation left would be obeyed
        }
        return at;
    }

    private int head() {
        // The kernel writes this word, under SQPOLL from its own thread: acquire keeps our writes
        // into an entry behind its reads of it.
        return (int) INT.getAcquire(ring, headOffset);
    }

    private void encode(long at, Operation operation) {
        switch (operation) {
            case Operation.Nop() -> {
                opcode(at, SqeLayout.OP_NOP);
                entries.set(JAVA_INT, at + SqeLayout.FD, -1);
            }
            case Operation.Read(Target file, MemorySegment into, long offset) ->
                    transfer(at, SqeLayout.OP_READ, file, into, offset);
            case Operation.Write(Target file, MemorySegment from, long offset) ->
                    transfer(at, SqeLayout.OP_WRITE, file, from, offset);
            case Operation.ReadFixed(Target file, MemorySegment into, long offset, int buffer) -> {
                transfer(at, SqeLayout.OP_READ_FIXED, file, into, offset);
                entries.set(JAVA_SHORT, at + SqeLayout.BUF_INDEX, (short) buffer);
            }
            case Operation.WriteFixed(Target file, MemorySegment from, long offset, int buffer) -> {
                transfer(at, SqeLayout.OP_WRITE_FIXED, file, from, offset);
                entries.set(JAVA_SHORT, at + SqeLayout.BUF_INDEX, (short) buffer);
            }
            case Operation.PollAdd(Target file, int events, boolean multishot) -> {
                opcode(at, SqeLayout.OP_POLL_ADD);
                target(at, file);
                entries.set(JAVA_INT, at + SqeLayout.OP_FLAGS, events);
                entries.set(JAVA_INT, at + SqeLayout.LEN, multishot ? SqeLayout.POLL_ADD_MULTI : 0);
            }
            case Operation.SendMessage(Target socket, MemorySegment message, int flags) ->
                    message(at, SqeLayout.OP_SENDMSG, socket, message, flags);
            case Operation.ReceiveMessage(Target socket, MemorySegment message, int flags) ->
                    message(at, SqeLayout.OP_RECVMSG, socket, message, flags);
            case Operation.Cancel(long userData) -> {
                opcode(at, SqeLayout.OP_ASYNC_CANCEL);
                entries.set(JAVA_INT, at + SqeLayout.FD, -1);
                entries.set(JAVA_LONG, at + SqeLayout.ADDR, userData);
            }
            case Operation.CancelFile(Target file) -> cancelFile(at, file);
            case Operation.CancelAll() -> {
                opcode(at, SqeLayout.OP_ASYNC_CANCEL);
                entries.set(JAVA_INT, at + SqeLayout.FD, -1);
                cancelFlags(at, SqeLayout.CANCEL_ANY | SqeLayout.CANCEL_ALL);
            }
        }
    }

    private void transfer(long at, int opcode, Target file, MemorySegment memory, long offset) {
        opcode(at, opcode);
        target(at, file);
        entries.set(JAVA_LONG, at + SqeLayout.OFF, offset);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR, memory.address());
        entries.set(JAVA_INT, at + SqeLayout.LEN, (int) memory.byteSize());
    }

    private void message(long at, int opcode, Target socket, MemorySegment message, int flags) {
        opcode(at, opcode);
        target(at, socket);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR, message.address());
        entries.set(JAVA_INT, at + SqeLayout.LEN, 1);
        entries.set(JAVA_INT, at + SqeLayout.OP_FLAGS, flags);
    }

    /** Names the file by a flag of cancel, not of the entry: the entry itself works on no file. */
    private void cancelFile(long at, Target file) {
        opcode(at, SqeLayout.OP_ASYNC_CANCEL);
        switch (file) {
            case Target.Descriptor(int number) -> {
                entries.set(JAVA_INT, at + SqeLayout.FD, number);
                cancelFlags(at, SqeLayout.CANCEL_FD | SqeLayout.CANCEL_ALL);
            }
            case Target.Slot(int index) -> {
                entries.set(JAVA_INT, at + SqeLayout.FD, index);
                cancelFlags(
                        at, SqeLayout.CANCEL_FD | SqeLayout.CANCEL_FD_FIXED | SqeLayout.CANCEL_ALL);
            }
        }
    }

    private void cancelFlags(long at, int flags) {
        entries.set(JAVA_INT, at + SqeLayout.OP_FLAGS, flags);
    }

    private void opcode(long at, int opcode) {
        entries.set(JAVA_BYTE, at + SqeLayout.OPCODE, (byte) opcode);
    }

    private void target(long at, Target file) {
        switch (file) {
            case Target.Descriptor(int number) -> entries.set(JAVA_INT, at + SqeLayout.FD, number);
            case Target.Slot(int index) -> {
                entries.set(JAVA_INT, at + SqeLayout.FD, index);
                int flags = entries.get(JAVA_BYTE, at + SqeLayout.FLAGS) | SqeLayout.FIXED_FILE;
                entries.set(JAVA_BYTE, at + SqeLayout.FLAGS, (byte) flags);
            }
        }
    }
}

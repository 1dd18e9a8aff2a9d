package dev.ringwatch.uring;

import java.lang.foreign.MemorySegment;

/**
 * A registered buffer, the program's or an operation's.
 *
 * <p>{@link #lend} before an operation on it is prepared, {@link #completed} with each completion of
 * that; between the two the kernel may read or write the memory, and {@link #memory} throws. Used by
 * the ring's owner thread only.
 */
public final class FixedBuffer {
    private final IoUring ring;
    private final int index;
    private final MemorySegment memory;
    private final Loan loan = new Loan();

    FixedBuffer(IoUring ring, int index, MemorySegment memory) {
        this.ring = ring;
        this.index = index;
        this.memory = memory;
    }

    /** Its slot in the table. */
    public int index() {
        return index;
    }

    /**
     * The memory.
     *
     * @throws IllegalStateException while an operation has it
     */
    public MemorySegment memory() {
        ring.requireOwner();
        loan.requireBack();
        return memory;
    }

    /** Whether an operation has it. */
    public boolean isLent() {
        ring.requireOwner();
        return loan.isLent();
    }

    /**
     * Gives the memory to an operation; to several, if called for each.
     *
     * @return the memory, for the operation
     */
    public MemorySegment lend() {
        ring.requireOwner();
        loan.lend();
        return memory;
    }

    /**
     * Notes a completion of an operation that {@link #lend} was called for.
     *
     * @param flags the completion's; only the last, without F_MORE, brings the memory back
     * @return whether the program has the memory again
     * @throws IllegalStateException if it was not lent
     */
    public boolean completed(int flags) {
        ring.requireOwner();
        return loan.completed(flags);
    }

    /** The memory whoever has it, to be registered elsewhere. */
    MemorySegment address() {
        return memory;
    }

    @Override
    public String toString() {
        return "registered buffer " + index + " of " + ring.name();
    }
}

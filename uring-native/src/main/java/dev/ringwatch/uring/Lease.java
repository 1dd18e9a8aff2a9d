package dev.ringwatch.uring;

import dev.ringwatch.uring.resource.Ticket;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A buffer of a {@link BufferRing}, or a part of one, while the program owns it.
 *
 * <p>Good until {@link #close()}, which gives the memory back to the kernel. The object is then used
 * again for another lease: whoever keeps one beyond the thread that closes it keeps its {@link
 * #generation()} too and calls {@link #requireGeneration} before use.
 *
 * <p>{@link #lend()} gives the memory to an operation, such as a zero-copy send; until the {@link
 * #completed last completion} of it the accessors throw.
 *
 * <p>One thread at a time, handed over safely. {@link #lend()} and {@link #completed} are for the
 * ring's owner, all else for any thread.
 */
public final class Lease implements AutoCloseable {
    private static final int CLOSED = 0;
    private static final int HELD = 1;

    /** Closed by another thread, and not yet taken by the owner. */
    private static final int RETURNED = 2;

    private final BufferRing ring;
    private final Loan loan = new Loan();
    private final AtomicInteger state = new AtomicInteger(CLOSED);
    private MemorySegment buffer = MemorySegment.NULL;
    private int id;
    private int offset;
    private int length;
    private int generation;
    private Ticket ticket = Ticket.NONE;

    /** Behind this one in the list of those that other threads closed. */
    private Lease next = this;

    Lease(BufferRing ring) {
        this.ring = ring;
    }

    /**
     * The bytes received, for reading and writing.
     *
     * @throws IllegalStateException if the lease is closed, or an operation has the memory
     */
    public MemorySegment memory() {
        requireUsable();
        return buffer.asSlice(offset, length);
    }

    /**
     * The whole buffer, in which the bytes received are {@link #length()} from {@link #offset()}; the
     * same object each time, where {@link #memory()} makes a new one.
     *
     * @throws IllegalStateException as for {@link #memory()}
     */
    public MemorySegment buffer() {
        requireUsable();
        return buffer;
    }

    /** Where in the buffer the bytes begin; 0 unless the ring is incremental. */
    public int offset() {
        requireHeld();
        return offset;
    }

    /** Bytes received; 0 for a buffer that came with an error or at the end. */
    public int length() {
        requireHeld();
        return length;
    }

    /** The buffer's number in its ring. */
    public int id() {
        requireHeld();
        return id;
    }

    /** Counts this object's leases; another number means that the lease it was read of is over. */
    public int generation() {
        return generation;
    }

    /**
     * Refuses a lease that was closed since its generation was read.
     *
     * @throws IllegalStateException if so
     */
    public void requireGeneration(int expected) {
        requireHeld();
        if (generation != expected) {
            throw new IllegalStateException(
                    "this lease was closed and its object leased anew, "
                            + (generation - expected)
                            + " times since; keep no lease after its close");
        }
    }

    /**
     * Gives the memory to an operation; to several, if called for each.
     *
     * @return the bytes, for the operation
     */
    public MemorySegment lend() {
        ring.requireOwner();
        requireHeld();
        loan.lend();
        return buffer.asSlice(offset, length);
    }

    /**
     * Notes a completion of an operation that {@link #lend()} was called for.
     *
     * @param flags the completion's; only the last, without F_MORE, brings the memory back
     * @return whether the program has the memory again
     * @throws IllegalStateException if it was not lent
     */
    public boolean completed(int flags) {
        ring.requireOwner();
        requireHeld();
        return loan.completed(flags);
    }

    /**
     * Gives the memory back to the kernel: at once on the ring's owner thread, from another with the
     * owner's next {@link BufferRing#refill()}.
     *
     * @throws IllegalStateException if it is closed already, or an operation has the memory
     */
    @Override
    public void close() {
        requireHeld();
        loan.requireBack();
        if (ring.isOwner()) {
            // Against another thread that closes too: it sees this store and throws, or its
            // exchange went first and the owner finds the lease among the returned, not RETURNED.
            state.setOpaque(CLOSED);
            ring.giveBack(this);
        } else if (state.compareAndSet(HELD, RETURNED)) {
            ticket.close(); // the owner may be gone, and closes it again if not
            ring.giveBackLater(this);
        } else {
            requireHeld();
        }
    }

    /**
     * Gives a {@linkplain BufferRing#vacant vacant} buffer, now filled, to the kernel to send, and
     * ends the lease. The next {@link BufferRing#vacant} may be the same object.
     *
     * @param bytes how many, from the beginning of the buffer
     * @throws IllegalStateException if the lease is closed, or an operation has the memory
     * @throws IllegalArgumentException if there are not so many bytes in the buffer
     */
    public void publish(int bytes) {
        ring.requireOwner();
        requireUsable();
        ring.publish(this, bytes);
    }

    /** The owner published it. */
    void published() {
        state.setOpaque(CLOSED);
    }

    /** Begins a lease. */
    void begin(MemorySegment whole, int bufferId, int from, int bytes) {
        buffer = whole;
        id = bufferId;
        offset = from;
        length = bytes;
        generation++;
        state.setOpaque(HELD);
    }

    /** Has this lease in the tracker's list. */
    void follow(Ticket now) {
        ticket = now;
    }

    /** This lease is no more; seen by the owner. */
    void ended() {
        ticket.close();
        ticket = Ticket.NONE;
    }

    /** The owner takes over what another thread returned. */
    void taken() {
        if (!state.compareAndSet(RETURNED, CLOSED)) {
            throw new IllegalStateException(
                    "two threads closed the lease of buffer " + bufferId() + " of " + ring);
        }
    }

    /** Puts this before another in the list of those that other threads closed. */
    void before(Lease behind) {
        next = behind;
    }

    Lease next() {
        return next;
    }

    int bufferId() {
        return id;
    }

    private void requireUsable() {
        requireHeld();
        loan.requireBack();
    }

    private void requireHeld() {
        if (state.getOpaque() != HELD) {
            throw new IllegalStateException(
                    "the lease is closed and its memory the kernel's; copy what is needed longer"
                            + " before close");
        }
    }

    @Override
    public String toString() {
        return "Lease[buffer " + id + ", " + length + " bytes from " + offset + ", " + ring + "]";
    }
}

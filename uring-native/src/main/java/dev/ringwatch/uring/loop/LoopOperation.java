package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.Ticket;
import dev.ringwatch.uring.sys.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a {@link RingLoop}: how it is written, and what happens as it completes.
 *
 * <p>Given to {@link RingLoop#submit} by any thread; everything else happens on the loop's thread.
 * One object is in flight once at a time, and may be submitted again after its last completion, also
 * from {@link #completed}. What it needs in memory lives until that completion; {@link #ROOM} bytes
 * come with its place in the loop's table.
 */
public abstract class LoopOperation extends Posted {
    /** Bytes each operation has for its parameters: a msghdr, an iovec and a sockaddr fit. */
    public static final int ROOM = 256;

    static final int IDLE = 0;
    static final int POSTED = 1;
    static final int WAITING = 2;
    static final int IN_FLIGHT = 3;

    private static final VarHandle STATE = stateHandle();

    @SuppressWarnings("unused") // by STATE
    private volatile int state;

    /** The chain's next operation, which starts when this one succeeded. */
    private @Nullable LoopOperation chained;

    private boolean hardChain;

    /** Where it is in the loop's table while in flight. The loop's. */
    long userData;

    /** When it was written, if the loop measures that. The loop's. */
    long startedAt;

    /** Follows it, with the stack of its submission, if it is one of those followed. */
    private Ticket ticket = Ticket.NONE;

    /** Whether writing it failed, so that another that fails went in its place. The loop's. */
    boolean broken;

    /** An operation that is not submitted yet. */
    protected LoopOperation() {}

    /**
     * Writes the operation; flags of the entry may follow, but not skipSuccess: the loop waits for
     * the completion. May not submit.
     *
     * @param entry where to
     * @param room {@link #ROOM} bytes for parameters, with what an earlier operation left in them;
     *     this operation's until its last completion
     */
    protected abstract void write(SubmissionEntry entry, MemorySegment room);

    /**
     * Takes one completion. May submit, this operation too if it was the last; may not block.
     *
     * @param result 0 or more as the operation defines, or an error number negated; ECANCELED also
     *     if it never began because it was cancelled or the loop closes
     * @param flags {@code F_} constants of {@link Completion}; it was the last if {@link
     *     Completion#isLast}
     */
    protected abstract void completed(int result, int flags);

    /**
     * The loop ended and the kernel did not let go of this operation: no completion will be seen,
     * and its memory must never be used again. Frees nobody's memory; wakes whoever waits.
     */
    protected void abandoned() {}

    /**
     * Whether it waits for others by nature, as a poll or a receive does, so that taking long says
     * nothing.
     */
    protected boolean waitsForOthers() {
        return true;
    }

    /** What it is, for reports on operations left in flight. */
    protected String description() {
        return getClass().getSimpleName();
    }

    /**
     * Makes a chain: the next operation starts when this one succeeded, and is cancelled if it did
     * not. Both complete by themselves. Submit the first.
     *
     * @return this
     */
    public final LoopOperation then(LoopOperation next) {
        chained = next;
        return this;
    }

    /** As {@link #then}, but the next starts however this one ends. */
    public final LoopOperation thenAlways(LoopOperation next) {
        hardChain = true;
        return then(next);
    }

    @Nullable LoopOperation chained() {
        return chained;
    }

    boolean hardChain() {
        return hardChain;
    }

    int chainLength() {
        int length = 0;
        for (LoopOperation each = this; each != null; each = each.chained) {
            length++;
        }
        return length;
    }

    int state() {
        return (int) STATE.getAcquire(this);
    }

    void state(int next) {
        STATE.setRelease(this, next);
    }

    /** Claims the object for a submit, with all that are chained to it. */
    void claim() {
        for (LoopOperation each = this; each != null; each = each.chained) {
            if (!STATE.compareAndSet(each, IDLE, POSTED)) {
                unclaimBefore(each);
                throw new IllegalStateException(
                        each.description()
                                + " is submitted already; wait for its last completion, or submit"
                                + " another object");
            }
            if (ResourceTracker.global().samples()) {
                each.ticket =
                        ResourceTracker.global().follow(ResourceKind.OPERATION, each.description());
            }
        }
    }

    /** It was not begun after all, nor what is chained to it. */
    void unclaim() {
        for (LoopOperation each = this; each != null; each = each.chained) {
            each.idle();
        }
    }

    private void unclaimBefore(LoopOperation end) {
        for (LoopOperation each = this; each != null && each != end; each = each.chained) {
            each.idle();
        }
    }

    /** After its last completion, or without one: it may be submitted again. */
    void idle() {
        ticket.close();
        ticket = Ticket.NONE;
        state(IDLE);
    }

    @Override
    final void run(LoopCore core) {
        core.start(this);
    }

    /** Completes with ECANCELED, it and all chained to it, without having begun. */
    @Override
    final void refuse(RingLoop loop) {
        for (LoopOperation each = this; each != null; each = each.chained) {
            each.idle();
            loop.guarded(each::refused);
        }
    }

    private void refused() {
        completed(-Errno.ECANCELED.code(), 0);
    }

    private static VarHandle stateHandle() {
        try {
            return MethodHandles.lookup().findVarHandle(LoopOperation.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}

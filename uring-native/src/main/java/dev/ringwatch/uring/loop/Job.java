package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One system call's worth of work, that a ring or a plain call carries out once, and that a thread
 * waits for.
 *
 * <p>Whoever waits returns after the last completion only: the kernel owns the memory until then. An
 * interrupt or a time limit cancels, and a result that comes all the same is a result.
 */
final class Job extends LoopOperation {
    /** How a ring is asked. */
    @FunctionalInterface
    interface Entry {
        void write(SubmissionEntry entry);
    }

    /** How the kernel is asked without a ring. */
    @FunctionalInterface
    interface Call {
        /**
         * Makes the call.
         *
         * @return 0 or more, or an error number negated
         */
        long make();

        /** Has a call that waits return ECANCELED. Any thread. */
        default void wake() {}
    }

    /** What ends the waiting before the operation does by itself. */
    enum Ending {
        NONE,
        TIME,
        INTERRUPT,
        CLOSE
    }

    /**
     * How long a thread waits.
     *
     * @param limit until it cancels; absent for ever
     * @param interruptible whether an interrupt cancels; otherwise the interrupt status waits for
     *     the caller
     */
    record Patience(Duration limit, boolean interruptible) {
        private static final Duration FOREVER_LIMIT = Duration.ofNanos(Long.MAX_VALUE);

        static final Patience FOREVER = new Patience(FOREVER_LIMIT, false);
        static final Patience UNTIL_INTERRUPT = new Patience(FOREVER_LIMIT, true);

        static Patience of(Duration limit, boolean interruptible) {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("a time limit is 0 or more, not " + limit);
            }
            Duration capped = limit.compareTo(FOREVER_LIMIT) > 0 ? FOREVER_LIMIT : limit;
            return new Patience(capped, interruptible);
        }

        /** What is left of it, if it began then. */
        Patience left(long start) {
            if (isForever()) {
                return this;
            }
            Duration left = limit.minusNanos(System.nanoTime() - start);
            return new Patience(left.isNegative() ? Duration.ZERO : left, interruptible);
        }

        boolean isForever() {
            return limit.equals(FOREVER_LIMIT);
        }
    }

    private final String name;
    private final Entry entry;
    private final Call call;

    /** What the calling thread tries first, without waiting; EAGAIN is no. */
    private Call quick = () -> -Errno.EAGAIN.code();

    /** Kept reachable while the kernel may use its memory. */
    @Nullable Object memory;

    private IntConsumer note = success -> {};
    private volatile @Nullable Thread waiter;
    private volatile @Nullable Runnable after;
    private volatile Ending ending = Ending.NONE;
    private volatile boolean done;
    private volatile boolean lost;
    private int result;

    /**
     * Work that is not begun.
     *
     * @param name the system call, for errors
     */
    Job(String name, Entry entry, Call call) {
        this.name = name;
        this.entry = entry;
        this.call = call;
    }

    /** Work that only a ring can do. */
    static Job onRing(String name, Entry entry) {
        return new Job(name, entry, () -> -Errno.ENOSYS.code());
    }

    /** Work that only a plain call can do. */
    static Job plainly(String name, Call call) {
        return new Job(
                name,
                entry -> {
                    throw new IllegalStateException(name + " of this kind is not for a ring");
                },
                call);
    }

    /** Keeps something reachable until the last completion. */
    Job keeping(Object owner) {
        memory = owner;
        return this;
    }

    /** Is given a result of 0 or more first, on the thread that brings it. Set before it begins. */
    Job noting(IntConsumer success) {
        note = success;
        return this;
    }

    /**
     * Is tried first on the thread that asks, and must not wait: where it can, neither ring nor other
     * thread is troubled. Set before it begins.
     *
     * @param attempt the whole work, or EAGAIN
     */
    Job quickly(Call attempt) {
        quick = attempt;
        return this;
    }

    /** Does it without waiting, if that can be. */
    boolean tryQuickly() {
        long outcome = quick.make();
        if (outcome == -Errno.EAGAIN.code()) {
            return false;
        }
        finish((int) outcome);
        return true;
    }

    /** Runs when it is done, on whatever thread brings the result. Set before it begins. */
    void whenDone(Runnable action) {
        after = action;
    }

    @Override
    protected void write(SubmissionEntry target, MemorySegment room) {
        entry.write(target);
    }

    @Override
    protected void completed(int outcome, int flags) {
        finish(outcome);
    }

    @Override
    protected void abandoned() {
        lost = true;
        finish(-Errno.ECANCELED.code());
    }

    /** What waits until a file is ready waits for whoever makes it so; a disk is nobody. */
    @Override
    protected boolean waitsForOthers() {
        return call instanceof ReadyCall;
    }

    @Override
    protected String description() {
        return name;
    }

    /** Makes the plain call, again if a signal interrupts it. */
    void runPlainly() {
        long outcome = call.make();
        while (outcome == -Errno.EINTR.code() && ending == Ending.NONE) {
            outcome = call.make();
        }
        finish((int) outcome);
    }

    private void finish(int outcome) {
        try {
            if (outcome >= 0) {
                note.accept(outcome);
            }
        } finally { // whoever waits is not to wait for ever because a note was wrong
            end(outcome);
        }
    }

    private void end(int outcome) {
        result = outcome;
        done = true;
        Runnable action = after;
        if (action != null) {
            action.run();
        }
        Thread waiting = waiter;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    /** Notes why it is being cancelled; the first reason stands. */
    synchronized void ending(Ending why) {
        if (ending == Ending.NONE) {
            ending = why;
        }
    }

    Ending ending() {
        return ending;
    }

    /** Wakes a plain call that waits. Does nothing where none does. */
    void wakePlainly() {
        call.wake();
    }

    /** Waits for the last completion, cancelling if the patience ends. */
    void await(Engine engine, Patience patience) {
        waiter = Thread.currentThread();
        long start = System.nanoTime();
        boolean interrupted = false;
        while (!done) {
            park(patience, start);
            interrupted |= Thread.interrupted();
            Ending why = why(patience, start, interrupted);
            if (!done && ending == Ending.NONE && why != Ending.NONE) {
                ending(why);
                engine.cancel(this);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void park(Patience patience, long start) {
        if (patience.isForever() || ending != Ending.NONE) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, left(patience, start));
        }
    }

    private static Ending why(Patience patience, long start, boolean interrupted) {
        if (interrupted && patience.interruptible()) {
            return Ending.INTERRUPT;
        }
        return !patience.isForever() && left(patience, start) <= 0 ? Ending.TIME : Ending.NONE;
    }

    private static long left(Patience patience, long start) {
        return patience.limit().toNanos() - (System.nanoTime() - start);
    }

    /** Whether the kernel never let go of it: its memory must not be used again. */
    boolean isLost() {
        return lost;
    }

    /** The result as the kernel gave it. */
    int raw() {
        requireReturned();
        return result;
    }

    /**
     * The result, or what went wrong.
     *
     * @param detail on what
     */
    int result(String detail, Patience patience) throws IOException {
        requireReturned();
        if (result >= 0) {
            return result;
        }
        if (ending != Ending.NONE && wasCancelled()) {
            throw ended(detail, patience);
        }
        throw new ErrnoException(name, -result, detail);
    }

    /** {@link #result(String, Patience)} with a detail that is made for an error only. */
    int result(Supplier<String> detail, Patience patience) throws IOException {
        requireReturned();
        return result >= 0 ? result : result(detail.get(), patience);
    }

    /** Whether the kernel gave up the operation, and not its file. */
    boolean wasCancelled() {
        return result == -Errno.ECANCELED.code()
                || result == -Errno.EINTR.code()
                || result == -Errno.EAGAIN.code();
    }

    private IOException ended(String detail, Patience patience) {
        return switch (ending) {
            case TIME -> new OperationTimeoutException(name + " " + detail, patience.limit());
            case INTERRUPT ->
                    new InterruptedIOException(
                            name + " " + detail + ": cancelled, the thread was interrupted");
            case CLOSE -> new AsynchronousCloseException();
            case NONE -> new ErrnoException(name, -result, detail);
        };
    }

    private void requireReturned() {
        if (lost) {
            throw new IllegalStateException(
                    name
                            + " was still in the kernel when its loop ended; its memory is never"
                            + " given back");
        }
    }
}

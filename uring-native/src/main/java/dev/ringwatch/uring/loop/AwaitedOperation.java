package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.sys.Errno;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An operation that a caller waits for. One that times out, is interrupted or loses its descriptor
 * is cancelled, and still awaited: what it names in memory is the caller's again after that only.
 */
abstract class AwaitedOperation extends LoopOperation {
    /** How the waiting ended. */
    enum Ending {
        /** Nothing was cancelled. */
        COMPLETED,
        /** The deadline passed. */
        TIMED_OUT,
        /** The caller was interrupted, and its status says so. */
        INTERRUPTED,
        /** The descriptor is closing. */
        CLOSING
    }

    private final RingLoop loop;
    private final SharedFd fd;
    private volatile @Nullable Thread waiter;
    private volatile boolean done;
    private int result = -Errno.ECANCELED.code();

    AwaitedOperation(RingLoop loop, SharedFd fd) {
        this.loop = loop;
        this.fd = fd;
    }

    /** Runs it; the caller is a user of the descriptor. */
    final Ending run(Deadline deadline) {
        loop.requireWaitable();
        waiter = Thread.currentThread();
        try {
            loop.submit(this);
        } catch (RejectedExecutionException e) {
            completed(-Errno.ECANCELED.code(), 0);
        }
        return await(deadline);
    }

    /** What came of it, 0 or more or an error number negated; after {@link #run}. */
    final int result() {
        return result;
    }

    final SharedFd fd() {
        return fd;
    }

    /** Makes the caller look whether the descriptor is closing. Any thread. */
    final void wake() {
        LockSupport.unpark(waiter);
    }

    /** The kernel has let go of all memory. */
    void released() {}

    @Override
    protected final void completed(int outcome, int flags) {
        if (!done) {
            result = outcome;
            done = true;
        }
        if (Completion.isLast(flags)) {
            released();
        }
        wake();
    }

    @Override
    protected final void abandoned() {
        done = true;
        wake();
    }

    private Ending await(Deadline deadline) {
        Ending ending = Ending.COMPLETED;
        boolean interrupted = false;
        while (!done) {
            if (ending == Ending.COMPLETED) {
                ending = reasonToCancel(deadline, interrupted);
            }
            if (ending == Ending.COMPLETED) {
                deadline.park(this);
            } else {
                LockSupport.park(this);
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ending;
    }

    private Ending reasonToCancel(Deadline deadline, boolean interrupted) {
        Ending reason =
                fd.isClosing()
                        ? Ending.CLOSING
                        : interrupted
                                ? Ending.INTERRUPTED
                                : deadline.passed() ? Ending.TIMED_OUT : Ending.COMPLETED;
        if (reason != Ending.COMPLETED) {
            loop.cancel(this);
        }
        return reason;
    }
}

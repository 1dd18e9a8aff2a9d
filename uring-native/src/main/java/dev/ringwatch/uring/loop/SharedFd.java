package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor that many threads and operations use, and that is closed once nobody does: the kernel
 * gives a closed number to the next who asks, and a late user would hit a stranger's file.
 *
 * <p>Any thread.
 */
final class SharedFd {
    private static final int CLOSING = 1 << 30;

    private final int number;

    /** Users, and {@link #CLOSING}. */
    private final AtomicInteger users = new AtomicInteger();

    private volatile @Nullable Thread closer;

    SharedFd(int number) {
        this.number = number;
    }

    /** The number; for those who {@link #acquire()} it. */
    int number() {
        return number;
    }

    /** Begins a use; false if it is closing, and then nothing may be done with the number. */
    boolean acquire() {
        int now = users.get();
        while (now < CLOSING) {
            if (users.compareAndSet(now, now + 1)) {
                return true;
            }
            now = users.get();
        }
        return false;
    }

    /** Ends a use. */
    void release() {
        if (users.decrementAndGet() == CLOSING) {
            LockSupport.unpark(closer);
        }
    }

    boolean isClosing() {
        return users.get() >= CLOSING;
    }

    /** Lets no new user in. True for one caller, who then calls {@link #close()}. */
    boolean beginClose() {
        int now = users.get();
        while (now < CLOSING) {
            if (users.compareAndSet(now, now | CLOSING)) {
                return true;
            }
            now = users.get();
        }
        return false;
    }

    /** Waits until nobody uses the number, whatever interrupts, and closes it. */
    void close() throws ErrnoException {
        boolean interrupted = false;
        closer = Thread.currentThread();
        while (users.get() != CLOSING) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Fds.close(number);
    }
}

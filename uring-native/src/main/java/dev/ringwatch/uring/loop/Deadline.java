package dev.ringwatch.uring.loop;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Until when a caller waits.
 *
 * @param limited whether it ends at all
 * @param at when, by {@link System#nanoTime()}
 */
record Deadline(boolean limited, long at) {
    static final Deadline NEVER = new Deadline(false, 0);

    /** From now on; what is beyond 146 years is 146 years. */
    static Deadline in(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("a timeout is 0 or more, not " + time);
        }
        Duration most = Duration.ofNanos(Long.MAX_VALUE / 2);
        Duration bounded = time.compareTo(most) > 0 ? most : time;
        return new Deadline(true, System.nanoTime() + bounded.toNanos());
    }

    boolean passed() {
        return limited && at - System.nanoTime() <= 0;
    }

    /** Nanoseconds left, 0 or more; for ever is {@link Long#MAX_VALUE}. */
    long left() {
        return limited ? Math.max(0, at - System.nanoTime()) : Long.MAX_VALUE;
    }

    /** Parks until unparked, interrupted, or the deadline; also for no reason. */
    void park(Object blocker) {
        if (limited) {
            LockSupport.parkNanos(blocker, left());
        } else {
            LockSupport.park(blocker);
        }
    }
}

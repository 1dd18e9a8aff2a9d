package dev.ringwatch.uring.loop;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a loop received for a socket and nobody read yet: the loop's thread puts, one reader at a
 * time takes and waits.
 *
 * <p>The reader says that it waits, looks again, and parks; the loop puts, then looks whether
 * somebody waits. Both writes are volatile, so one of the two sees the other.
 */
final class Inbox {
    private final AtomicInteger size = new AtomicInteger();
    private Received last = new Received.Gone();
    private Received taken = last;
    private volatile @Nullable Thread waiter;
    private volatile boolean stopped;

    /** Puts one, and wakes the reader. The loop's thread. */
    void put(Received received) {
        size.incrementAndGet();
        last.next = received;
        last = received;
        wake();
    }

    /** The next, which stays, or null if there is none. The reader. */
    @Nullable Received peek() {
        return taken.next;
    }

    /** Takes what {@link #peek()} showed; how many are left. The reader. */
    int remove(Received first) {
        taken = first;
        return size.decrementAndGet();
    }

    /** Links there are. Any thread. */
    int size() {
        return size.get();
    }

    /** From now on nobody waits. Any thread. */
    void stop() {
        stopped = true;
        wake();
    }

    /** Parks until there is something, or nothing to wait for any more. The reader. */
    void await(Deadline deadline) {
        waiter = Thread.currentThread();
        while (mustWait(deadline)) {
            deadline.park(this);
            waiter = Thread.currentThread();
        }
        waiter = null;
    }

    private boolean mustWait(Deadline deadline) {
        return taken.next == null
                && !stopped
                && !Thread.currentThread().isInterrupted()
                && !deadline.passed();
    }

    private void wake() {
        Thread waiting = waiter;
        if (waiting != null) {
            waiter = null; // once is enough, however much more is put before it runs
            LoopThread.unpark(waiting);
        }
    }
}

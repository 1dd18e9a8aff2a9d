package dev.ringwatch.uring.loop;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What other threads ask of a loop, in the order they asked: many post, one takes all.
 *
 * <p>A stack of links with one compare-and-set a post; taking all exchanges the head once and turns
 * the order round.
 */
final class Mailbox {
    private final AtomicReference<@Nullable Posted> last = new AtomicReference<>();

    /** Adds one. Any thread. */
    void post(Posted posted) {
        while (true) {
            Posted before = last.get();
            posted.next = before;
            if (last.compareAndSet(before, posted)) {
                return;
            }
        }
    }

    boolean isEmpty() {
        return last.get() == null;
    }

    /** Takes all, oldest first, linked by {@link Posted#next}. The loop's thread only. */
    @Nullable Posted takeAll() {
        Posted newest = last.get() == null ? null : last.getAndSet(null);
        Posted oldest = null;
        while (newest != null) {
            Posted older = newest.next;
            newest.next = oldest;
            oldest = newest;
            newest = older;
        }
        return oldest;
    }
}

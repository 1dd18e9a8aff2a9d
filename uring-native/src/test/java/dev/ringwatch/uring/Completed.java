package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Completions of a ring, awaited with a deadline. */
final class Completed {
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(10);
    private static final long TURN = TimeUnit.MILLISECONDS.toNanos(20);

    private Completed() {}

    /** Submits, and takes exactly so many. */
    static List<Completion> await(IoUring ring, int count) throws IOException {
        List<Completion> done = new ArrayList<>();
        long end = System.nanoTime() + DEADLINE;
        while (done.size() < count) {
            ring.submitAndWait(1, TURN);
            ring.drain(count - done.size(), (u, r, f) -> done.add(new Completion(u, r, f)));
            if (System.nanoTime() - end > 0) {
                fail("of " + count + " completions there came " + done);
            }
        }
        return done;
    }

    /** Submits, and takes the one that comes. */
    static Completion one(IoUring ring) throws IOException {
        return await(ring, 1).getFirst();
    }

    /** Submits, and takes whatever is ready once all pending work was run. */
    static List<Completion> ready(IoUring ring) throws IOException {
        List<Completion> done = new ArrayList<>();
        ring.submitAndWait(0);
        ring.drain(Integer.MAX_VALUE, (u, r, f) -> done.add(new Completion(u, r, f)));
        return done;
    }

    /** The only one with this user data. */
    static Completion with(List<Completion> done, long userData) {
        List<Completion> found = done.stream().filter(c -> c.userData() == userData).toList();
        assertEquals(1, found.size(), () -> "with " + userData + " in " + done);
        return found.getFirst();
    }
}

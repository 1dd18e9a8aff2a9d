package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Several loops, a ring and a thread each, that share work.
 *
 * <p>Any thread may use it. Closing it closes each loop.
 */
public final class RingGroup implements AutoCloseable {
    private final List<RingLoop> loops;
    private final AtomicInteger turn = new AtomicInteger();

    private RingGroup(List<RingLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    /**
     * Makes loops that do nothing yet; their names are the options' with a number.
     *
     * @param count 1 or more; one a core is usual
     * @throws IOException if there are no descriptors for them; none is left behind
     */
    public static RingGroup create(int count, LoopOptions options) throws IOException {
        if (count < 1) {
            throw new IllegalArgumentException("a group has 1 loop or more, not " + count);
        }
        List<RingLoop> loops = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                loops.add(RingLoop.create(options.withName(options.name() + "-" + i)));
            }
        } catch (IOException | RuntimeException e) {
            closeAll(loops, options.closeDeadline(), e);
            throw e;
        }
        return new RingGroup(loops);
    }

    /**
     * Makes loops and starts them.
     *
     * @throws IOException why the kernel refuses one; none is left behind
     */
    public static RingGroup start(int count, LoopOptions options) throws IOException {
        RingGroup group = create(count, options);
        group.start();
        return group;
    }

    /**
     * Starts the loops.
     *
     * @throws IOException why the kernel refuses one; all are closed
     */
    public void start() throws IOException {
        try {
            for (RingLoop loop : loops) {
                loop.start();
            }
        } catch (IOException | RuntimeException e) {
            closeAll(loops, loops.getFirst().options().closeDeadline(), e);
            throw e;
        }
    }

    /** The loops, always in the same order. */
    public List<RingLoop> loops() {
        return loops;
    }

    /** The loops in turn. */
    public RingLoop next() {
        return loops.get(Integer.remainderUnsigned(turn.getAndIncrement(), loops.size()));
    }

    /**
     * Closes every loop, each within its deadline and all at once.
     *
     * @throws IOException the first failure; the others are suppressed in it
     */
    @Override
    public void close() throws IOException {
        close(loops.getFirst().options().closeDeadline());
    }

    /** {@link #close()} with another deadline. */
    public void close(Duration deadline) throws IOException {
        IOException all = new IOException("closing the loops of a group");
        for (RingLoop loop : loops) {
            loop.beginClose(deadline);
        }
        closeAll(loops, deadline, all);
        if (all.getSuppressed().length > 0) {
            throw all;
        }
    }

    private static void closeAll(List<RingLoop> loops, Duration deadline, Exception failures) {
        for (RingLoop loop : loops) {
            try {
                loop.close(deadline);
            } catch (IOException | RuntimeException e) {
                failures.addSuppressed(e);
            }
        }
    }

    @Override
    public String toString() {
        return "RingGroup" + loops;
    }
}

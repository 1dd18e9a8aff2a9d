package dev.ringwatch.uring.loop;

/** A task that a loop runs at a time. */
public final class LoopTimer implements Comparable<LoopTimer> {
    private final long deadline;
    private final long order;
    private final Runnable task;
    private volatile boolean cancelled;

    LoopTimer(long deadline, long order, Runnable task) {
        this.deadline = deadline;
        this.order = order;
        this.task = task;
    }

    /** Keeps the task from running, unless it runs already. Any thread. */
    public void cancel() {
        cancelled = true;
    }

    boolean cancelled() {
        return cancelled;
    }

    /** By {@link System#nanoTime()}. */
    long deadline() {
        return deadline;
    }

    void run() {
        task.run();
    }

    /** Earlier first, and in the order they were made. */
    @Override
    public int compareTo(LoopTimer other) {
        int byTime = Long.signum(deadline - other.deadline);
        return byTime != 0 ? byTime : Long.compare(order, other.order);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}

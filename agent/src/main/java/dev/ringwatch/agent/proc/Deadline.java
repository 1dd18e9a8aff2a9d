package dev.ringwatch.agent.proc;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The end of a time budget.
 *
 * @param nanoTime as {@link System#nanoTime()}
 */
record Deadline(LongSupplier nanoTime, long start, long budgetNanos) {

    static Deadline in(Duration budget, LongSupplier nanoTime) {
        return new Deadline(nanoTime, nanoTime.getAsLong(), budget.toNanos());
    }

    boolean passed() {
        return nanoTime.getAsLong() - start >= budgetNanos;
    }

    Duration elapsed() {
        return Duration.ofNanos(nanoTime.getAsLong() - start);
    }
}

package dev.ringwatch.uring.loop;

import java.util.concurrent.atomic.AtomicLong;

/** A loop's counts: the loop alone writes them, without a fence, and anybody reads them. */
final class LoopCounters {
    final Count turns = new Count();
    final Count submitted = new Count();
    final Count completions = new Count();
    final Count enters = new Count();
    final Count pushedBack = new Count();
    final Count outOfMemory = new Count();
    final Count inFlight = new Count();
    final Count waiting = new Count();
    final Count overflowEpisodes = new Count();
    final Count lostCompletions = new Count();
    final Count cancellations = new Count();
    final Count stray = new Count();
    final Count limitWaits = new Count();
    final Count abandoned = new Count();
    final Count buffersInKernel = new Count();
    final Count buffersLeased = new Count();
    final Count slotsUsed = new Count();

    /** Those who wake the loop write this one. */
    final AtomicLong wakeups = new AtomicLong();

    /** Who is refused by a loop that has ended writes this one too. */
    final AtomicLong failures = new AtomicLong();

    /** A count with one writer. */
    static final class Count {
        private final AtomicLong value = new AtomicLong();

        void add(long more) {
            value.setOpaque(value.getPlain() + more);
        }

        void set(long now) {
            value.setOpaque(now);
        }

        long get() {
            return value.getOpaque();
        }
    }

    LoopStatistics statistics() {
        return new LoopStatistics(
                turns.get(),
                submitted.get(),
                completions.get(),
                enters.get(),
                pushedBack.get(),
                outOfMemory.get(),
                inFlight.get(),
                waiting.get(),
                wakeups.get(),
                overflowEpisodes.get(),
                lostCompletions.get(),
                cancellations.get(),
                stray.get(),
                failures.get(),
                limitWaits.get(),
                abandoned.get(),
                buffersInKernel.get(),
                buffersLeased.get(),
                slotsUsed.get());
    }
}

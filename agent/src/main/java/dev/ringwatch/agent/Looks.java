package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.core.leak.LeakFinder;
import dev.ringwatch.core.leak.Verdict;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Looks at the machine without an agent: often enough that nothing in motion is reported. */
final class Looks {
    /** Longer than the teardown of a ring and a run of the collector take together. */
    private static final Duration PAUSE = Duration.ofMillis(250);

    /** The longest that a command waits to see something grow old. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Looks() {}

    /**
     * Looks twice; more often if there is garbage that the collector should free, which must outlive
     * several runs; and far enough apart to tell what is older than {@code olderThan}, if that is not too long.
     */
    static Tracked several(Observer observer, Duration olderThan) {
        Tracker tracker = new Tracker(Thresholds.DEFAULT);
        tracker.accept(SourceOption.observe(observer));
        Duration apart =
                olderThan.compareTo(PATIENCE) <= 0 && olderThan.compareTo(PAUSE) > 0
                        ? olderThan.plusMillis(50)
                        : PAUSE;
        LockSupport.parkNanos(apart.toNanos());
        Tracked tracked = tracker.accept(SourceOption.observe(observer));
        for (int i = 0; i < LeakFinder.COLLECTOR_RUNS_TO_CONVICT && hasGarbage(tracked); i++) {
            LockSupport.parkNanos(PAUSE.toNanos());
            tracked = tracker.accept(SourceOption.observe(observer));
        }
        return tracked;
    }

    private static boolean hasGarbage(Tracked tracked) {
        return tracked.judgement().verdicts().stream()
                .anyMatch(v -> v instanceof Verdict.Collectable);
    }
}

package dev.ringwatch.agent.zoo;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.SourceReport;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A program that has others do something of everything, and tells what of it was counted. */
public final class Counted {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    /** Becomes an administrator without power, whom the limit on descriptors in flight holds. */
    static final List<String> HUMBLY =
            List.of(
                    "setpriv",
                    "--bounding-set=-all",
                    "--inh-caps=-all",
                    "--no-new-privs",
                    "prlimit",
                    "--nofile=200:200");

    private Counted() {}

    /** Tells a line for each object and for each number. */
    public static void main(String[] args) throws Exception {
        try (Observer observer = Watcher.open()) {
            for (SourceReport report : observer.eventReports()) {
                System.out.println(
                        report.source().label() + (report.up() ? " up" : ": " + report.detail()));
            }
            observer.observe();
            try (ZooProcess zoo = ZooProcess.start("all-events", "5")) {
                zoo.ask();
                tell(zoo, settled(observer));
            }
            try (ZooProcess zoo = ZooProcess.startBy(HUMBLY, "rejected", "5")) {
                zoo.ask();
                System.out.println(
                        "rejected " + count(zoo, look(observer), EventKind.SENDS_REJECTED));
            }
        }
    }

    private static void tell(ZooProcess zoo, Activity activity) {
        for (EventKind kind :
                List.of(
                        EventKind.RINGS_CREATED,
                        EventKind.RINGS_RELEASED,
                        EventKind.CQ_OVERFLOWS,
                        EventKind.IOWQ_PUNTS)) {
            System.out.println(kind + " " + count(zoo, activity, kind));
        }
        Activity.CollectorRuns runs = activity.collector().orElseThrow();
        System.out.println("runs " + (runs.durations().count() > 0));
        System.out.println("graph " + runs.cyclic().isPresent());
    }

    /** Once every ring is torn down and all garbage freed, which looking at it starts. */
    private static Activity settled(Observer observer) throws Exception {
        long start = System.nanoTime();
        while (true) {
            Activity activity = look(observer);
            if (activity.teardowns().orElseThrow().count() >= 5
                    && activity.collector().orElseThrow().freedSockets().orElseThrow() >= 10
                    && activity.collector().orElseThrow().freedFds().orElseThrow() >= 10) {
                return activity;
            }
            if (System.nanoTime() - start > PATIENCE) {
                throw new AssertionError("waited in vain: " + activity);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static Activity look(Observer observer) throws Exception {
        return observer.observe().activity().orElseThrow();
    }

    static long count(ZooProcess zoo, Activity activity, EventKind kind) {
        return activity.actors().stream()
                .filter(a -> a.process().pid() == zoo.pid())
                .mapToLong(a -> a.counts().getOrDefault(kind, 0L))
                .sum();
    }
}

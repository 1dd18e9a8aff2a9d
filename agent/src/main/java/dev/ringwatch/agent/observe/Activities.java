package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.Actor;
import dev.ringwatch.agent.bpf.DurationCounts;
import dev.ringwatch.agent.bpf.EventCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * Turns what the event objects counted into facts. Who a process was is known from the snapshot
 * while it is there; afterwards from what was known then, or from its control group, which is often
 * still there. For one thread.
 */
final class Activities {
    private static final String KERNEL = "kernel";

    /** Whose a process was is not asked of one that has ended. */
    private static final int NO_USER = -1;

    private final CgroupNumbers numbers;
    private Map<Actor.Key, List<String>> known = new HashMap<>();

    Activities(CgroupNumbers numbers) {
        this.numbers = numbers;
    }

    /**
     * Of one reading.
     *
     * @param there finds a process of the snapshot taken before, with its control groups
     * @param ring finds the open file of a ring of that snapshot by its address
     * @param now the time
     * @param nanoTime the same on the clock of {@link System#nanoTime}
     */
    Activity of(
            EventCounts counts,
            Function<Actor.Key, Optional<ProcessFacts>> there,
            LongFunction<OptionalInt> ring,
            Instant now,
            long nanoTime) {
        numbers.begin();
        Map<Actor.Key, List<String>> current = new HashMap<>();
        List<Activity.Actor> actors = new ArrayList<>();
        for (Actor actor : counts.actors()) {
            ProcessFacts process = there.apply(actor.key()).orElseGet(() -> ended(actor));
            current.put(actor.key(), process.cgroups());
            actors.add(new Activity.Actor(process, actor.key().isKernel(), named(actor)));
        }
        known = current;
        return new Activity(
                measured(counts),
                actors,
                counts.oldestRequests()
                        .map(oldest -> byFile(oldest, ring, at -> now.minusNanos(nanoTime - at))),
                counts.teardowns().map(Activities::durations),
                counts.collector().map(runs -> runs(runs, now, nanoTime)));
    }

    private static Map<Integer, Instant> byFile(
            Map<Long, Long> oldest, LongFunction<OptionalInt> ring, LongFunction<Instant> time) {
        Map<Integer, Instant> byFile = new HashMap<>();
        oldest.forEach(
                (address, at) ->
                        ring.apply(address).ifPresent(file -> byFile.put(file, time.apply(at))));
        return byFile;
    }

    private ProcessFacts ended(Actor actor) {
        boolean kernel = actor.key().isKernel();
        return new ProcessFacts(
                actor.key().pid(),
                kernel ? KERNEL : actor.comm(),
                NO_USER,
                actor.key().startTime(),
                kernel ? List.of() : cgroups(actor));
    }

    private List<String> cgroups(Actor actor) {
        List<String> before = known.getOrDefault(actor.key(), List.of());
        return before.isEmpty() ? numbers.path(actor.cgroup()).stream().toList() : before;
    }

    private static Map<EventKind, Long> named(Actor actor) {
        Map<EventKind, Long> counts = new EnumMap<>(EventKind.class);
        for (EventKind kind : EventKind.values()) {
            Long n = actor.counts().get(kind.counter());
            if (n != null) {
                counts.put(kind, n);
            }
        }
        return counts;
    }

    private static Set<EventKind> measured(EventCounts counts) {
        Set<EventKind> measured = EnumSet.noneOf(EventKind.class);
        for (EventKind kind : EventKind.values()) {
            if (counts.measured().contains(kind.counter())) {
                measured.add(kind);
            }
        }
        return measured;
    }

    private static Activity.Durations durations(DurationCounts counts) {
        return new Activity.Durations(
                counts.bounds().stream().map(Duration::ofNanos).toList(),
                counts.counts(),
                Duration.ofNanos(counts.sum()));
    }

    private static Activity.CollectorRuns runs(EventCounts.Runs runs, Instant now, long nanoTime) {
        return new Activity.CollectorRuns(
                durations(runs.durations()),
                runs.freedSockets(),
                runs.freedFds(),
                runs.since(nanoTime).map(now::minus),
                runs.cyclic());
    }
}

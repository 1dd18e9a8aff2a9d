package dev.ringwatch.agent.observe;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What was counted since the observer was opened: every number here is as large as in the
 * observation before, or larger, as long as its process is there.
 *
 * @param measured what is counted at all; the rest is unknown, and not 0
 * @param actors what processes did; one that has ended is there once more and then no longer
 * @param oldestRequests by a ring's file, when the oldest of its requests in flight was submitted,
 *     where every request is followed; none for a ring without one
 * @param teardowns from the release of a ring's file to the end of its teardown, where measured
 * @param collector the runs of the kernel's AF_UNIX collector, where measured
 */
public record Activity(
        Set<EventKind> measured,
        List<Actor> actors,
        Optional<Map<Integer, Instant>> oldestRequests,
        Optional<Durations> teardowns,
        Optional<CollectorRuns> collector) {
    public Activity {
        measured = Set.copyOf(measured);
        actors = List.copyOf(actors);
        oldestRequests = oldestRequests.map(Map::copyOf);
    }

    /**
     * A process that did something.
     *
     * @param process as it was at its last event; it may have ended
     * @param kernel whether these are the kernel's own threads, counted as one
     */
    public record Actor(ProcessFacts process, boolean kernel, Map<EventKind, Long> counts) {
        public Actor {
            counts = Map.copyOf(counts);
        }
    }

    /**
     * How long things took.
     *
     * @param bounds the upper bound of each bucket but the last
     * @param counts of each bucket, one more than there are bounds
     */
    public record Durations(List<Duration> bounds, List<Long> counts, Duration sum) {
        public Durations {
            bounds = List.copyOf(bounds);
            counts = List.copyOf(counts);
        }

        /** How many there were. */
        public long count() {
            return counts.stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * The runs of the kernel's AF_UNIX collector, those that the agent itself starts among them.
     *
     * @param freedSockets sockets whose last reference lay in what was freed, where that is counted
     * @param freedFds descriptors in the packets that were freed, where that is counted
     * @param lastRun when the last one ended; empty before the first
     * @param cyclic whether the collector takes it that sockets in flight may form a loop, where the
     *     kernel lets that be read
     */
    public record CollectorRuns(
            Durations durations,
            OptionalLong freedSockets,
            OptionalLong freedFds,
            Optional<Instant> lastRun,
            Optional<Boolean> cyclic) {}
}

package dev.ringwatch.agent.bpf;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the event objects have counted since they were loaded.
 *
 * @param measured what is counted at all; the rest is unknown, and not 0
 * @param actors each process once for every object that counted something of it
 * @param oldestRequests by a ring's address, when the oldest of its requests in flight was
 *     submitted, on the clock of {@link System#nanoTime}, where that is followed
 * @param teardowns from the release of a ring's file to the end of its teardown
 */
public record EventCounts(
        Set<EventCounter> measured,
        List<Actor> actors,
        Optional<Map<Long, Long>> oldestRequests,
        Optional<DurationCounts> teardowns,
        Optional<Runs> collector) {
    public EventCounts {
        measured = Set.copyOf(measured);
        actors = List.copyOf(actors);
        oldestRequests = oldestRequests.map(Map::copyOf);
    }

    /**
     * The runs of the kernel's AF_UNIX collector.
     *
     * @param freedSockets sockets whose last reference lay in what was freed, where that is counted
     * @param freedFds descriptors in the packets that were freed, where that is counted
     * @param lastEnd when the last run ended, on the clock of {@link System#nanoTime}; empty before
     *     the first
     * @param cyclic whether the collector takes it that sockets in flight may form a loop, where the
     *     kernel lets that be read
     */
    public record Runs(
            DurationCounts durations,
            OptionalLong freedSockets,
            OptionalLong freedFds,
            OptionalLong lastEnd,
            Optional<Boolean> cyclic) {
        /** How long ago the last run ended. */
        public Optional<Duration> since(long nanoTime) {
            return lastEnd.isPresent()
                    ? Optional.of(Duration.ofNanos(nanoTime - lastEnd.getAsLong()))
                    : Optional.empty();
        }
    }
}

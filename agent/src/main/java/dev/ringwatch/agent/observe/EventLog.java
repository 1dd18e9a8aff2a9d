package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.Actor;
import dev.ringwatch.agent.bpf.BpfEvents;
import dev.ringwatch.agent.bpf.BpfSnapshot;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.EventOptions;
import dev.ringwatch.agent.bpf.EventSource;
import dev.ringwatch.agent.bpf.MapSize;
import dev.ringwatch.agent.bpf.ProgramRuns;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.LongFunction;

/** The event objects of an observer, and how each is doing. For one thread. */
final class EventLog implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EventLog.class.getName());

    private final InstantSource clock;
    private final EventOptions options;
    private final BpfEvents events;
    private final Activities activities = new Activities(CgroupNumbers.mounted());
    private Optional<Map<Long, Long>> made = Optional.empty();
    private String failure = "";
    private Duration took = Duration.ZERO;

    EventLog(EventOptions options, InstantSource clock) {
        this.options = options;
        this.clock = clock;
        events = BpfEvents.load(options);
    }

    /**
     * What was counted so far; empty where nothing is, or it could not be read.
     *
     * @param snapshot taken just before
     * @param there finds a process of the snapshot, with its control groups
     * @param ring finds the open file of a ring of the snapshot by its address
     */
    Optional<Activity> read(
            BpfSnapshot snapshot,
            Function<Actor.Key, Optional<ProcessFacts>> there,
            LongFunction<OptionalInt> ring) {
        failure = "";
        if (events.loaded().isEmpty()) {
            return Optional.empty();
        }
        long begin = System.nanoTime();
        try {
            Activity activity =
                    activities.of(
                            events.read(snapshot), there, ring, clock.instant(), System.nanoTime());
            took = Duration.ofNanos(System.nanoTime() - begin);
            return Optional.of(activity);
        } catch (BpfUnavailableException e) {
            failure = e.line();
            return Optional.empty();
        }
    }

    /** When rings were made, where that can be read; to be asked after a snapshot was taken. */
    Optional<Map<Long, Long>> ringsMade() {
        try {
            made = events.ringsMade();
        } catch (BpfUnavailableException e) {
            // With what was read last only rings made since are not told apart.
            LOG.log(System.Logger.Level.WARNING, "when rings were made: {0}", e.line());
        }
        return made;
    }

    /** One for each object that was asked for. */
    List<SourceReport> reports() {
        List<SourceReport> reports = new ArrayList<>();
        for (EventSource source : EventSource.values()) {
            if (options.sources().contains(source)) {
                reports.add(report(source));
            }
        }
        return reports;
    }

    private SourceReport report(EventSource source) {
        String refused = events.refused().getOrDefault(source, failure);
        return refused.isEmpty()
                ? new SourceReport(name(source), true, took, what(source))
                : new SourceReport(name(source), false, Duration.ZERO, refused);
    }

    private static Source name(EventSource source) {
        return switch (source) {
            case LIFECYCLE -> Source.LIFECYCLE;
            case COLLECTOR -> Source.COLLECTOR;
            case FREED -> Source.FREED;
            case WAITS -> Source.WAITS;
            case HOT -> Source.HOT;
        };
    }

    private static String what(EventSource source) {
        return switch (source) {
            case LIFECYCLE ->
                    "rings made, closed and torn down, overflows and requests given to workers are"
                            + " counted";
            case COLLECTOR -> "runs of the AF_UNIX collector and who starts them are counted";
            case FREED -> "what the AF_UNIX collector frees is counted";
            case WAITS -> "who waits for the AF_UNIX collector is counted";
            case HOT ->
                    "requests are followed from their submission, and refused sends are counted";
        };
    }

    List<MapSize> maps() {
        return events.maps();
    }

    List<ProgramRuns> programs() throws BpfUnavailableException {
        return events.programs();
    }

    long lost() {
        return events.lost();
    }

    @Override
    public void close() {
        events.close();
    }
}

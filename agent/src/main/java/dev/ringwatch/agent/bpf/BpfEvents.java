package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Counts what processes do with rings and what the kernel's AF_UNIX collector does, from when it is
 * loaded until it is closed.
 *
 * <p>Each object is loaded by itself: what the kernel refuses is missing, with the reason, and the
 * others work. A process that has ended keeps its counts until they have been read. For one thread.
 */
public final class BpfEvents implements AutoCloseable {
    private static final int TEARDOWN = EventObject.EVENTS_BYTES + 8;
    private static final int LAST_END = EventObject.EVENTS_BYTES + 8;
    private static final int FREED_SOCKETS = EventObject.EVENTS_BYTES + 16;
    private static final int FREED_FDS = EventObject.EVENTS_BYTES + 24;
    private static final int GRAPH = EventObject.EVENTS_BYTES + 36;
    private static final int RUN_DURATIONS = EventObject.EVENTS_BYTES + 48;

    private static final int NOT_CYCLIC = 1;
    private static final int CYCLIC = 2;

    /** The collector's function, where it has a worker. */
    private static final String WORKER = "__unix_gc";

    /** What trace points of newer kernels tell: of a submission (6.4), and of a send (6.3). */
    private static final String SUBMISSION_EVENT = "trace_event_raw_io_uring_submit_req";

    private static final String SEND_EVENT = "trace_event_raw_sock_msg_length";

    private final Map<EventSource, EventObject> loaded = new EnumMap<>(EventSource.class);
    private final Map<EventSource, String> refused = new EnumMap<>(EventSource.class);
    private Set<Actor.Key> known = Set.of();
    private long lastRead = System.nanoTime();

    private BpfEvents() {}

    /** Loads what is asked for, as far as the kernel lets it. */
    public static BpfEvents load(EventOptions options) {
        BpfEvents events = new BpfEvents();
        for (EventSource source : EventSource.values()) { // the collector before what is freed
            if (options.sources().contains(source)) {
                events.load(source, options.maxActors());
            }
        }
        return events;
    }

    private void load(EventSource source, int maxActors) {
        try {
            Privileges.check();
            loaded.put(
                    source,
                    switch (source) {
                        case LIFECYCLE, COLLECTOR ->
                                load(source, maxActors, Set.of(), Optional.empty());
                        case FREED -> load(source, maxActors, Set.of(), Optional.of(collector()));
                        case WAITS -> loadWaits(maxActors);
                        case HOT -> load(source, maxActors, notInThisKernel(), Optional.empty());
                    });
        } catch (BpfUnavailableException e) {
            refused.put(source, e.line());
        }
    }

    private EventObject collector() throws BpfUnavailableException {
        EventObject collector = loaded.get(EventSource.COLLECTOR);
        if (collector == null) {
            throw new BpfUnavailableException(
                    Lack.REFUSED,
                    "what is freed is known by the runs of the collector, which are not counted:"
                            + " switch that on");
        }
        return collector;
    }

    private static EventObject load(
            EventSource source, int maxActors, Set<String> without, Optional<EventObject> shared)
            throws BpfUnavailableException {
        return new EventObject(Libbpf.find(), source, maxActors, without, shared);
    }

    private static EventObject loadWaits(int maxActors) throws BpfUnavailableException {
        Set<String> other =
                collectorHasWorker()
                        ? Set.of("collection_begins", "collection_ends")
                        : Set.of("wait_begins", "wait_ends");
        try {
            return load(EventSource.WAITS, maxActors, other, Optional.empty());
        } catch (BpfUnavailableException e) {
            if (e.lack() == Lack.CAPABILITY) { // which was checked before
                throw new BpfUnavailableException(
                        Lack.REFUSED,
                        "the kernel lets no program follow its functions (fentry): one built with"
                                + " CONFIG_FUNCTION_TRACER=y is needed",
                        e);
            }
            throw e;
        }
    }

    /** Of each pair of programs for newer and older kernels, the other one. */
    private static Set<String> notInThisKernel() throws BpfUnavailableException {
        KernelTypes types = types();
        return Set.of(
                types.hasStructure(SUBMISSION_EVENT) ? "entry_submitted" : "request_submitted",
                types.hasStructure(SEND_EVENT) ? "packet_dropped" : "send_ended");
    }

    private static boolean collectorHasWorker() throws BpfUnavailableException {
        return types().hasFunction(WORKER);
    }

    private static KernelTypes types() throws BpfUnavailableException {
        try {
            return KernelTypes.read();
        } catch (IOException e) {
            throw new BpfUnavailableException(
                    Lack.BTF, "the kernel's type information cannot be read: " + e.getMessage(), e);
        }
    }

    public Set<EventSource> loaded() {
        return Set.copyOf(loaded.keySet());
    }

    /** What was asked for and is missing: why, with the cure. */
    public Map<EventSource, String> refused() {
        return Map.copyOf(refused);
    }

    /**
     * What was counted so far. Processes that are in no snapshot any more are forgotten after this.
     *
     * @param snapshot taken just before
     */
    public EventCounts read(BpfSnapshot snapshot) throws BpfUnavailableException {
        Set<EventCounter> measured = EnumSet.noneOf(EventCounter.class);
        List<Actor> actors = new ArrayList<>();
        Set<Actor.Key> seen = new HashSet<>();
        Set<Actor.Key> alive = snapshot.allProcesses();
        for (EventObject object : loaded.values()) {
            measured.addAll(object.source().counters());
            for (Actor actor : object.actors()) {
                actors.add(actor);
                seen.add(actor.key());
                if (known.contains(actor.key()) && hasEnded(actor.key(), alive)) {
                    object.remove(actor.key());
                }
            }
        }
        known = seen;
        return new EventCounts(measured, actors, oldestRequests(snapshot), teardowns(), runs());
    }

    /**
     * When the rings that there are were made, on the clock of {@link System#nanoTime}, by their
     * address; without those that were there before this was loaded. Empty where that is not followed.
     */
    public Optional<Map<Long, Long>> ringsMade() throws BpfUnavailableException {
        EventObject lifecycle = loaded.get(EventSource.LIFECYCLE);
        return lifecycle == null ? Optional.empty() : Optional.of(lifecycle.ringsMade());
    }

    private Optional<Map<Long, Long>> oldestRequests(BpfSnapshot snapshot)
            throws BpfUnavailableException {
        EventObject hot = loaded.get(EventSource.HOT);
        if (hot == null) {
            return Optional.empty();
        }
        Set<Long> rings = snapshot.allRings();
        Map<Long, Long> oldest = new HashMap<>();
        for (EventObject.Started request : hot.requests()) {
            if (rings.contains(request.ring())) {
                oldest.merge(request.ring(), request.nanos(), Math::min);
            } else if (request.nanos()
                    < lastRead) { // older than the snapshot, and its ring is gone
                hot.remove(request);
            }
        }
        lastRead = System.nanoTime();
        return Optional.of(oldest);
    }

    /**
     * One that was there before the snapshot, which does not have it. Its counts were read after its
     * end, so they are its last.
     */
    private static boolean hasEnded(Actor.Key key, Set<Actor.Key> alive) {
        return !key.isKernel() && !alive.isEmpty() && !alive.contains(key);
    }

    private Optional<DurationCounts> teardowns() {
        return Optional.ofNullable(loaded.get(EventSource.LIFECYCLE))
                .map(object -> object.durations(TEARDOWN));
    }

    private Optional<EventCounts.Runs> runs() throws BpfUnavailableException {
        EventObject collector = loaded.get(EventSource.COLLECTOR);
        if (collector == null) {
            return Optional.empty();
        }
        collector.run("read_graph");
        boolean freed = loaded.containsKey(EventSource.FREED);
        long end = collector.u64(LAST_END);
        return Optional.of(
                new EventCounts.Runs(
                        collector.durations(RUN_DURATIONS),
                        freed
                                ? OptionalLong.of(collector.u64(FREED_SOCKETS))
                                : OptionalLong.empty(),
                        freed ? OptionalLong.of(collector.u64(FREED_FDS)) : OptionalLong.empty(),
                        end == 0 ? OptionalLong.empty() : OptionalLong.of(end),
                        cyclic(collector.u32(GRAPH))));
    }

    private static Optional<Boolean> cyclic(int graph) {
        return switch (graph) {
            case NOT_CYCLIC -> Optional.of(false);
            case CYCLIC -> Optional.of(true);
            default -> Optional.empty();
        };
    }

    /** Events that found no room in a map and are in no count. */
    public long lost() {
        return loaded.values().stream()
                .filter(object -> object.source() != EventSource.FREED) // the collector's
                .mapToLong(EventObject::lost)
                .sum();
    }

    /** What each program has cost. */
    public List<ProgramRuns> programs() throws BpfUnavailableException {
        List<ProgramRuns> all = new ArrayList<>();
        for (EventObject object : loaded.values()) {
            all.addAll(object.programs());
        }
        return all;
    }

    /** The maps, each behind the name of its object. */
    public List<MapSize> maps() {
        List<MapSize> all = new ArrayList<>();
        for (EventObject object : loaded.values()) {
            for (MapSize map : object.maps()) {
                String name = object.source().label() + "_" + map.name();
                all.add(new MapSize(name, map.entries(), map.bytes()));
            }
        }
        return all;
    }

    @Override
    public void close() {
        loaded.values().forEach(EventObject::close);
        loaded.clear();
    }
}

package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An object whose programs count events, loaded and attached: its control record, and what it
 * counted of each process. The layouts are those of events.h. One thread at a time.
 */
final class EventObject implements AutoCloseable {
    /** Bounds of the buckets of a histogram, in nanoseconds; the last bucket has none. */
    static final List<Long> DURATION_BOUNDS =
            List.of(
                    10_000L,
                    30_000L,
                    100_000L,
                    300_000L,
                    1_000_000L,
                    3_000_000L,
                    10_000_000L,
                    30_000_000L,
                    100_000_000L,
                    300_000_000L,
                    1_000_000_000L,
                    3_000_000_000L,
                    10_000_000_000L);

    static final int COUNTS = 4;

    /** {@code struct events}, with which every control record begins. */
    static final int EVENTS_BYTES = 16;

    /** {@code struct histogram}. */
    static final int HISTOGRAM_BYTES = 8 + 8 * (DURATION_BOUNDS.size() + 1);

    private static final int LOST = 0;
    private static final int READY = 12;

    private static final int KEY_BYTES = 16;
    private static final int KEY_TGID = 8;
    private static final int ACTOR_CGROUP = 16;
    private static final int ACTOR_COUNTS = 24;
    private static final int ACTOR_BYTES = ACTOR_COUNTS + 8 * COUNTS;
    private static final int COMM_BYTES = 16;

    /** The size of hot.bpf.c's map of requests, and {@code struct started}. */
    private static final int MAX_REQUESTS = 65536;

    /** As many as the map has room for. */
    private static final int MAX_RINGS = 16384;

    private static final int STARTED_BYTES = 16;

    private final Libbpf libbpf;
    private final EventSource source;
    private final int maxActors;
    private final boolean shared;
    private final LoadedObject object;
    private final MemorySegment control;
    private final int actors;
    private final MemorySegment keys;
    private final MemorySegment values;

    /**
     * Loads and attaches it.
     *
     * @param without programs that are left out
     * @param owner another object, whose control record this one uses as its own
     */
    EventObject(
            Libbpf libbpf,
            EventSource source,
            int maxActors,
            Set<String> without,
            Optional<EventObject> owner)
            throws BpfUnavailableException {
        this.libbpf = libbpf;
        this.source = source;
        shared = owner.isPresent();
        this.maxActors = source.counters().isEmpty() ? 1 : maxActors;
        Map<String, Integer> reused =
                owner.isPresent() ? Map.of("control", owner.get().object.fd("control")) : Map.of();
        object =
                new LoadedObject(
                        libbpf,
                        new LoadedObject.Plan(
                                source.resource(),
                                Map.of("actors", this.maxActors),
                                without,
                                reused));
        boolean ready = false;
        try {
            keys = object.allocate((long) KEY_BYTES * this.maxActors);
            values = object.allocate((long) ACTOR_BYTES * this.maxActors);
            actors = object.fd("actors", ACTOR_BYTES);
            control = object.record("control", source.controlBytes());
            run("enrol");
            requireSymbols();
            for (String program : source.attached()) {
                if (!without.contains(program)) {
                    object.attach(program);
                }
            }
            ready = true;
        } finally {
            if (!ready) {
                object.close();
            }
        }
    }

    EventSource source() {
        return source;
    }

    private void requireSymbols() throws BpfUnavailableException {
        if (u32(READY) == 0) {
            throw new BpfUnavailableException(
                    Lack.SYMBOLS,
                    "this kernel has no function by which the events of "
                            + source.label()
                            + " are recognised; none on this kernel");
        }
    }

    /** Runs a program of type "syscall". */
    void run(String program) throws BpfUnavailableException {
        object.run(program);
    }

    long u64(int offset) {
        return control.get(ValueLayout.JAVA_LONG, offset);
    }

    int u32(int offset) {
        return control.get(ValueLayout.JAVA_INT, offset);
    }

    /** Events that found no room in a map. */
    long lost() {
        return u64(LOST);
    }

    DurationCounts durations(int offset) {
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i <= DURATION_BOUNDS.size(); i++) {
            counts.add(u64(offset + 8 + 8 * i));
        }
        return new DurationCounts(DURATION_BOUNDS, counts, u64(offset));
    }

    /** What was counted of each process so far. */
    List<Actor> actors() throws BpfUnavailableException {
        int n = libbpf.entries(actors, keys, values, maxActors);
        List<Actor> read = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            read.add(actor(keys.asSlice((long) i * KEY_BYTES), (long) i * ACTOR_BYTES));
        }
        return read;
    }

    private Actor actor(MemorySegment key, long at) {
        long[] counts = new long[COUNTS];
        for (int i = 0; i < COUNTS; i++) {
            counts[i] = values.get(ValueLayout.JAVA_LONG, at + ACTOR_COUNTS + 8L * i);
        }
        return new Actor(
                new Actor.Key(
                        key.get(ValueLayout.JAVA_INT, KEY_TGID), key.get(ValueLayout.JAVA_LONG, 0)),
                comm(values.asSlice(at, COMM_BYTES)),
                values.get(ValueLayout.JAVA_LONG, at + ACTOR_CGROUP),
                source.named(counts));
    }

    private static String comm(MemorySegment text) {
        byte[] all = text.toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < all.length && all[length] != 0) {
            length++;
        }
        return new String(all, 0, length, StandardCharsets.UTF_8);
    }

    /** Forgets a process, which has ended. */
    void remove(Actor.Key actor) throws BpfUnavailableException {
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment key = confined.allocate(KEY_BYTES, 8);
            key.set(ValueLayout.JAVA_LONG, 0, actor.startTime());
            key.set(ValueLayout.JAVA_INT, KEY_TGID, actor.pid());
            libbpf.remove(actors, key);
        }
    }

    /** A request in flight: its address, its ring's, and when it was submitted. */
    record Started(long request, long ring, long nanos) {}

    /** Those that the object hot follows. */
    List<Started> requests() throws BpfUnavailableException {
        List<Started> all = new ArrayList<>();
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment requests = confined.allocate((long) MAX_REQUESTS * Long.BYTES, 8);
            MemorySegment started = confined.allocate((long) MAX_REQUESTS * STARTED_BYTES, 8);
            int map = object.fd("requests", STARTED_BYTES);
            int n = libbpf.entries(map, requests, started, MAX_REQUESTS);
            for (int i = 0; i < n; i++) {
                long at = (long) i * STARTED_BYTES;
                all.add(
                        new Started(
                                requests.getAtIndex(ValueLayout.JAVA_LONG, i),
                                started.get(ValueLayout.JAVA_LONG, at),
                                started.get(ValueLayout.JAVA_LONG, at + 8)));
            }
        }
        return all;
    }

    /** When rings were made, on the clock of {@link System#nanoTime}, by their address. */
    Map<Long, Long> ringsMade() throws BpfUnavailableException {
        Map<Long, Long> made = new HashMap<>();
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment rings = confined.allocate((long) MAX_RINGS * Long.BYTES, 8);
            MemorySegment times = confined.allocate((long) MAX_RINGS * Long.BYTES, 8);
            int map = object.fd("made", Long.BYTES);
            int n = libbpf.entries(map, rings, times, MAX_RINGS);
            for (int i = 0; i < n; i++) {
                made.put(
                        rings.getAtIndex(ValueLayout.JAVA_LONG, i),
                        times.getAtIndex(ValueLayout.JAVA_LONG, i));
            }
        }
        return made;
    }

    /** Forgets a request whose end was not seen. */
    void remove(Started request) throws BpfUnavailableException {
        try (Arena confined = Arena.ofConfined()) {
            libbpf.remove(
                    object.fd("requests", STARTED_BYTES),
                    confined.allocateFrom(ValueLayout.JAVA_LONG, request.request));
        }
    }

    List<ProgramRuns> programs() throws BpfUnavailableException {
        return object.programs();
    }

    List<MapSize> maps() {
        return object.maps().stream().filter(m -> !shared || !m.name().equals("control")).toList();
    }

    @Override
    public void close() {
        object.close();
    }
}

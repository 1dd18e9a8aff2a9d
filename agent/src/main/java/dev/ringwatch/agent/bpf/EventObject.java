package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.MappedMemory;
import java.io.IOException;
import java.io.InputStream;
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
    private static final int PAGE = 4096;

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
    private final MemorySegment object;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> links = new ArrayList<>();
    private final MappedMemory control;
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
        keys = arena.allocate((long) KEY_BYTES * this.maxActors, 8);
        values = arena.allocate((long) ACTOR_BYTES * this.maxActors, 8);
        object = libbpf.open(bytes(source.resource()));
        boolean ready = false;
        try {
            for (String program : without) {
                libbpf.leaveOut(object, program);
            }
            libbpf.setMaxEntries(libbpf.map(object, "actors"), this.maxActors);
            if (owner.isPresent()) {
                libbpf.reuse(libbpf.map(object, "control"), owner.get().controlFd());
            }
            libbpf.load(object);
            actors = libbpf.fd(checked("actors", ACTOR_BYTES));
            control = mapped(checked("control", source.controlBytes()));
            run("enrol");
            requireSymbols();
            for (String program : source.attached()) {
                if (!without.contains(program)) {
                    links.add(libbpf.attach(object, program));
                }
            }
            ready = true;
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    EventSource source() {
        return source;
    }

    private int controlFd() throws BpfUnavailableException {
        return libbpf.fd(libbpf.map(object, "control"));
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
        libbpf.run(libbpf.program(object, program));
    }

    long u64(int offset) {
        return control.segment().get(ValueLayout.JAVA_LONG, offset);
    }

    int u32(int offset) {
        return control.segment().get(ValueLayout.JAVA_INT, offset);
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
            int map = libbpf.fd(checked("requests", STARTED_BYTES));
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
            int map = libbpf.fd(checked("made", Long.BYTES));
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
                    libbpf.fd(libbpf.map(object, "requests")),
                    confined.allocateFrom(ValueLayout.JAVA_LONG, request.request));
        }
    }

    List<ProgramRuns> programs() throws BpfUnavailableException {
        List<ProgramRuns> runs = new ArrayList<>();
        for (Map.Entry<String, Integer> e : libbpf.programs(object).entrySet()) {
            runs.add(libbpf.runs(e.getKey(), e.getValue()));
        }
        return runs;
    }

    List<MapSize> maps() {
        return libbpf.maps(object).stream()
                .filter(m -> !m.name().contains("."))
                .filter(m -> !shared || !m.name().equals("control"))
                .toList();
    }

    @Override
    public void close() {
        links.forEach(libbpf::destroy);
        closeIfMapped(control);
        libbpf.close(object);
        arena.close();
    }

    @SuppressWarnings("NullAway") // closed from a constructor that failed: fields may not be set
    private static void closeIfMapped(MappedMemory mapped) {
        if (mapped != null) {
            mapped.close();
        }
    }

    private MemorySegment checked(String map, int valueBytes) throws BpfUnavailableException {
        MemorySegment handle = libbpf.map(object, map);
        int actual = libbpf.valueSize(handle);
        if (actual != valueBytes) {
            throw new AssertionError(
                    "values of " + map + " have " + actual + " bytes, not " + valueBytes);
        }
        return handle;
    }

    private MappedMemory mapped(MemorySegment map) throws BpfUnavailableException {
        try {
            return MappedMemory.map(
                    PAGE, MappedMemory.PROT_READ, MappedMemory.MAP_SHARED, libbpf.fd(map), 0);
        } catch (ErrnoException e) {
            throw new BpfUnavailableException(
                    Lack.REFUSED, "a control map cannot be mapped: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(String resource) {
        try (InputStream in = EventObject.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new AssertionError(resource + " is missing from the agent's jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(resource + " cannot be read from the agent's jar", e);
        }
    }
}

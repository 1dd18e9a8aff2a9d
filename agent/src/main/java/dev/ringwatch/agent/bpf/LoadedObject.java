package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.MappedMemory;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One of the agent's BPF objects, loaded into the kernel, with the maps that were mapped of it. One
 * thread at a time.
 */
final class LoadedObject implements AutoCloseable {
    private static final int PAGE = 4096;

    private final Libbpf libbpf;
    private final MemorySegment object;
    private final Arena arena;
    private final List<MappedMemory> memory = new ArrayList<>();
    private final Map<String, MemorySegment> links = new HashMap<>();
    private boolean closed;

    /**
     * How an object is loaded.
     *
     * @param resource its file, beside this class
     * @param entries the sizes of maps, in records; those not named keep what the object says
     * @param without programs that are left out
     * @param reused descriptors of other objects' maps that it uses as its own
     */
    record Plan(
            String resource,
            Map<String, Integer> entries,
            Set<String> without,
            Map<String, Integer> reused) {}

    /** Loads a whole object, with maps of these sizes. */
    LoadedObject(Libbpf libbpf, String resource, Map<String, Integer> entries)
            throws BpfUnavailableException {
        this(libbpf, new Plan(resource, entries, Set.of(), Map.of()));
    }

    /** Loads an object. */
    LoadedObject(Libbpf libbpf, Plan plan) throws BpfUnavailableException {
        this.libbpf = libbpf;
        object = libbpf.open(bytes(plan.resource));
        arena = Arena.ofShared();
        boolean loaded = false;
        try {
            for (String program : plan.without) {
                libbpf.leaveOut(object, program);
            }
            for (Map.Entry<String, Integer> e : plan.entries.entrySet()) {
                libbpf.setMaxEntries(libbpf.map(object, e.getKey()), e.getValue());
            }
            for (Map.Entry<String, Integer> e : plan.reused.entrySet()) {
                libbpf.reuse(libbpf.map(object, e.getKey()), e.getValue());
            }
            libbpf.load(object);
            loaded = true;
        } finally {
            if (!loaded) {
                close();
            }
        }
    }

    /** The memory of a map, as long as the object is loaded. */
    MemorySegment map(String map, int recordBytes, int entries) throws BpfUnavailableException {
        return map(map, recordBytes, entries, MappedMemory.PROT_READ | MappedMemory.PROT_WRITE);
    }

    /** The memory of a map of one record that only its programs write. */
    MemorySegment record(String map, int recordBytes) throws BpfUnavailableException {
        return map(map, recordBytes, 1, MappedMemory.PROT_READ);
    }

    private MemorySegment map(String map, int recordBytes, int entries, int protection)
            throws BpfUnavailableException {
        int fd = fd(map, recordBytes);
        long bytes = ((long) entries * recordBytes + PAGE - 1) / PAGE * PAGE;
        try {
            MappedMemory mapped =
                    MappedMemory.map(bytes, protection, MappedMemory.MAP_SHARED, fd, 0);
            memory.add(mapped);
            return mapped.segment();
        } catch (ErrnoException e) {
            throw new BpfUnavailableException(
                    Lack.REFUSED, "the map " + map + " cannot be mapped: " + e.getMessage(), e);
        }
    }

    /** The descriptor of a map whose values have this size; it is the object's. */
    int fd(String map, int valueBytes) throws BpfUnavailableException {
        MemorySegment handle = libbpf.map(object, map);
        int actual = libbpf.valueSize(handle);
        if (actual != valueBytes) {
            throw new AssertionError(
                    "values of " + map + " have " + actual + " bytes, not " + valueBytes);
        }
        return libbpf.fd(handle);
    }

    /** The descriptor of a map that has no values, such as a ring buffer. */
    int fd(String map) throws BpfUnavailableException {
        return libbpf.fd(libbpf.map(object, map));
    }

    /** Memory beside the maps, for keys and values, as long as the object is loaded. */
    MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, Long.BYTES);
    }

    /** Attaches a program to what its section names, as long as the object is loaded. */
    void attach(String program) throws BpfUnavailableException {
        links.put(program, libbpf.attach(object, program));
    }

    /** Runs an iterator over the whole machine. */
    void iterate(String program) throws BpfUnavailableException, ErrnoException {
        MemorySegment link = links.get(program);
        if (link == null) {
            link = libbpf.attachIterator(object, program);
            links.put(program, link);
        }
        try (OwnedFd iterator = OwnedFd.own(libbpf.iterate(link));
                Arena arena = Arena.ofConfined()) {
            MemorySegment nothing = arena.allocate(PAGE);
            // The programs write to maps: reading only drives them, and ends with 0 bytes.
            while (!ended(iterator, nothing)) {
                // after a million objects without output the kernel lets others run (bpf_seq_read)
            }
        }
    }

    private static boolean ended(OwnedFd iterator, MemorySegment buffer) throws ErrnoException {
        try {
            return Fds.read(iterator.number(), buffer) == 0;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAGAIN) {
                return false;
            }
            throw e;
        }
    }

    /** Runs a program of type "syscall" once, in this thread. */
    void run(String program) throws BpfUnavailableException {
        libbpf.run(libbpf.program(object, program));
    }

    /** How often each program ran, where the kernel counts that. */
    List<ProgramRuns> programs() throws BpfUnavailableException {
        List<ProgramRuns> runs = new ArrayList<>();
        for (Map.Entry<String, Integer> e : libbpf.programs(object).entrySet()) {
            runs.add(libbpf.runs(e.getKey(), e.getValue()));
        }
        return runs;
    }

    /** Its maps, but for those of the compiler: they have a dot in their name. */
    List<MapSize> maps() {
        return libbpf.maps(object).stream().filter(m -> !m.name().contains(".")).toList();
    }

    boolean isClosed() {
        return closed;
    }

    /** Does nothing the second time. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        links.values().forEach(libbpf::destroy);
        memory.forEach(MappedMemory::close);
        libbpf.close(object);
        arena.close();
    }

    /** The object's file, which lies beside this class. */
    private static byte[] bytes(String resource) {
        try (InputStream in = LoadedObject.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new AssertionError(resource + " is missing from the agent's jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(resource + " cannot be read from the agent's jar", e);
        }
    }
}

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
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** The snapshot object, loaded into the kernel with tables of given sizes. One thread at a time. */
final class SnapshotObject implements AutoCloseable {
    static final int WORK_ENTRIES = 8192;

    private static final String RESOURCE = "snapshot.bpf.o";
    private static final int WORK_BYTES = 32;
    private static final int PAGE = 4096;

    /** Offsets in {@code struct control}. */
    private static final int CURSOR = 0;

    private static final int DROPPED = 4 * SnapshotTable.values().length;
    private static final int WORK = 8 * SnapshotTable.values().length;
    private static final int ANCHOR = WORK + 8;
    private static final int VERTICES = ANCHOR + 8;
    private static final int CLOSED = ANCHOR + 12;
    private static final int TRUNCATED = ANCHOR + 16;
    private static final int FEATURES = ANCHOR + 20;
    private static final int CONTROL_BYTES = ANCHOR + 32;

    private final Libbpf libbpf;
    private final MemorySegment object;
    private final Map<SnapshotTable, Integer> capacities;
    private final Map<SnapshotTable, MappedMemory> memory = new EnumMap<>(SnapshotTable.class);
    private final Map<String, MemorySegment> links = new HashMap<>();
    private final MappedMemory control;
    private final MappedMemory work;
    private boolean closed;

    SnapshotObject(Libbpf libbpf, Map<SnapshotTable, Integer> capacities)
            throws BpfUnavailableException {
        this.libbpf = libbpf;
        this.capacities = new EnumMap<>(capacities);
        object = libbpf.open(bytes());
        boolean loaded = false;
        try {
            for (Map.Entry<SnapshotTable, Integer> e : capacities.entrySet()) {
                libbpf.setMaxEntries(libbpf.map(object, e.getKey().map()), e.getValue());
            }
            libbpf.setMaxEntries(libbpf.map(object, "work"), WORK_ENTRIES);
            libbpf.load(object);
            for (SnapshotTable table : SnapshotTable.values()) {
                int entries = capacity(table);
                memory.put(table, mapped(table.map(), table.recordBytes(), entries));
            }
            control = mapped("control", CONTROL_BYTES, 1);
            work = mapped("work", WORK_BYTES, WORK_ENTRIES);
            loaded = true;
        } finally {
            if (!loaded) {
                close();
            }
        }
    }

    int capacity(SnapshotTable table) {
        Integer entries = capacities.get(table);
        if (entries == null) {
            throw new AssertionError("no size for " + table);
        }
        return entries;
    }

    /** Forgets every record. */
    void reset() {
        control.segment().fill((byte) 0);
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

    void run(String program) throws BpfUnavailableException {
        libbpf.run(libbpf.program(object, program));
    }

    /** How many records of a table there are, at most its capacity. */
    int count(SnapshotTable table) {
        return Math.min(wanted(table), capacity(table));
    }

    /** How many records there would be in a table without end. */
    int wanted(SnapshotTable table) {
        return control(CURSOR + 4 * table.ordinal());
    }

    int dropped(SnapshotTable table) {
        return control(DROPPED + 4 * table.ordinal());
    }

    Records records(SnapshotTable table) {
        MappedMemory mapped = memory.get(table);
        if (mapped == null) {
            throw new AssertionError("no memory for " + table);
        }
        return new Records(mapped.segment(), table.recordBytes(), count(table));
    }

    void anchor(long sk) {
        control.segment().set(ValueLayout.JAVA_LONG, ANCHOR, sk);
    }

    /** Sockets that the last walk of the collector's list found. */
    int vertices() {
        return control(VERTICES);
    }

    /** Whether that walk came back to where it began. */
    boolean closed() {
        return control(CLOSED) == 1;
    }

    /** The bits of each {@link Bound} that a walk met. */
    int truncated() {
        return control(TRUNCATED);
    }

    int features() {
        return control(FEATURES);
    }

    void workCount(int n) {
        control.segment().set(ValueLayout.JAVA_INT, WORK, n);
    }

    void work(int row, long address, long file, boolean listening) {
        MemorySegment segment = work.segment();
        long at = (long) row * WORK_BYTES;
        segment.asSlice(at, WORK_BYTES).fill((byte) 0);
        segment.set(ValueLayout.JAVA_LONG, at, address);
        segment.set(ValueLayout.JAVA_LONG, at + 8, file);
        segment.set(ValueLayout.JAVA_INT, at + 16, listening ? 1 : 0);
    }

    boolean workStill(int row) {
        return workField(row, 20) == 1;
    }

    int workFirstEdge(int row) {
        return workField(row, 24);
    }

    int workEndEdge(int row) {
        return workField(row, 28);
    }

    /** Bytes of kernel memory that the table takes. */
    long bytes(SnapshotTable table) {
        return (long) capacity(table) * table.recordBytes();
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
        memory.values().forEach(MappedMemory::close);
        closeIfMapped(control);
        closeIfMapped(work);
        libbpf.close(object);
    }

    @SuppressWarnings("NullAway") // closed from a constructor that failed: fields may not be set
    private static void closeIfMapped(MappedMemory mapped) {
        if (mapped != null) {
            mapped.close();
        }
    }

    private int workField(int row, int offset) {
        return work.segment().get(ValueLayout.JAVA_INT, (long) row * WORK_BYTES + offset);
    }

    private int control(int offset) {
        return control.segment().get(ValueLayout.JAVA_INT, offset);
    }

    private MappedMemory mapped(String map, int recordBytes, int entries)
            throws BpfUnavailableException {
        MemorySegment handle = libbpf.map(object, map);
        int actual = libbpf.valueSize(handle);
        if (actual != recordBytes) {
            throw new AssertionError(
                    "records of " + map + " have " + actual + " bytes, not " + recordBytes);
        }
        long bytes = ((long) entries * recordBytes + PAGE - 1) / PAGE * PAGE;
        try {
            return MappedMemory.map(
                    bytes,
                    MappedMemory.PROT_READ | MappedMemory.PROT_WRITE,
                    MappedMemory.MAP_SHARED,
                    libbpf.fd(handle),
                    0);
        } catch (ErrnoException e) {
            throw new BpfUnavailableException(
                    Lack.REFUSED, "the map " + map + " cannot be mapped: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes() {
        try (InputStream in = SnapshotObject.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new AssertionError(RESOURCE + " is missing from the agent's jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(RESOURCE + " cannot be read from the agent's jar", e);
        }
    }
}

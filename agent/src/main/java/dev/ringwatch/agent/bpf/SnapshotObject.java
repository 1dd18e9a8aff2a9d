package dev.ringwatch.agent.bpf;

import dev.ringwatch.uring.sys.ErrnoException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The snapshot object, loaded into the kernel with tables of given sizes. One thread at a time. */
final class SnapshotObject implements AutoCloseable {
    static final int WORK_ENTRIES = 8192;

    private static final String RESOURCE = "snapshot.bpf.o";
    private static final int WORK_BYTES = 32;

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

    private final LoadedObject object;
    private final Map<SnapshotTable, Integer> capacities;
    private final Map<SnapshotTable, MemorySegment> memory = new EnumMap<>(SnapshotTable.class);
    private final MemorySegment control;
    private final MemorySegment work;

    SnapshotObject(Libbpf libbpf, Map<SnapshotTable, Integer> capacities)
            throws BpfUnavailableException {
        this.capacities = new EnumMap<>(capacities);
        Map<String, Integer> entries = new HashMap<>();
        capacities.forEach((table, n) -> entries.put(table.map(), n));
        entries.put("work", WORK_ENTRIES);
        object = new LoadedObject(libbpf, RESOURCE, entries);
        boolean mapped = false;
        try {
            for (SnapshotTable table : SnapshotTable.values()) {
                memory.put(table, object.map(table.map(), table.recordBytes(), capacity(table)));
            }
            control = object.map("control", CONTROL_BYTES, 1);
            work = object.map("work", WORK_BYTES, WORK_ENTRIES);
            mapped = true;
        } finally {
            if (!mapped) {
                object.close();
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
        control.fill((byte) 0);
    }

    /** Runs an iterator over the whole machine. */
    void iterate(String program) throws BpfUnavailableException, ErrnoException {
        object.iterate(program);
    }

    void run(String program) throws BpfUnavailableException {
        object.run(program);
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
        MemorySegment mapped = memory.get(table);
        if (mapped == null) {
            throw new AssertionError("no memory for " + table);
        }
        return new Records(mapped, table.recordBytes(), count(table));
    }

    void anchor(long sk) {
        control.set(ValueLayout.JAVA_LONG, ANCHOR, sk);
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
        control.set(ValueLayout.JAVA_INT, WORK, n);
    }

    void work(int row, long address, long file, boolean listening) {
        long at = (long) row * WORK_BYTES;
        work.asSlice(at, WORK_BYTES).fill((byte) 0);
        work.set(ValueLayout.JAVA_LONG, at, address);
        work.set(ValueLayout.JAVA_LONG, at + 8, file);
        work.set(ValueLayout.JAVA_INT, at + 16, listening ? 1 : 0);
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

    List<ProgramRuns> programs() throws BpfUnavailableException {
        return object.programs();
    }

    boolean isClosed() {
        return object.isClosed();
    }

    /** Does nothing the second time. */
    @Override
    public void close() {
        object.close();
    }

    private int workField(int row, int offset) {
        return work.get(ValueLayout.JAVA_INT, (long) row * WORK_BYTES + offset);
    }

    private int control(int offset) {
        return control.get(ValueLayout.JAVA_INT, offset);
    }
}

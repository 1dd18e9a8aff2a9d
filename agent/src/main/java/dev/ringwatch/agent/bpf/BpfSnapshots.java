package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import dev.ringwatch.core.graph.LongIndex;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes snapshots of the whole machine with the programs of snapshot.bpf.c.
 *
 * <p>First the iterators list tasks, descriptors, ring mappings and sockets. Then what they brought
 * is followed to its end: the collector's list gives every socket in flight, also where no process
 * is left in its network namespace; queues give files, connections and further sockets; rings give
 * slots, requests and further rings; until nothing new turns up. A table that is too small is made
 * larger and the snapshot begun again; a queue that moves while it is read is read again.
 *
 * <p>For one thread at a time: the iterators see the network namespace and the pid namespace of the
 * thread that calls.
 */
public final class BpfSnapshots implements AutoCloseable {
    /**
     * The kernel memory that all tables together may take. 100,000 sockets with as many descriptors
     * take about 60 MiB.
     */
    public static final long DEFAULT_MAX_TABLE_BYTES = 512L << 20;

    /** No table is made smaller than this, whatever the limit: it holds an idle machine. */
    private static final int LEAST_ENTRIES = 256;

    /** How long to wait for a run of the collector that was begun; it takes some milliseconds. */
    private static final Duration COLLECTOR_PATIENCE = Duration.ofSeconds(1);

    private static final int QUEUE_TRIES = 4;
    private static final int VERTEX_TRIES = 4;
    private static final int MOST_ENTRIES = Integer.MAX_VALUE / 2;

    private final Libbpf libbpf;
    private final long maxTableBytes;
    private final Map<SnapshotTable, Integer> capacities;
    private SnapshotObject object;
    private Set<BpfFeature> features;
    private @Nullable CollectorWitness witness;
    private boolean witnessIsOfLast;

    private BpfSnapshots(Libbpf libbpf, long maxTableBytes) throws BpfUnavailableException {
        this.libbpf = libbpf;
        this.maxTableBytes = maxTableBytes;
        capacities = fitting(firstCapacities(), maxTableBytes);
        object = new SnapshotObject(libbpf, capacities);
        try {
            features = probe(object);
        } catch (BpfUnavailableException e) {
            object.close();
            throw e;
        }
    }

    /**
     * The version of the library, which needs no privilege to be found.
     *
     * @throws BpfUnavailableException with the cause and its cure
     */
    public static String library() throws BpfUnavailableException {
        return Libbpf.find().version();
    }

    /**
     * Loads the programs.
     *
     * @throws BpfUnavailableException with the cause and its cure
     */
    public static BpfSnapshots load(long maxTableBytes) throws BpfUnavailableException {
        Privileges.check();
        BpfSnapshots snapshots = new BpfSnapshots(Libbpf.find(), maxTableBytes);
        try {
            snapshots.requireSymbols();
        } catch (BpfUnavailableException e) {
            snapshots.close();
            throw e;
        }
        return snapshots;
    }

    public Set<BpfFeature> features() {
        return features;
    }

    public String libbpfVersion() {
        return libbpf.version();
    }

    /** The capacity of each table, in records. */
    public int capacity(SnapshotTable table) {
        return object.capacity(table);
    }

    /** The kernel memory that a table takes, in bytes. */
    public long bytes(SnapshotTable table) {
        return object.bytes(table);
    }

    /** What each program has cost. */
    public List<ProgramRuns> programs() throws BpfUnavailableException {
        return object.programs();
    }

    /**
     * Takes one snapshot. What it gives lies in memory that the next call overwrites. It ends with
     * the close of an AF_UNIX socket while another is in flight, which starts a run of the kernel's
     * collector (unix_release_sock, unix_gc); the next snapshot waits for that run.
     *
     * @throws BpfUnavailableException also when the self-check fails
     */
    public BpfSnapshot take() throws BpfUnavailableException {
        try {
            Collected collected = awaitCollector();
            while (true) {
                try (SelfCheckPair pair = new SelfCheckPair()) {
                    BpfSnapshot snapshot = new Run(pair, collected).snapshot();
                    if (!grow()) {
                        leaveWitness();
                        return snapshot;
                    }
                }
            }
        } catch (IOException e) {
            throw new BpfUnavailableException(
                    Lack.REFUSED, "a snapshot failed: " + e.getMessage(), e);
        }
    }

    /**
     * Whether the collector has run since the snapshot before.
     *
     * @param left the inode number of the witness's socket if not, which is then still in flight
     */
    private record Collected(boolean ran, long left) {
        private static final long NOTHING = 0;
    }

    private Collected awaitCollector() throws ErrnoException {
        CollectorWitness last = witness;
        if (last == null) {
            return new Collected(false, Collected.NOTHING);
        }
        if (!last.ran(COLLECTOR_PATIENCE)) {
            witnessIsOfLast = false; // it stays: there is never more than one
            return new Collected(false, last.inode());
        }
        witness = null;
        last.close();
        return new Collected(witnessIsOfLast, Collected.NOTHING);
    }

    private void leaveWitness() throws IOException {
        if (witness == null) {
            witness = new CollectorWitness();
            witnessIsOfLast = true;
        }
    }

    /** The witness's loop is the collector's: it was woken when the last snapshot ended. */
    @Override
    public void close() {
        object.close();
        CollectorWitness last = witness;
        witness = null;
        try {
            if (last != null) {
                last.close();
            }
        } catch (ErrnoException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<BpfFeature> probe(SnapshotObject object) throws BpfUnavailableException {
        object.reset();
        object.run("probe");
        Set<BpfFeature> found = EnumSet.noneOf(BpfFeature.class);
        for (BpfFeature feature : BpfFeature.values()) {
            if (feature.in(object.features())) {
                found.add(feature);
            }
        }
        return found;
    }

    private void requireSymbols() throws BpfUnavailableException {
        for (BpfFeature needed :
                List.of(BpfFeature.RING_FILES, BpfFeature.SOCKET_FILES, BpfFeature.PACKETS)) {
            if (!features.contains(needed)) {
                throw new BpfUnavailableException(
                        Lack.SYMBOLS,
                        "the kernel's function addresses cannot be read (/proc/kallsyms): give the"
                                + " process CAP_SYSLOG, or set the sysctl kernel.kptr_restrict to"
                                + " 1 or 0");
            }
        }
    }

    /** Room for about what is open now, so that the first snapshot rarely has to begin again. */
    private static Map<SnapshotTable, Integer> firstCapacities() {
        int files = openFiles();
        Map<SnapshotTable, Integer> sizes = new EnumMap<>(SnapshotTable.class);
        for (SnapshotTable table : SnapshotTable.values()) {
            int entries =
                    switch (table) {
                        case PROCESSES, TASK_LINKS, REQUESTS, NAMES -> 4096;
                        case DESCRIPTORS -> 8192 + files + files / 2;
                        case SOCKETS -> 8192 + files;
                        case RINGS -> 2048;
                        case SLOTS, EDGES, FILES, VERTICES -> 16384;
                    };
            sizes.put(table, entries);
        }
        return sizes;
    }

    private static Map<SnapshotTable, Integer> fitting(
            Map<SnapshotTable, Integer> sizes, long maxTableBytes) {
        Map<SnapshotTable, Integer> fitting = new EnumMap<>(sizes);
        while (bytes(fitting) > maxTableBytes
                && fitting.values().stream().anyMatch(n -> n > LEAST_ENTRIES)) {
            fitting.replaceAll((table, n) -> Math.max(LEAST_ENTRIES, n / 2));
        }
        return fitting;
    }

    /** The number of open files on the machine; a guess where it cannot be read. */
    private static int openFiles() {
        try {
            String first =
                    Files.readString(Path.of("/proc/sys/fs/file-nr")).strip().split("\\s+")[0];
            return (int) Math.min(1 << 24, Long.parseLong(first));
        } catch (IOException | NumberFormatException e) {
            return 1 << 16;
        }
    }

    /**
     * Enlarges the tables that were too small, as far as the limit lets it; false when none was, the
     * limit is reached, or the kernel refuses larger ones: then what is loaded stays.
     */
    private boolean grow() {
        Map<SnapshotTable, Integer> wanted = new EnumMap<>(capacities);
        for (SnapshotTable table : SnapshotTable.values()) {
            if (object.dropped(table) > 0) {
                long entries = Integer.toUnsignedLong(object.wanted(table)) * 3 / 2;
                Integer before = wanted.put(table, (int) Math.min(MOST_ENTRIES, entries));
                if (bytes(wanted) > maxTableBytes) {
                    wanted.put(table, before);
                }
            }
        }
        if (wanted.equals(capacities)) {
            return false;
        }
        try {
            SnapshotObject larger = new SnapshotObject(libbpf, wanted);
            object.close();
            object = larger;
        } catch (BpfUnavailableException e) {
            return false; // the snapshot says which tables are too small
        }
        capacities.putAll(wanted);
        return true;
    }

    private static long bytes(Map<SnapshotTable, Integer> sizes) {
        long sum = 0;
        for (Map.Entry<SnapshotTable, Integer> e : sizes.entrySet()) {
            sum += (long) e.getValue() * e.getKey().recordBytes();
        }
        return sum;
    }

    /** One pass over the machine. */
    private final class Run {
        private final LongIndex sockets = new LongIndex(1 << 12);
        private final LongIndex rings = new LongIndex(64);
        private final Set<Long> selfCheck = new HashSet<>();
        private final Set<Long> own = new HashSet<>();
        private final Set<Long> goneRings = new HashSet<>();
        private final List<BpfSnapshot.Queue> queues = new ArrayList<>();
        private final List<String> incomplete = new ArrayList<>();
        private final long sentInode;
        private final long receiverInode;
        private final Collected collected;
        private int socketsSeen;
        private int ringsSeen;
        private int tornQueues;

        Run(SelfCheckPair pair, Collected collected) throws IOException {
            sentInode = pair.sentInode();
            receiverInode = pair.receiverInode();
            this.collected = collected;
        }

        BpfSnapshot snapshot() throws BpfUnavailableException, IOException {
            object.reset();
            object.iterate("list_tasks");
            object.iterate("list_descriptors");
            object.iterate("list_mappings");
            object.iterate("list_sockets");
            object.anchor(anchor());
            walkVertices();
            while (object.count(SnapshotTable.SOCKETS) > socketsSeen
                    || object.count(SnapshotTable.RINGS) > ringsSeen) {
                walkNewQueues();
                walkNewRings();
            }
            checkOwnEdge();
            collectReasons();
            own.addAll(selfCheck);
            return result();
        }

        private long anchor() throws BpfUnavailableException {
            Records records = object.records(SnapshotTable.SOCKETS);
            long anchor = 0;
            for (int i = 0; i < records.count(); i++) {
                long inode = records.u64(i, SnapshotTable.Socket.INODE);
                if (inode == sentInode || inode == receiverInode) {
                    long sk = records.u64(i, SnapshotTable.Socket.SK);
                    selfCheck.add(sk);
                    anchor = inode == sentInode ? sk : anchor;
                }
            }
            if (anchor == 0 && object.dropped(SnapshotTable.SOCKETS) == 0) {
                throw new BpfUnavailableException(
                        Lack.SELF_CHECK,
                        "the self-check did not find its own sockets: run the agent in the host's"
                                + " pid namespace");
            }
            return anchor;
        }

        /** The list is not locked while it is walked: two walks must agree. */
        private void walkVertices() throws BpfUnavailableException {
            if (!features.contains(BpfFeature.VERTICES)) {
                incomplete.add(
                        "this kernel's list of sockets in flight cannot be walked: those in other"
                                + " network namespaces are missing");
                return;
            }
            int before = -1;
            for (int i = 0; i < VERTEX_TRIES; i++) {
                object.run("walk_vertices");
                if (object.closed() && object.vertices() == before) {
                    return;
                }
                before = object.closed() ? object.vertices() : -1;
            }
            incomplete.add("the list of sockets in flight kept changing");
        }

        private void walkNewQueues() throws BpfUnavailableException {
            Records records = object.records(SnapshotTable.SOCKETS);
            List<Work> pending = new ArrayList<>();
            for (; socketsSeen < records.count(); socketsSeen++) {
                long sk = records.u64(socketsSeen, SnapshotTable.Socket.SK);
                if (isLeftOfWitness(records, socketsSeen)) {
                    own.add(sk);
                }
                if (sk != 0 && sockets.add(sk) && hasQueue(records, socketsSeen)) {
                    pending.add(new Work(sk, 0, listens(records, socketsSeen)));
                }
            }
            for (int i = 0; i < QUEUE_TRIES && !pending.isEmpty(); i++) {
                pending = walk("walk_queues", pending, i == QUEUE_TRIES - 1);
            }
            tornQueues += pending.size();
        }

        private boolean isLeftOfWitness(Records records, int row) {
            return collected.left != Collected.NOTHING
                    && records.u64(row, SnapshotTable.Socket.INODE) == collected.left;
        }

        /** Runs the program over all of the work, and returns what did not stand still. */
        private List<Work> walk(String program, List<Work> all, boolean lastTry)
                throws BpfUnavailableException {
            List<Work> torn = new ArrayList<>();
            for (int from = 0; from < all.size(); from += SnapshotObject.WORK_ENTRIES) {
                int to = Math.min(all.size(), from + SnapshotObject.WORK_ENTRIES);
                List<Work> batch = all.subList(from, to);
                for (int i = 0; i < batch.size(); i++) {
                    Work w = batch.get(i);
                    object.work(i, w.address, w.file, w.listening);
                }
                object.workCount(batch.size());
                object.run(program);
                for (int i = 0; i < batch.size(); i++) {
                    if (!object.workStill(i)) {
                        torn.add(batch.get(i));
                    }
                    if (object.workStill(i) || lastTry) {
                        addQueue(batch.get(i), i);
                    }
                }
            }
            return torn;
        }

        private void addQueue(Work w, int row) {
            int begin = Math.min(object.workFirstEdge(row), object.capacity(SnapshotTable.EDGES));
            int end = Math.min(object.workEndEdge(row), object.capacity(SnapshotTable.EDGES));
            boolean whole = object.workStill(row) && end == object.workEndEdge(row);
            if (end > begin || !whole) {
                queues.add(new BpfSnapshot.Queue(w.address, begin, end, whole));
            }
        }

        private void walkNewRings() throws BpfUnavailableException {
            Records records = object.records(SnapshotTable.RINGS);
            Map<Long, Work> pending = new LinkedHashMap<>();
            for (; ringsSeen < records.count(); ringsSeen++) {
                long ring = records.u64(ringsSeen, SnapshotTable.Ring.RING);
                long file = records.u64(ringsSeen, SnapshotTable.Ring.FILE);
                if (ring != 0 && rings.add(ring)) {
                    pending.put(ring, new Work(ring, file, false));
                } else if (file != 0 && pending.containsKey(ring)) {
                    pending.put(ring, new Work(ring, file, false));
                }
            }
            if (!pending.isEmpty()) {
                walk("walk_rings", List.copyOf(pending.values()), false)
                        .forEach(ring -> goneRings.add(ring.address));
            }
        }

        private void checkOwnEdge() throws BpfUnavailableException {
            Records edges = object.records(SnapshotTable.EDGES);
            for (int i = 0; i < edges.count(); i++) {
                if (selfCheck.contains(edges.u64(i, SnapshotTable.Edge.SK))) {
                    return;
                }
            }
            if (object.dropped(SnapshotTable.EDGES) == 0
                    && object.dropped(SnapshotTable.SOCKETS) == 0) {
                throw new BpfUnavailableException(
                        Lack.SELF_CHECK,
                        "the self-check did not see a descriptor that it had just sent: this kernel"
                                + " keeps its queues in a way that is not known yet");
            }
        }

        private void collectReasons() {
            if (tornQueues > 0) {
                incomplete.add(tornQueues + " queues kept moving while they were read");
            }
            for (Bound bound : Bound.values()) {
                if (bound.in(object.truncated())) {
                    incomplete.add(bound.what() + " were more than the programs walk");
                }
            }
            for (SnapshotTable table : SnapshotTable.values()) {
                if (object.dropped(table) > 0) {
                    incomplete.add(
                            "the table "
                                    + table.map()
                                    + " was too small by "
                                    + object.dropped(table)
                                    + " records; raise the limit on table memory");
                }
            }
        }

        private BpfSnapshot result() {
            Map<SnapshotTable, Records> tables = new EnumMap<>(SnapshotTable.class);
            for (SnapshotTable table : SnapshotTable.values()) {
                tables.put(table, object.records(table));
            }
            return new BpfSnapshot(
                    tables,
                    List.copyOf(queues),
                    Set.copyOf(goneRings),
                    Set.copyOf(own),
                    collected.ran,
                    Set.copyOf(features),
                    tooSmall(),
                    List.copyOf(incomplete));
        }

        private Set<SnapshotTable> tooSmall() {
            Set<SnapshotTable> tooSmall = EnumSet.noneOf(SnapshotTable.class);
            for (SnapshotTable table : SnapshotTable.values()) {
                if (object.dropped(table) > 0) {
                    tooSmall.add(table);
                }
            }
            return tooSmall;
        }

        private static boolean listens(Records records, int row) {
            return records.u8(row, SnapshotTable.Socket.STATE) == SnapshotTable.Socket.LISTEN;
        }

        private static boolean hasQueue(Records records, int row) {
            return listens(records, row)
                    ? records.u32(row, SnapshotTable.Socket.QUEUE_LENGTH) > 0
                    : records.u32(row, SnapshotTable.Socket.QUEUED_FDS) > 0;
        }
    }

    /** A socket or a ring to be walked. */
    private record Work(long address, long file, boolean listening) {}
}

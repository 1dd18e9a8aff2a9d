package dev.ringwatch.agent.bpf;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one run of the snapshot programs brought, still in the kernel's terms and keyed by kernel
 * addresses. Valid until the next run.
 *
 * @param queues for each queue that was walked, its edges: rows of {@link SnapshotTable#EDGES}
 * @param goneRings the addresses of rings that were closed before they could be read
 * @param own the addresses of sockets that are there only because the agent looks, to be left out:
 *     all are in flight but one, which receives
 * @param collectorRan whether the kernel's collector is known to have run, over everything in flight,
 *     between the end of the snapshot before and the beginning of this one
 * @param tooSmall the tables that had no room for all of their records
 * @param incomplete why something may be missing; empty when nothing is
 */
public record BpfSnapshot(
        Map<SnapshotTable, Records> tables,
        List<Queue> queues,
        Set<Long> goneRings,
        Set<Long> own,
        boolean collectorRan,
        Set<BpfFeature> features,
        Set<SnapshotTable> tooSmall,
        List<String> incomplete) {

    /**
     * One queue's edges.
     *
     * @param sk whose queue
     * @param firstEdge the first row
     * @param endEdge one past the last row
     * @param whole whether these are all edges of one state of the queue
     */
    public record Queue(long sk, int firstEdge, int endEdge, boolean whole) {}

    /** Sockets in flight that are there only because the agent looks. */
    public int ownInFlight() {
        return own.size() - 1;
    }

    /** Every process there was; empty if the table had no room for all. */
    Set<Actor.Key> allProcesses() {
        Records processes = records(SnapshotTable.PROCESSES);
        Set<Actor.Key> all = new HashSet<>();
        for (int i = 0; i < processes.count() && !tooSmall.contains(SnapshotTable.PROCESSES); i++) {
            all.add(
                    new Actor.Key(
                            processes.u32(i, SnapshotTable.Task.TGID),
                            processes.u64(i, SnapshotTable.Task.START_TIME)));
        }
        return all;
    }

    /** The addresses of every ring that was seen. */
    Set<Long> allRings() {
        Records rings = records(SnapshotTable.RINGS);
        Set<Long> all = new HashSet<>();
        for (int i = 0; i < rings.count(); i++) {
            all.add(rings.u64(i, SnapshotTable.Ring.RING));
        }
        return all;
    }

    public Records records(SnapshotTable table) {
        Records records = tables.get(table);
        if (records == null) {
            throw new AssertionError("no records of " + table);
        }
        return records;
    }
}

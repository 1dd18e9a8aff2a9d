package dev.ringwatch.agent.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The programs on this kernel: their tables, their sizes, and what they say of limits. */
class BpfSnapshotsTest {
    @Test
    void everyTableIsMappedWithTheSizesAskedFor() throws Exception {
        Map<SnapshotTable, Integer> sizes = new EnumMap<>(SnapshotTable.class);
        for (SnapshotTable table : SnapshotTable.values()) {
            sizes.put(table, 16 + table.ordinal());
        }
        SnapshotObject object = new SnapshotObject(Libbpf.find(), sizes);
        try (object) {
            object.reset();
            object.iterate("list_tasks");
            for (SnapshotTable table : SnapshotTable.values()) {
                assertEquals(sizes.get(table), object.capacity(table));
                assertEquals(16L + table.ordinal(), object.bytes(table) / table.recordBytes());
            }
            int processes = object.wanted(SnapshotTable.PROCESSES);
            assertTrue(processes > 16, "a machine has more processes than that");
            assertEquals(16, object.count(SnapshotTable.PROCESSES));
            assertEquals(processes - 16, object.dropped(SnapshotTable.PROCESSES));
        }
        assertTrue(object.isClosed());
        object.close();
    }

    @Test
    void aLimitTooSmallForTheMachineIsSaidTableByTable() throws Exception {
        List<OwnedFd> sockets = new ArrayList<>();
        try (BpfSnapshots snapshots = BpfSnapshots.load(1)) {
            for (int i = 0; i < 256; i++) {
                sockets.addAll(Sockets.pair(Sockets.SOCK_STREAM));
            }
            BpfSnapshot snapshot = snapshots.take();
            long least =
                    256L
                            * Arrays.stream(SnapshotTable.values())
                                    .mapToInt(SnapshotTable::recordBytes)
                                    .sum();
            assertEquals(least, bytes(snapshots));
            for (SnapshotTable table : SnapshotTable.values()) {
                boolean full = snapshot.records(table).count() == 256;
                boolean said =
                        snapshot.incomplete().stream()
                                .anyMatch(r -> r.contains("the table " + table.map() + " "));
                assertTrue(full || !said, table::map);
            }
            assertEquals(256, snapshot.records(SnapshotTable.DESCRIPTORS).count());
            assertEquals(256, snapshot.records(SnapshotTable.SOCKETS).count());
            assertTrue(snapshot.incomplete().size() >= 2);
        } finally {
            for (OwnedFd socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void oneSnapshotAfterTheOtherSeesItsOwnSockets() throws Exception {
        try (BpfSnapshots snapshots = BpfSnapshots.load(BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            for (int i = 0; i < 5; i++) {
                BpfSnapshot snapshot = snapshots.take();
                assertEquals(i > 0, snapshot.collectorRan());
                assertEquals(1, snapshot.ownInFlight());
                List<BpfSnapshot.Queue> own =
                        snapshot.queues().stream()
                                .filter(q -> snapshot.own().contains(q.sk()))
                                .toList();
                assertEquals(1, own.size());
                assertEquals(1, own.getFirst().endEdge() - own.getFirst().firstEdge());
            }
        }
    }

    /** Nothing is said of the collector before it has run: its worker is woken by a close. */
    @Test
    void theWitnessSeesTheCollectorRun() throws Exception {
        try (CollectorWitness witness = new CollectorWitness()) {
            assertTrue(witness.ran(Duration.ofSeconds(30)));
            assertTrue(witness.ran(), "for ever");
        }
    }

    private static long bytes(BpfSnapshots snapshots) {
        return Arrays.stream(SnapshotTable.values()).mapToLong(snapshots::bytes).sum();
    }
}

package dev.ringwatch.agent.differ;

import dev.ringwatch.agent.bpf.BpfSnapshot;
import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.Records;
import dev.ringwatch.agent.bpf.SnapshotTable;
import dev.ringwatch.core.kernel.KernelState;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.UnixSocket;
import dev.ringwatch.core.kernel.Vertex;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What only eBPF can see, compared between looks: how many references each socket's file has, how
 * often the socket is in flight, and which sockets the collector takes to be of one component.
 */
final class CollectorEyes implements AutoCloseable {
    private final BpfSnapshots snapshots;

    private CollectorEyes(BpfSnapshots snapshots) {
        this.snapshots = snapshots;
    }

    /** Opens them, where this process may; else null. */
    static @Nullable CollectorEyes open() {
        try {
            return new CollectorEyes(BpfSnapshots.load(BpfSnapshots.DEFAULT_MAX_TABLE_BYTES));
        } catch (BpfUnavailableException e) {
            return null;
        }
    }

    /** Of the model's sockets that are known. */
    static SortedMap<String, String> model(KernelState kernel, Matching matching) {
        SortedMap<String, String> facts = new TreeMap<>();
        Map<Long, String> components = new HashMap<>();
        for (OpenFile file : kernel.files()) {
            UnixSocket socket = file.socket();
            if (socket != null && matching.live(file) != null) {
                Vertex vertex = socket.vertex();
                facts.put(
                        name(file.id()),
                        text(
                                file.references(),
                                socket.inFlight(),
                                vertex == null
                                        ? ""
                                        : component(
                                                vertex.componentIndex(), file.id(), components)));
            }
        }
        return facts;
    }

    /** Of the same sockets in the kernel. */
    SortedMap<String, String> kernel(KernelState kernel, Matching matching)
            throws BpfUnavailableException {
        BpfSnapshot snapshot = snapshots.take();
        Records sockets = snapshot.records(SnapshotTable.SOCKETS);
        Map<Long, Integer> rowByInode = new HashMap<>();
        for (int i = 0; i < sockets.count(); i++) {
            rowByInode.putIfAbsent(sockets.u64(i, SnapshotTable.Socket.INODE), i);
        }
        Records vertices = snapshot.records(SnapshotTable.VERTICES);
        Map<Long, Integer> rowBySocket = new HashMap<>();
        for (int i = 0; i < vertices.count(); i++) {
            rowBySocket.put(vertices.u64(i, SnapshotTable.Vertex.SK), i);
        }
        SortedMap<String, String> facts = new TreeMap<>();
        Map<Long, String> components = new HashMap<>();
        for (OpenFile file : kernel.files()) {
            String live = matching.live(file);
            Integer row =
                    file.socket() == null || live == null
                            ? null
                            : rowByInode.get(LiveFile.inode(live));
            if (row != null) {
                Integer vertex = rowBySocket.get(sockets.u64(row, SnapshotTable.Socket.SK));
                long references = sockets.u64(row, SnapshotTable.Socket.FILE_COUNT);
                facts.put(
                        name(file.id()),
                        vertex == null
                                ? text(references, 0, "")
                                : text(
                                        references,
                                        vertices.u64(vertex, SnapshotTable.Vertex.REFERENCES),
                                        component(
                                                vertices.u64(
                                                        vertex, SnapshotTable.Vertex.COMPONENT),
                                                file.id(),
                                                components)));
            }
        }
        return facts;
    }

    private static String name(int id) {
        return "file " + id;
    }

    private static String text(long references, long inFlight, String component) {
        return "%d references, %d in flight%s".formatted(references, inFlight, component);
    }

    /** A component by the first of its files: the number itself says nothing. */
    private static String component(long index, int id, Map<Long, String> components) {
        return components.computeIfAbsent(index, _ -> ", component of file " + id);
    }

    @Override
    public void close() {
        snapshots.close();
    }
}

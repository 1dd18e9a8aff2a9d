package dev.ringwatch.core.sim;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import dev.ringwatch.core.graph.Scc;
import dev.ringwatch.core.kernel.GraphState;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelState;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Oracle;
import dev.ringwatch.core.kernel.Packet;
import dev.ringwatch.core.kernel.PassedFiles;
import dev.ringwatch.core.kernel.PendingRequest;
import dev.ringwatch.core.kernel.Ring;
import dev.ringwatch.core.kernel.UnixSocket;
import dev.ringwatch.core.kernel.Vertex;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Garbage that is left when the collector has nothing more to do, and why.
 *
 * <p>Of the garbage only components that no other garbage holds need a reason: the rest stays
 * because they do. Such a component holds itself, so it has a loop.
 */
final class Garbage {
    private final KernelState kernel;
    private final List<OpenFile> files;
    private final Map<OpenFile, Integer> numbers = new HashMap<>();
    private final ReferenceGraph graph;
    private final Scc components;
    private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
    private boolean unexplained;

    private final boolean connecting;

    private Garbage(KernelState kernel, Set<OpenFile> garbage, boolean connecting) {
        this.kernel = kernel;
        this.connecting = connecting;
        files = List.copyOf(garbage);
        graph = graph();
        components = Scc.of(graph);
        explain();
    }

    /**
     * What is left now.
     *
     * @param connecting whether there were connections under way while others acted
     */
    static Garbage of(KernelState kernel, boolean connecting) {
        return new Garbage(kernel, Oracle.garbage(kernel), connecting);
    }

    /** All of it. */
    List<OpenFile> files() {
        return files;
    }

    /** Why it stays. */
    Set<Trait> traits() {
        return traits;
    }

    /** Whether some of it should not have stayed. */
    boolean unexplained() {
        return unexplained;
    }

    // ---- the graph ----

    private ReferenceGraph graph() {
        ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
        for (OpenFile file : files) {
            FileKind kind =
                    file.ring() != null
                            ? FileKind.RING
                            : file.socket() != null ? FileKind.UNIX_SOCKET : FileKind.OTHER;
            numbers.put(file, builder.file(kind, file.references(), false));
        }
        for (OpenFile file : files) {
            UnixSocket socket = file.socket();
            Ring ring = file.ring();
            if (socket != null) {
                addQueued(builder, file, socket);
            } else if (ring != null) {
                addRing(builder, file, ring);
            }
        }
        return builder.build();
    }

    private void addQueued(ReferenceGraph.Builder builder, OpenFile file, UnixSocket socket) {
        int packets = 0;
        for (Packet packet : socket.queue()) {
            PassedFiles passed = packet.passed();
            UnixSocket embryo = packet.embryo();
            if (passed != null) {
                for (OpenFile held : passed.files()) {
                    int at = packets;
                    add(file, held, (from, to) -> builder.queued(from, to, at));
                }
            }
            if (embryo != null) {
                addQueued(builder, file, embryo);
            }
            packets++;
        }
    }

    private void addRing(ReferenceGraph.Builder builder, OpenFile file, Ring ring) {
        int slots = 0;
        for (OpenFile held : ring.slots()) {
            int slot = slots++;
            add(file, held, (from, to) -> builder.slot(from, to, slot));
        }
        int left = slots;
        for (OpenFile held : ring.leaving()) {
            add(file, held, (from, to) -> builder.slot(from, to, left));
        }
        for (PendingRequest request : ring.pending().values()) {
            if (request.ownsReference()) {
                add(file, request.file(), (from, to) -> builder.request(from, to, request.id()));
            }
        }
    }

    /** Garbage may hold what a process has open, too: that is of no interest here. */
    private void add(OpenFile file, @Nullable OpenFile held, BiIntConsumer reference) {
        Integer from = numbers.get(file);
        Integer to = numbers.get(held);
        if (from != null && to != null) {
            reference.accept(from, to);
        }
    }

    private interface BiIntConsumer {
        void accept(int from, int to);
    }

    // ---- reasons ----

    private void explain() {
        for (int component = 0; component < components.count(); component++) {
            List<Integer> members = members(component);
            if (!heldByOthers(members, component)) {
                Trait reason = reason(members);
                if (reason == null) {
                    unexplained = true;
                } else {
                    traits.add(reason);
                }
            }
        }
    }

    private List<Integer> members(int component) {
        List<Integer> members = new ArrayList<>();
        for (int file = 0; file < files.size(); file++) {
            if (components.component(file) == component) {
                members.add(file);
            }
        }
        return members;
    }

    private boolean heldByOthers(List<Integer> members, int component) {
        for (int file : members) {
            for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
                if (components.component(graph.from(graph.holderReference(i))) != component) {
                    return true;
                }
            }
        }
        return false;
    }

    private @Nullable Trait reason(List<Integer> members) {
        boolean unseen = false;
        boolean onlyRings = true;
        for (int file : members) {
            onlyRings &= files.get(file).ring() != null;
            for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
                unseen |= unseen(graph.by(graph.holderReference(i)), files.get(file));
            }
        }
        if (unseen) {
            return onlyRings ? Trait.RING_LOOP : Trait.UNSEEN_BY_COLLECTOR;
        }
        if (members.stream().anyMatch(this::countsTooMuch)) {
            return Trait.COUNTER;
        }
        if (unequalIndices(members)) {
            return Trait.LOW_LINKS;
        }
        return connecting && lostFromSight(members) ? Trait.CONNECT_RACE : null;
    }

    /** What is queued on a listener's connections, and nothing is known of a cycle. */
    private boolean lostFromSight(List<Integer> members) {
        return kernel.graphState() == GraphState.NOT_CYCLIC
                && members.stream().anyMatch(this::hasConnections);
    }

    private boolean hasConnections(int file) {
        UnixSocket socket = files.get(file).socket();
        return socket != null
                && socket.queue().stream().anyMatch(packet -> packet.embryo() != null);
    }

    private boolean unseen(By by, OpenFile held) {
        KernelEra era = kernel.era();
        return switch (by) {
            case QUEUE -> kernel.socketOf(held) == null;
            case SLOT ->
                    switch (era.table()) {
                        case PINS, PINS_RING_IN_FLIGHT -> true;
                        case PACKET, PACKET_KEPT -> false;
                    };
            case REQUEST -> era.requests() != KernelEra.Requests.IN_FLIGHT;
            case REQUEST_BY_SLOT -> false;
        };
    }

    private boolean countsTooMuch(int file) {
        UnixSocket socket = kernel.socketOf(files.get(file));
        int entries = graph.holdersEnd(file) - graph.holdersBegin(file);
        return socket != null && socket.inFlight() > entries;
    }

    private boolean unequalIndices(List<Integer> members) {
        Set<Long> indices = new TreeSet<>();
        for (int file : members) {
            UnixSocket socket = files.get(file).socket();
            Vertex vertex = socket == null ? null : socket.vertex();
            if (vertex == null) {
                return false;
            }
            indices.add(vertex.componentIndex());
        }
        return indices.size() > 1;
    }
}

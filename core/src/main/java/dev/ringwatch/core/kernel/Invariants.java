package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.KernelEra.Collector;
import dev.ringwatch.core.kernel.KernelEra.Repair;
import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold between the steps of a model: the five assumptions that the collector rests on (Al
 * Viro's, of 2019), and that every count equals what it counts.
 *
 * <p>Each is recomputed from the whole state, without a look at how the model keeps its counts. An
 * era in which one does not hold is no fault of the model: that is what was wrong with the era.
 */
public final class Invariants {
    private final KernelState kernel;
    private final List<Violation> found = new ArrayList<>();

    /** References by file, all of them. */
    private final Map<OpenFile, Integer> held = new HashMap<>();

    /** Entries of packets in flight that the collector can find, and all entries, by file. */
    private final Map<OpenFile, Integer> findable = new HashMap<>();

    private final Map<OpenFile, Integer> inFlight = new HashMap<>();
    private final Map<User, Integer> sent = new HashMap<>();
    private final Set<OpenFile> usedByTasks = new HashSet<>();

    private Invariants(KernelState kernel) {
        this.kernel = kernel;
    }

    /**
     * What does not hold now. Not to be asked while the collector runs, whose own steps leave counts
     * in between: it gives nothing then.
     */
    public static List<Violation> check(KernelState kernel) {
        if (kernel.collecting()) {
            return List.of();
        }
        Invariants invariants = new Invariants(kernel);
        invariants.count();
        invariants.compareReferences();
        invariants.compareCounters();
        invariants.checkSockets();
        invariants.checkLoops();
        invariants.checkUse();
        return List.copyOf(invariants.found);
    }

    private void violated(Rule rule, String detail) {
        found.add(new Violation(rule, detail));
    }

    private static <K> void add(Map<K, Integer> counts, K key) {
        counts.merge(key, 1, Integer::sum);
    }

    private void hold(Collection<? extends @Nullable OpenFile> files) {
        for (OpenFile file : files) {
            if (file != null) {
                add(held, file);
            }
        }
    }

    private void count() {
        for (Task task : kernel.tasks.values()) {
            hold(task.descriptors.values());
            hold(task.mappings.values());
            hold(task.registeredRings().values());
            usedByTasks.addAll(task.descriptors.values());
        }
        SequencedSet<UnixSocket> canBeFound = findableSockets();
        for (UnixSocket socket : canBeFound) {
            countQueue(socket, true);
        }
        for (Work piece : kernel.work()) {
            if (piece instanceof Work.FinishConnect(UnixSocket embryo)
                    && !canBeFound.contains(embryo)) {
                countQueue(embryo, waitsForConnects());
            }
        }
        for (Ring ring : kernel.rings) {
            countRing(ring);
        }
    }

    /**
     * Whether a connection under way hides nothing. The repaired classic collector waits for it; that
     * of components judges its listener by edges and then finds no packet to take.
     */
    private boolean waitsForConnects() {
        return kernel.era().has(Repair.CONNECT) && kernel.era().collector() == Collector.CANDIDATES;
    }

    /** Sockets behind files, embryos that were announced, and rings' own. */
    private SequencedSet<UnixSocket> findableSockets() {
        SequencedSet<UnixSocket> sockets = new LinkedHashSet<>();
        for (OpenFile file : kernel.files) {
            UnixSocket socket = file.socket();
            if (socket != null) {
                sockets.add(socket);
                sockets.addAll(socket.receivers());
            }
        }
        for (Ring ring : kernel.rings) {
            if (ring.socket != null) {
                sockets.add(ring.socket);
            }
        }
        return sockets;
    }

    private void countQueue(UnixSocket socket, boolean canBeFound) {
        int fds = 0;
        for (Packet packet : socket.queue) {
            PassedFiles passed = packet.passed();
            if (passed != null) {
                hold(passed.files());
                fds += passed.files().size();
                for (OpenFile file : passed.files()) {
                    add(inFlight, file);
                    add(sent, passed.user);
                    if (canBeFound) {
                        add(findable, file);
                    }
                }
            }
        }
        boolean own = socket.file != null && socket.file.ring() != null;
        if (!own && socket.queuedFds < fds) {
            violated(
                    Rule.COUNTED,
                    "%s says that %d descriptors are queued on it, %d are"
                            .formatted(socket, socket.queuedFds, fds));
        }
    }

    private void countRing(Ring ring) {
        List<Ring.Node> nodes = new ArrayList<>(ring.leaving);
        if (ring.table != null) {
            for (Ring.Node node : ring.table) {
                if (node != null) {
                    nodes.add(node);
                }
            }
        }
        for (Ring.Node node : nodes) {
            if (node.packet == null && node.file != null) {
                add(held, node.file);
            }
        }
        for (PendingRequest request : ring.pending.values()) {
            if (request.ownsReference() && request.packet == null && request.file != null) {
                add(held, request.file);
            }
        }
    }

    private void compareReferences() {
        for (OpenFile file : kernel.files) {
            int holders = held.getOrDefault(file, 0);
            if (holders != file.references()) {
                violated(
                        Rule.REFERENCES_HELD,
                        "%s counts %d references and has %d holders"
                                .formatted(file, file.references(), holders));
            }
        }
        for (OpenFile file : held.keySet()) {
            if (file.released()) {
                violated(Rule.USE_AFTER_FREE, "%s is held and was released".formatted(file));
            }
        }
    }

    private void compareCounters() {
        int total = 0;
        for (OpenFile file : kernel.files) {
            UnixSocket socket = kernel.socketOf(file);
            if (socket == null) {
                continue;
            }
            total += inFlight.getOrDefault(file, 0);
            int counted = socket.inFlight();
            int entries = findable.getOrDefault(file, 0);
            if (counted != inFlight.getOrDefault(file, 0)) {
                violated(
                        Rule.COUNTED,
                        "%s counts as in flight %d times and is so %d times"
                                .formatted(file, counted, inFlight.getOrDefault(file, 0)));
            }
            if (counted > entries) {
                violated(
                        Rule.IN_QUEUED_PACKETS,
                        ("%s counts as in flight %d times; in queues that the collector can find it"
                                        + " is %d times")
                                .formatted(file, counted, entries));
            }
        }
        if (total != kernel.inFlight) {
            violated(
                    Rule.COUNTED,
                    "%d sockets count as in flight, %d are".formatted(kernel.inFlight, total));
        }
        for (User user : kernel.users()) {
            int files = sent.getOrDefault(user, 0);
            if (files != user.inFlight) {
                violated(
                        Rule.COUNTED,
                        "user %d counts %d files in flight and has %d"
                                .formatted(user.uid(), user.inFlight, files));
            }
        }
    }

    /** V1: of all files in flight only sockets and rings hold others. */
    private void checkSockets() {
        for (OpenFile file : inFlight.keySet()) {
            if (file.ring() != null && kernel.socketOf(file) == null) {
                violated(
                        Rule.SOCKET_FOR_EACH,
                        "%s is in flight and holds files, and no socket stands for it"
                                .formatted(file));
            }
        }
    }

    /** V4: a loop of references none of which the collector follows. */
    private void checkLoops() {
        Map<OpenFile, Integer> incoming = new HashMap<>();
        for (OpenFile file : kernel.files) {
            for (OpenFile target : heldUnseen(file)) {
                incoming.merge(target, 1, Integer::sum);
            }
        }
        Set<OpenFile> left = new LinkedHashSet<>(kernel.files);
        Deque<OpenFile> free = new ArrayDeque<>();
        for (OpenFile file : kernel.files) {
            if (!incoming.containsKey(file)) {
                free.add(file);
            }
        }
        for (OpenFile file = free.poll(); file != null; file = free.poll()) {
            left.remove(file);
            for (OpenFile target : heldUnseen(file)) {
                if (incoming.merge(target, -1, Integer::sum) == 0) {
                    free.add(target);
                }
            }
        }
        left.removeIf(file -> heldUnseen(file).stream().noneMatch(left::contains));
        if (!left.isEmpty()) {
            violated(
                    Rule.ACYCLIC_OTHERWISE,
                    "%s hold each other by references that the collector does not follow"
                            .formatted(left));
        }
    }

    /** What a file holds by references that are no in-flight ones to the collector. */
    private List<OpenFile> heldUnseen(OpenFile file) {
        List<OpenFile> targets = new ArrayList<>();
        UnixSocket socket = file.socket();
        Ring ring = file.ring();
        if (socket != null) {
            for (UnixSocket receiver : socket.receivers()) {
                for (Packet packet : receiver.queue) {
                    PassedFiles passed = packet.passed();
                    if (passed != null) {
                        addRings(passed.files(), targets);
                    }
                }
            }
        } else if (ring != null) {
            addPinned(ring, targets);
        }
        return targets;
    }

    private void addRings(List<OpenFile> files, List<OpenFile> targets) {
        for (OpenFile file : files) {
            if (kernel.socketOf(file) == null && file.ring() != null) {
                targets.add(file);
            }
        }
    }

    private static void addPinned(Ring ring, List<OpenFile> targets) {
        List<Ring.Node> nodes = new ArrayList<>(ring.leaving);
        if (ring.table != null) {
            for (Ring.Node node : ring.table) {
                if (node != null) {
                    nodes.add(node);
                }
            }
        }
        for (Ring.Node node : nodes) {
            if (node.file != null && node.packet == null) {
                targets.add(node.file);
            }
        }
        for (PendingRequest request : ring.pending.values()) {
            if (request.file != null && request.ownsReference() && request.packet == null) {
                targets.add(request.file);
            }
        }
    }

    /** V5: to the collector no process can use it; yet something does. */
    private void checkUse() {
        for (OpenFile file : usedByTasks) {
            UnixSocket socket = kernel.socketOf(file);
            if (socket != null && socket.inFlight() >= file.references()) {
                violated(
                        Rule.UNREACHABLE_UNUSED,
                        "%s looks as if it were in flight only, and a process has it open"
                                .formatted(file));
            }
        }
        for (Ring ring : kernel.rings) {
            for (PendingRequest request : ring.pending.values()) {
                OpenFile file = request.file;
                UnixSocket socket = file == null ? null : kernel.socketOf(file);
                if (file != null
                        && socket != null
                        && request.node != null
                        && socket.inFlight() >= file.references()) {
                    violated(
                            Rule.UNREACHABLE_UNUSED,
                            ("%s looks as if it were in flight only, and request %d of %s works on"
                                            + " it")
                                    .formatted(file, request.id(), ring));
                }
            }
        }
    }
}

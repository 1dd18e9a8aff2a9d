package dev.ringwatch.core.kernel;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** One reference to an open file, by what has it. */
public sealed interface Reference {
    /** What is referred to. */
    OpenFile file();

    /** Whether the era's collector can see that this reference is one from within its graph. */
    boolean followed();

    /** A descriptor of a process. */
    record Descriptor(Task task, int fd, OpenFile file) implements Reference {
        @Override
        public boolean followed() {
            return false;
        }
    }

    /** A mapping of a process. */
    record Mapping(Task task, int number, OpenFile file) implements Reference {
        @Override
        public boolean followed() {
            return false;
        }
    }

    /** A ring registered with a task. */
    record Registered(Task task, int index, OpenFile file) implements Reference {
        @Override
        public boolean followed() {
            return false;
        }
    }

    /**
     * An entry of a queued packet.
     *
     * @param owner the socket that stands for the queue: of an embryo its listener
     * @param receiver the socket on which the packet is queued
     */
    record Queued(UnixSocket owner, UnixSocket receiver, OpenFile file, boolean followed)
            implements Reference {}

    /** A slot of a ring's table. */
    record Slot(Ring ring, int slot, OpenFile file, boolean followed) implements Reference {}

    /** A file that left a ring's table and that requests still use, or that waits for older ones. */
    record Left(Ring ring, OpenFile file, boolean followed) implements Reference {}

    /** A request's own reference, where its file was named by a descriptor. */
    record Requested(PendingRequest request, OpenFile file, boolean followed)
            implements Reference {}

    /** Every reference there is, processes' first. */
    static List<Reference> all(KernelState kernel) {
        List<Reference> found = new ArrayList<>();
        kernel.tasks.values().forEach(task -> addHeld(task, found));
        for (OpenFile file : kernel.files) {
            UnixSocket socket = file.socket();
            if (socket != null) {
                addQueued(kernel, socket, found);
            }
        }
        kernel.rings.forEach(ring -> addHeld(kernel, ring, found));
        return found;
    }

    private static void addHeld(Task task, List<Reference> found) {
        task.descriptors.forEach((fd, file) -> found.add(new Descriptor(task, fd, file)));
        task.mappings.forEach((number, file) -> found.add(new Mapping(task, number, file)));
        task.registeredRings().forEach((i, file) -> found.add(new Registered(task, i, file)));
    }

    private static void addQueued(KernelState kernel, UnixSocket socket, List<Reference> found) {
        SequencedSet<UnixSocket> receivers = new LinkedHashSet<>(socket.receivers());
        for (Work piece : kernel.work()) {
            if (piece instanceof Work.FinishConnect(UnixSocket embryo)
                    && embryo.listener() == socket) {
                receivers.add(embryo);
            }
        }
        for (UnixSocket receiver : receivers) {
            for (Packet packet : receiver.queue) {
                PassedFiles passed = packet.passed();
                if (passed != null) {
                    for (OpenFile file : passed.files()) {
                        boolean followed = kernel.socketOf(file) != null;
                        found.add(new Queued(socket, receiver, file, followed));
                    }
                }
            }
        }
    }

    private static void addHeld(KernelState kernel, Ring ring, List<Reference> found) {
        boolean visible = kernel.socketOf(ring.file()) != null;
        List<Ring.@Nullable Node> table = ring.table;
        if (table == null) {
            table = List.of();
        }
        for (int slot = 0; slot < table.size(); slot++) {
            Ring.Node node = table.get(slot);
            if (node != null && node.file != null) {
                found.add(new Slot(ring, slot, node.file, visible && node.packet != null));
            }
        }
        for (Ring.Node node : ring.leaving) {
            if (node.file != null) {
                found.add(new Left(ring, node.file, visible && node.packet != null));
            }
        }
        for (PendingRequest request : ring.pending.values()) {
            OpenFile file = request.file;
            if (file != null && request.ownsReference()) {
                found.add(new Requested(request, file, visible && request.packet != null));
            }
        }
    }
}

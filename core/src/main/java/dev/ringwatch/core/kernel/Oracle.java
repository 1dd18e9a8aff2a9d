package dev.ringwatch.core.kernel;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What should be open: the naive answer, which knows nothing of collectors.
 *
 * <p>A process reaches what its descriptors, mappings and registered rings refer to; a socket
 * reaches what is queued on it, a listener what is queued on its embryos, a ring what is in its
 * table, has left it and is still used, and what its requests work on. All else is garbage.
 */
public final class Oracle {
    private Oracle() {}

    /** The files that some process can reach. */
    public static Set<OpenFile> reachable(KernelState kernel) {
        Set<OpenFile> reached = new LinkedHashSet<>();
        Deque<OpenFile> pending = new ArrayDeque<>();
        for (Task task : kernel.tasks.values()) {
            addAll(task.descriptors.values(), reached, pending);
            addAll(task.mappings.values(), reached, pending);
            addAll(task.registeredRings().values(), reached, pending);
        }
        for (OpenFile file = pending.poll(); file != null; file = pending.poll()) {
            addHeld(file, reached, pending);
        }
        return reached;
    }

    /** The files that are open and that no process can reach, in the order of opening. */
    public static Set<OpenFile> garbage(KernelState kernel) {
        Set<OpenFile> garbage = new LinkedHashSet<>(kernel.files);
        garbage.removeAll(reachable(kernel));
        return garbage;
    }

    private static void addHeld(OpenFile file, Set<OpenFile> reached, Deque<OpenFile> pending) {
        UnixSocket socket = file.socket();
        Ring ring = file.ring();
        if (socket != null) {
            addQueued(socket, reached, pending);
        } else if (ring != null) {
            addAll(ring.slots(), reached, pending);
            addAll(ring.leaving(), reached, pending);
            for (PendingRequest request : ring.pending.values()) {
                add(request.file(), reached, pending);
            }
            if (ring.socket != null) {
                addQueued(ring.socket, reached, pending);
            }
        }
    }

    private static void addQueued(
            UnixSocket socket, Set<OpenFile> reached, Deque<OpenFile> pending) {
        for (UnixSocket receiver : socket.receivers()) {
            for (Packet packet : receiver.queue) {
                PassedFiles passed = packet.passed();
                if (passed != null) {
                    addAll(passed.files(), reached, pending);
                }
            }
        }
    }

    private static void addAll(
            Collection<? extends @Nullable OpenFile> files,
            Set<OpenFile> reached,
            Deque<OpenFile> pending) {
        for (OpenFile file : files) {
            add(file, reached, pending);
        }
    }

    private static void add(
            @Nullable OpenFile file, Set<OpenFile> reached, Deque<OpenFile> pending) {
        if (file != null && reached.add(file)) {
            pending.add(file);
        }
    }
}

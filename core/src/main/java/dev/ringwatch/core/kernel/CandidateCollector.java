package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.KernelEra.Repair;
import dev.ringwatch.core.kernel.KernelEra.Table;
import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * The classic collector, as {@code net/unix/garbage.c} had it from 2.6.23 to 6.9.
 *
 * <p>Each socket has a count of how often it is in flight. A run has four scans:
 *
 * <ol>
 *   <li>a socket all of whose references are in flight is a candidate;
 *   <li>what candidates have queued is subtracted from the counts of other candidates;
 *   <li>a candidate with something left is held from without: it is put back, and what it has queued
 *       is added again, from candidate to candidate;
 *   <li>what remains is garbage: counts are restored, and each packet with a candidate is taken.
 * </ol>
 *
 * <p>It is complete: one run takes all that nothing holds. But it can only follow what lies in
 * queues: a reference from a ring's table, where that is no packet, looks like a process's.
 */
final class CandidateCollector implements GarbageCollector {
    private final KernelState kernel;

    /** The sockets in flight, in the order in which they came to be. */
    private final LinkedHashSet<UnixSocket> list = new LinkedHashSet<>();

    CandidateCollector(KernelState kernel) {
        this.kernel = kernel;
    }

    @Override
    public void queued(PassedFiles passed, UnixSocket receiver) {
        for (OpenFile file : passed.files()) {
            addOne(file);
        }
    }

    /** {@code unix_inflight} of one file. */
    void addOne(OpenFile file) {
        UnixSocket socket = kernel.socketOf(file);
        if (socket != null) {
            socket.inFlight++;
            kernel.inFlight++;
            list.add(socket);
        }
    }

    @Override
    public void unqueued(PassedFiles passed) {
        for (OpenFile file : passed.files()) {
            removeOne(file);
        }
    }

    /** {@code unix_notinflight} of one file. */
    void removeOne(OpenFile file) {
        UnixSocket socket = kernel.socketOf(file);
        if (socket != null) {
            if (socket.inFlight <= 0) {
                kernel.violated(Rule.ASSERTION, socket + " leaves flight more often than it came");
            }
            socket.inFlight--;
            kernel.inFlight--;
            if (socket.inFlight == 0) {
                list.remove(socket);
            }
        }
    }

    @Override
    public void accepted(UnixSocket embryo) {
        embryo.listener = null;
    }

    @Override
    public void peeked(PassedFiles passed) {
        // The repair of CVE-2021-0920 waits for the run under way; see KernelState.beforePeek.
    }

    @Override
    public boolean wantsRun() {
        return kernel.inFlight > 0;
    }

    @Override
    public List<UnixSocket> order() {
        return List.copyOf(list);
    }

    @Override
    public CollectorRun start() {
        return new Run();
    }

    private enum Scan {
        CANDIDATES,
        SUBTRACT,
        RESTORE,
        TAKE,
        PURGE
    }

    private final class Run implements CollectorRun {
        private final Deque<UnixSocket> toLook = new ArrayDeque<>(list);
        private final LinkedHashSet<UnixSocket> candidates = new LinkedHashSet<>();
        private final Deque<Packet> purge = new ArrayDeque<>();
        private Scan scan = Scan.CANDIDATES;

        Run() {
            kernel.log(() -> "collector: looks at " + list.size() + " sockets in flight");
        }

        @Override
        public boolean locked() {
            return scan != Scan.PURGE;
        }

        @Override
        public boolean step() {
            switch (scan) {
                case CANDIDATES -> pickNext();
                case SUBTRACT -> subtract();
                case RESTORE -> restore();
                case TAKE -> take();
                case PURGE -> {
                    Packet packet = purge.poll();
                    if (packet == null) {
                        return false;
                    }
                    kernel.free(packet);
                }
            }
            return true;
        }

        private void pickNext() {
            UnixSocket socket = toLook.poll();
            if (socket == null) {
                scan = Scan.SUBTRACT;
                return;
            }
            OpenFile file = socket.file;
            int total = file == null ? 0 : file.references();
            if (total < socket.inFlight) {
                kernel.violated(
                        Rule.ASSERTION,
                        "BUG_ON in unix_gc: %s counts as in flight %d times and has %d references"
                                .formatted(socket, socket.inFlight, total));
            }
            if (total == socket.inFlight) {
                kernel.log(
                        () ->
                                "collector: %s is a candidate: all its %d references are in flight"
                                        .formatted(socket, total));
                socket.candidate = true;
                socket.maybeCycle = true;
                candidates.add(socket);
                finishConnecting(socket);
            } else {
                kernel.log(
                        () ->
                                "collector: %s is held: %d references, %d of them in flight"
                                        .formatted(socket, total, socket.inFlight));
            }
        }

        /** The repair of CVE-2024-26923: a connection under way is waited for. */
        private void finishConnecting(UnixSocket listener) {
            if (kernel.era().has(Repair.CONNECT) && listener.state == UnixSocket.State.LISTEN) {
                kernel.finishConnects(listener);
            }
        }

        private void subtract() {
            for (UnixSocket candidate : candidates) {
                eachChild(candidate, child -> child.inFlight--);
            }
            scan = Scan.RESTORE;
        }

        private void restore() {
            Deque<UnixSocket> pending = new ArrayDeque<>(candidates);
            while (!pending.isEmpty()) {
                UnixSocket socket = pending.poll();
                if (socket.inFlight > 0 && candidates.remove(socket)) {
                    kernel.log(
                            () -> "collector: " + socket + " is held from outside the candidates");
                    socket.maybeCycle = false;
                    eachChild(
                            socket,
                            child -> {
                                child.inFlight++;
                                if (child.maybeCycle) {
                                    pending.add(child);
                                }
                            });
                }
            }
            scan = Scan.TAKE;
        }

        private void take() {
            List<Packet> hits = new ArrayList<>();
            for (UnixSocket candidate : candidates) {
                eachChild(candidate, child -> child.inFlight++);
            }
            for (UnixSocket candidate : candidates) {
                for (UnixSocket receiver : candidate.receivers()) {
                    takeFrom(candidate, receiver, hits);
                }
            }
            if (!candidates.isEmpty()) {
                kernel.log(() -> "collector: garbage: " + candidates);
            }
            // Those put back are marked until here: what garbage has queued was taken from their
            // counts too.
            for (UnixSocket socket : list) {
                socket.candidate = false;
                socket.maybeCycle = false;
            }
            purge.addAll(hits);
            scan = Scan.PURGE;
        }

        private void takeFrom(UnixSocket candidate, UnixSocket receiver, List<Packet> hits) {
            List<Packet> taken = new ArrayList<>();
            for (Packet packet : receiver.queue) {
                if (!carriesCandidate(packet)) {
                    continue;
                }
                if (packet.madeBy != null && kernel.era().table() == Table.PACKET_KEPT) {
                    kernel.log(() -> "collector: puts the packet of " + packet.madeBy + " back");
                } else {
                    taken.add(packet);
                }
            }
            if (taken.isEmpty()) {
                return;
            }
            kernel.checkCollectable(candidate, receiver);
            receiver.queue.removeAll(new HashSet<>(taken));
            if (taken.contains(receiver.oob)) {
                receiver.oob = null;
            }
            hits.addAll(taken);
        }

        private boolean carriesCandidate(Packet packet) {
            PassedFiles passed = packet.passed();
            if (passed == null) {
                return false;
            }
            for (OpenFile file : passed.files()) {
                UnixSocket socket = kernel.socketOf(file);
                if (socket != null && socket.candidate) {
                    return true;
                }
            }
            return false;
        }

        private void eachChild(UnixSocket socket, Consumer<UnixSocket> what) {
            for (UnixSocket receiver : socket.receivers()) {
                for (Packet packet : receiver.queue) {
                    PassedFiles passed = packet.passed();
                    if (passed != null) {
                        eachCandidate(passed, what);
                    }
                }
            }
        }

        private void eachCandidate(PassedFiles passed, Consumer<UnixSocket> what) {
            for (OpenFile file : passed.files()) {
                UnixSocket child = kernel.socketOf(file);
                if (child != null && child.candidate) {
                    what.accept(child);
                }
            }
        }
    }
}

package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelEra.Run;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Request.Target;
import dev.ringwatch.core.kernel.Ring;
import dev.ringwatch.core.kernel.SocketType;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.UnixSocket;
import dev.ringwatch.core.kernel.Work;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What can be done in a state: the moves of a {@link SyscallScope}, each of one or a few steps. */
public final class Moves {
    private static final int PID = Step.FIRST_PROCESS;
    private static final String NAME = "name";
    private static final int MOST_QUEUED = 2;

    private final Player player;
    private final int created;
    private final List<List<Step>> moves = new ArrayList<>();

    /** One descriptor, by its handle, of each file that is open. */
    private final Map<OpenFile, Integer> open = new LinkedHashMap<>();

    private Moves(Player player) {
        this.player = player;
        int handles = PID + 1;
        Map<Integer, OpenFile> descriptors =
                player.model().state().tasks().firstEntry().getValue().descriptors();
        while (player.handles().isBound(handles)) {
            int handle = handles++;
            OpenFile file = player.file(handle).orElse(null);
            if (file != null && descriptors.get(player.handles().valueOf(handle)) == file) {
                open.put(file, handle);
            }
        }
        created = handles;
    }

    /** Which moves there are. */
    public enum Set {
        /** Socket pairs, rings and their tables, polls. */
        RINGS(2, 2, 1),
        /** Socket pairs, a listener, and others between the steps of a connect and a run. */
        RACES(2, 0, 3);

        private final int pairs;
        private final int rings;
        private final int collectSteps;

        Set(int pairs, int rings, int collectSteps) {
            this.pairs = pairs;
            this.rings = rings;
            this.collectSteps = collectSteps;
        }

        /** What comes before all moves: that much every race needs. */
        List<Step> first(KernelEra era) {
            if (this == RINGS) {
                return List.of();
            }
            List<Step> first = new ArrayList<>();
            if (era.run() == Run.INLINE) {
                first.add(new Step.Interleave());
            }
            Syscall pair = new Syscall.SocketPair(PID, SocketType.STREAM);
            first.add(new Step.Call(pair, List.of(PID + 1, PID + 2)));
            return first;
        }

        /** All moves in the state that a player is in. */
        List<List<Step>> in(Player player) {
            Moves moves = new Moves(player);
            if (player.model().state().collecting()) {
                moves.duringRun();
                return moves.moves;
            }
            moves.sockets(this);
            switch (this) {
                case RINGS -> moves.rings(this);
                case RACES -> moves.races(this);
            }
            return moves.moves;
        }
    }

    private void move(Syscall call, Integer... results) {
        moves.add(List.of(new Step.Call(call, List.of(results))));
    }

    private long open(Predicate<OpenFile> wanted) {
        return player.model().state().files().stream().filter(wanted).count();
    }

    // ---- sockets ----

    private void sockets(Set set) {
        if (open(file -> file.socket() != null) + 2 <= 2L * set.pairs) {
            move(new Syscall.SocketPair(PID, SocketType.STREAM), created, created + 1);
        }
        closes();
        open.forEach(
                (file, fd) -> {
                    UnixSocket socket = file.socket();
                    if (socket != null && socket.state() == UnixSocket.State.ESTABLISHED) {
                        sends(fd, socket);
                        receive(fd, socket, false);
                    }
                });
        settle();
    }

    private void closes() {
        open.values().forEach(fd -> move(new Syscall.Close(PID, fd)));
    }

    private void settle() {
        if (!player.model().work().isEmpty()) {
            moves.add(List.of(new Step.Settle()));
        }
    }

    /** The second of a pair is what the first receives through, as in the kernel's own test. */
    private void sends(int via, UnixSocket socket) {
        UnixSocket peer = socket.peer();
        if (peer != null
                && (peer.listener() != null || peer.id() < socket.id())
                && peer.queue().size() < MOST_QUEUED) {
            open.values().forEach(fd -> move(Syscall.Send.of(PID, via, fd)));
        }
    }

    private void receive(int fd, UnixSocket socket, boolean peek) {
        if (!socket.queue().isEmpty()) {
            move(new Syscall.Receive(PID, fd, 1, 1, peek, false), created);
        }
    }

    // ---- rings ----

    private void rings(Set set) {
        if (open(file -> file.ring() != null) < set.rings) {
            move(new Syscall.SetupRing(PID), created);
        }
        open.forEach(
                (file, fd) -> {
                    Ring ring = file.ring();
                    if (ring != null) {
                        ring(fd, ring);
                    }
                });
        moves.add(List.of(new Step.Trigger()));
    }

    private void ring(int fd, Ring ring) {
        if (ring.slots().isEmpty()) {
            for (Map.Entry<OpenFile, Integer> other : open.entrySet()) {
                if (other.getKey().ring() == null) {
                    move(new Syscall.RegisterFiles(PID, fd, List.of(other.getValue())));
                }
            }
        } else {
            move(new Syscall.UnregisterFiles(PID, fd));
            poll(fd, new Target.Slot(0));
        }
        open.values().forEach(other -> poll(fd, new Target.Fd(other)));
    }

    private void poll(int ring, Target target) {
        move(new Syscall.Submit(PID, ring, new Request.Poll(target)), created);
    }

    // ---- races ----

    private void races(Set set) {
        if (open(Moves::isListener) == 0) {
            moves.add(listen(created));
        } else if (!connecting()) {
            connect();
        }
        finishConnect();
        if (player.model().work().contains(new Work.Collect())) {
            for (int steps = 1; steps <= set.collectSteps; steps++) {
                moves.add(List.of(new Step.Collect(steps)));
            }
        }
    }

    /** What others do while the collector is between two steps. */
    private void duringRun() {
        closes();
        open.forEach(
                (file, fd) -> {
                    UnixSocket socket = file.socket();
                    if (socket != null && socket.state() == UnixSocket.State.ESTABLISHED) {
                        receive(fd, socket, true);
                    }
                });
        finishConnect();
        settle();
    }

    private boolean connecting() {
        return player.model().work().stream().anyMatch(Work.FinishConnect.class::isInstance);
    }

    private void finishConnect() {
        if (connecting()) {
            moves.add(List.of(new Step.Do(Step.Do.Kind.FINISH_CONNECT)));
        }
    }

    private static boolean isListener(OpenFile file) {
        UnixSocket socket = file.socket();
        return socket != null && socket.state() == UnixSocket.State.LISTEN;
    }

    private static List<Step> listen(int handle) {
        return List.of(
                new Step.Call(new Syscall.Socket(PID, SocketType.STREAM), List.of(handle)),
                new Step.Call(new Syscall.Bind(PID, handle, NAME), List.of()),
                new Step.Call(new Syscall.Listen(PID, handle, 1), List.of()));
    }

    private void connect() {
        moves.add(
                List.of(
                        new Step.Call(new Syscall.Socket(PID, SocketType.STREAM), List.of(created)),
                        new Step.Call(new Syscall.Connect(PID, created, NAME, true), List.of())));
    }
}

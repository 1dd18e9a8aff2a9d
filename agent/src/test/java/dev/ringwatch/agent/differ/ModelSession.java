package dev.ringwatch.agent.differ;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.KernelState;
import dev.ringwatch.core.kernel.Oracle;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.Work;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A program on a model where the kernel's own work is done at once after each step.
 *
 * <p>Whoever closes an AF_UNIX socket anywhere on the machine starts the collector. So garbage that
 * nothing of the program has had collected yet may be gone at any time: {@link #alternatives} are
 * the same program with the collector started by a stranger somewhere in between.
 */
final class ModelSession {
    private static final int FIRST_PID = 1;

    /** The kernel releases files of its workers a tick later, which is 4 ms here. */
    private static final int MOST_LATE = 16;

    private final KernelEra era;
    private final Player player;
    private final List<Act> acts = new ArrayList<>();

    /**
     * After how many acts a stranger starts the collector, and how many acts later what it freed is
     * released: sends to a socket whose queue was just taken still succeed.
     */
    private final NavigableMap<Integer, Integer> strangers;

    private int busyUntil;

    /** Where there was garbage left, by the number of acts before. */
    private final NavigableSet<Integer> leftOvers = new TreeSet<>();

    /** What is done: a step of the program, or a call that closes what it left open. */
    sealed interface Act {
        record Played(Step step) implements Act {}

        record Closed(Syscall call) implements Act {}
    }

    ModelSession(KernelEra era) {
        this(era, new TreeMap<>());
    }

    private ModelSession(KernelEra era, NavigableMap<Integer, Integer> strangers) {
        this.era = era;
        this.strangers = strangers;
        player = new Player(new KernelModel(era));
    }

    KernelState state() {
        return player.model().state();
    }

    Player player() {
        return player;
    }

    List<Act> acts() {
        return acts;
    }

    Optional<Outcome> play(Step step) {
        return act(new Act.Played(step));
    }

    Optional<Outcome> close(Syscall call) {
        return act(new Act.Closed(call));
    }

    Optional<Outcome> act(Act act) {
        Optional<Outcome> outcome =
                switch (act) {
                    case Act.Played(Step step) -> player.play(step);
                    case Act.Closed(Syscall call) -> Optional.of(player.model().apply(call));
                };
        acts.add(act);
        if (acts.size() >= busyUntil) {
            player.model().settle();
        }
        Integer late = strangers.get(acts.size());
        if (late != null) {
            player.model().trigger();
            collect(late);
        }
        if (hasGarbage()) {
            leftOvers.add(acts.size());
        }
        return outcome;
    }

    private void collect(int late) {
        KernelModel model = player.model();
        while (late > 0 && model.work().contains(new Work.Collect())) {
            model.run(new Work.Collect());
        }
        busyUntil = acts.size() + late;
        if (late == 0) {
            model.settle();
        }
    }

    boolean hasGarbage() {
        return !Oracle.garbage(state()).isEmpty();
    }

    /** The process ends: what only it could reach is left to the collector. */
    void exit() {
        act(new Act.Closed(new Syscall.Exit(FIRST_PID)));
    }

    void collectAll() {
        player.model().collectAll();
    }

    /** The same with one more start of the collector by a stranger, the latest first; then all. */
    List<ModelSession> alternatives() {
        List<ModelSession> sessions = new ArrayList<>();
        for (int at : leftOvers.descendingSet()) {
            if (!strangers.containsKey(at)) {
                sessions.add(with(at, 0));
            }
        }
        if (sessions.size() > 1) {
            NavigableMap<Integer, Integer> more = new TreeMap<>(strangers);
            leftOvers.forEach(at -> more.putIfAbsent(at, 0));
            sessions.add(replayed(more));
        }
        return sessions;
    }

    /** The same as {@link #alternatives} where what was collected is released only acts later. */
    List<ModelSession> lateAlternatives() {
        List<ModelSession> sessions = new ArrayList<>();
        for (int at : leftOvers.descendingSet()) {
            for (int late = 1; late <= MOST_LATE && !strangers.containsKey(at); late++) {
                if (at + late <= acts.size()) {
                    sessions.add(with(at, late));
                }
            }
        }
        return sessions;
    }

    private ModelSession with(int at, int late) {
        NavigableMap<Integer, Integer> more = new TreeMap<>(strangers);
        more.put(at, late);
        return replayed(more);
    }

    private ModelSession replayed(NavigableMap<Integer, Integer> withStrangers) {
        ModelSession session = new ModelSession(era, withStrangers);
        session.outcomes = new ArrayList<>();
        for (Act act : acts) {
            session.outcomes.add(session.act(act));
        }
        return session;
    }

    private List<Optional<Outcome>> outcomes = List.of();

    /** Of a replayed session, what each act gave. */
    List<Optional<Outcome>> outcomes() {
        return outcomes;
    }
}

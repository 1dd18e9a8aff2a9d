package dev.ringwatch.agent.differ;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.KernelState;
import dev.ringwatch.core.kernel.Oracle;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
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

    private final KernelEra era;
    private final Player player;
    private final List<Act> acts = new ArrayList<>();
    private final NavigableSet<Integer> strangers;

    /** Where there was garbage left, by the number of acts before. */
    private final NavigableSet<Integer> leftOvers = new TreeSet<>();

    /** What is done: a step of the program, or a call that closes what it left open. */
    sealed interface Act {
        record Played(Step step) implements Act {}

        record Closed(Syscall call) implements Act {}
    }

    ModelSession(KernelEra era) {
        this(era, new TreeSet<>());
    }

    private ModelSession(KernelEra era, NavigableSet<Integer> strangers) {
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
        player.model().settle();
        acts.add(act);
        if (strangers.contains(acts.size())) {
            player.model().trigger();
            player.model().settle();
        }
        if (hasGarbage()) {
            leftOvers.add(acts.size());
        }
        return outcome;
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
            if (!strangers.contains(at)) {
                NavigableSet<Integer> more = new TreeSet<>(strangers);
                more.add(at);
                sessions.add(replayed(more));
            }
        }
        if (sessions.size() > 1) {
            NavigableSet<Integer> more = new TreeSet<>(strangers);
            more.addAll(leftOvers);
            sessions.add(replayed(more));
        }
        return sessions;
    }

    private ModelSession replayed(NavigableSet<Integer> withStrangers) {
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

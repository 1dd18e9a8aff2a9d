package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.Invariants;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelEra.Collector;
import dev.ringwatch.core.kernel.KernelEra.Repair;
import dev.ringwatch.core.kernel.KernelEra.SendRing;
import dev.ringwatch.core.kernel.KernelEra.Table;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.Violation;
import dev.ringwatch.core.kernel.Violation.Rule;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Plays programs under an era and checks, after each step, what must hold; at the end, that the
 * collector left exactly what is not garbage.
 *
 * <p>Three answers are compared: the collector's of the era, that of the other collector under
 * otherwise the same rules, and {@link dev.ringwatch.core.kernel.Oracle}'s. Where garbage stays, a
 * documented {@link Trait} says why, or it is a {@link Failure}. Where a rule is broken, {@link
 * EraRules} says why, or it is a failure.
 *
 * <p>For one thread.
 */
public final class Simulator {
    private final KernelEra era;
    private final BiConsumer<Step, KernelModel> afterStep;

    /** Under that era. */
    public Simulator(KernelEra era) {
        this(era, (_, _) -> {});
    }

    /** As a test does, that changes what it must not after some steps and expects to be found. */
    Simulator(KernelEra era, BiConsumer<Step, KernelModel> afterStep) {
        this.era = era;
        this.afterStep = afterStep;
    }

    /** The rules. */
    public KernelEra era() {
        return era;
    }

    /** Plays the n-th program of a seed. */
    public Trial play(Workload workload, Seed seed, int n) {
        Seed own = seed.derive(n);
        return play(own, workload.program(era, own));
    }

    /** Plays a program. */
    public Trial play(Seed seed, List<Step> program) {
        Game game = new Game();
        game.play(program);
        return game.trial(seed, program);
    }

    /** Only why garbage is left, where it is: without a look at what holds in between. */
    Set<Trait> left(List<Step> program) {
        Player player = new Player(new KernelModel(era));
        try {
            program.forEach(player::play);
            player.model().collectAll();
        } catch (IllegalStateException e) {
            return Set.of(); // it gave up: nothing can be said of what is left
        }
        return Garbage.of(player.model().state(), connects(program)).traits();
    }

    private static boolean connects(List<Step> program) {
        return program.stream().anyMatch(Simulator::connectsInParts);
    }

    /** One program being played. */
    private final class Game {
        private final Player player = new Player(new KernelModel(era));
        private final List<String> lines = new ArrayList<>();
        private final Set<Rule> broken = EnumSet.noneOf(Rule.class);
        private final List<Failure> failures = new ArrayList<>();
        private Set<Trait> traits = Set.of();
        private int left;
        private int violationsSeen;

        void play(List<Step> program) {
            try {
                for (Step step : program) {
                    Optional<Outcome> outcome = player.play(step);
                    afterStep.accept(step, player.model());
                    lines.add(outcome.map(Outcome::toString).orElse("-"));
                    check();
                    if (!failures.isEmpty()) {
                        return;
                    }
                }
                finish(program);
            } catch (IllegalStateException e) {
                crashed(e);
            }
        }

        private void check() {
            List<Violation> told = player.model().state().violations();
            told.subList(violationsSeen, told.size()).forEach(this::violated);
            violationsSeen = told.size();
            Invariants.check(player.model().state()).forEach(this::violated);
        }

        private void violated(Violation violation) {
            if (EraRules.brokenBecause(era, violation.rule()).isPresent()) {
                broken.add(violation.rule());
            } else {
                failures.add(new Failure.Broken(violation.rule(), violation.detail()));
            }
        }

        /** Once something was used after it was freed, nothing is sure any more. */
        private void crashed(IllegalStateException e) {
            lines.add("the model gives up: " + e.getMessage());
            if (!broken.contains(Rule.USE_AFTER_FREE) && !broken.contains(Rule.ASSERTION)) {
                failures.add(new Failure.Crash(String.valueOf(e.getMessage())));
            }
        }

        private void finish(List<Step> program) {
            player.model().collectAll();
            check();
            Garbage garbage = Garbage.of(player.model().state(), connects(program));
            left = garbage.files().size();
            traits = garbage.traits();
            lines.add("left: " + garbage.files());
            if (garbage.unexplained()) {
                failures.add(new Failure.Left(left));
            }
            if (failures.isEmpty() && comparable(era, program)) {
                compare(program);
            }
        }

        /**
         * Against the other collector, if the program takes the same course under both. It need not:
         * one may free garbage earlier, and with it data that the other leaves in a queue, of which
         * the release tells the peer ({@code ECONNRESET}).
         */
        private void compare(List<Step> program) {
            Player other = new Player(new KernelModel(twin(era)));
            for (int i = 0; i < program.size(); i++) {
                String theirs = other.play(program.get(i)).map(Outcome::toString).orElse("-");
                if (!theirs.equals(lines.get(i))) {
                    return;
                }
            }
            other.model().collectAll();
            Set<Trait> known = EnumSet.noneOf(Trait.class);
            known.addAll(traits);
            known.addAll(Garbage.of(other.model().state(), false).traits());
            List<Integer> ours = ids(player.model());
            List<Integer> theirs = ids(other.model());
            if (!ours.equals(theirs) && !known.contains(Trait.LOW_LINKS)) {
                failures.add(
                        new Failure.Differs(
                                "open files are %s under %s and %s under the other collector"
                                        .formatted(ours, era.collector(), theirs)));
            }
        }

        Trial trial(Seed seed, List<Step> program) {
            List<Step> played = program.subList(0, Math.min(program.size(), lines.size()));
            return new Trial(new Trace(seed, era, played, lines), broken, traits, left, failures);
        }
    }

    private static List<Integer> ids(KernelModel model) {
        return model.state().files().stream().map(OpenFile::id).toList();
    }

    /** The collector of components never knew rings in flight, and steps of one are not the other's. */
    private static boolean comparable(KernelEra era, List<Step> program) {
        return era.table() == Table.PINS
                && era.sendRing() == SendRing.REFUSED
                && program.stream().noneMatch(Simulator::interleaves);
    }

    private static boolean connectsInParts(Step step) {
        return step instanceof Step.Call call
                && call.call() instanceof Syscall.Connect connect
                && connect.split();
    }

    private static boolean interleaves(Step step) {
        return switch (step) {
            case Step.Call _ -> connectsInParts(step);
            case Step.Settle _, Step.Trigger _, Step.Fire _ -> false;
            case Step.Collect _, Step.Do _, Step.Interleave _ -> true;
        };
    }

    private static KernelEra twin(KernelEra era) {
        Collector other =
                era.collector() == Collector.COMPONENTS
                        ? Collector.CANDIDATES
                        : Collector.COMPONENTS;
        return era.with(other).with(Set.of(Repair.values()));
    }
}

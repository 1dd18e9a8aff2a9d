package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.Violation.Rule;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Workload.Part;
import dev.ringwatch.core.sim.Workload.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Many programs under one era, and what they showed.
 *
 * @param era the rules
 * @param seed where the programs come from
 * @param programs how many
 * @param steps of all programs together
 * @param broken how many programs broke a rule that the era may break
 * @param traits after how many programs garbage was left, by the reason
 * @param examples for each reason but {@link Trait#LOW_LINKS} the smallest program for it, shrunk
 * @param defect of the first program with {@link Trait#LOW_LINKS}, shrunk, the counts
 * @param failing how many programs showed what nothing accounts for
 * @param failures of each class of these one, shrunk
 */
public record Campaign(
        KernelEra era,
        Seed seed,
        int programs,
        long steps,
        Map<Rule, Integer> broken,
        Map<Trait, Integer> traits,
        Map<Trait, List<Step>> examples,
        Optional<Defect> defect,
        int failing,
        List<Trial> failures) {
    /** The mixes that programs have in turn: some things happen only where little else does. */
    public static final List<Workload> MIXES =
            List.of(
                    Workload.of(Scope.of(Part.SOCKETS)).closed(),
                    Workload.of(Scope.of(Part.SOCKETS, Part.RINGS)).closed(),
                    Workload.of(Scope.of(Part.SOCKETS, Part.INTERLEAVING)).closed(),
                    Workload.of(Scope.of(Part.SOCKETS, Part.LISTENERS, Part.INTERLEAVING)).closed(),
                    Workload.of(Scope.all()).closed(),
                    Workload.of(Scope.all()));

    /** More classes than this say no more. */
    private static final int MOST_FAILURES = 5;

    /** Plays so many programs. */
    public static Campaign run(KernelEra era, Seed seed, int programs, LongConsumer progress) {
        Tally tally = new Tally(new Simulator(era));
        for (int i = 0; i < programs; i++) {
            tally.play(seed, i);
            progress.accept(i + 1L);
        }
        return tally.campaign(seed, programs);
    }

    private static final class Tally {
        private final Simulator simulator;
        private final Map<Rule, Integer> broken = new EnumMap<>(Rule.class);
        private final Map<Trait, Integer> traits = new EnumMap<>(Trait.class);
        private final Map<Trait, List<Step>> found = new EnumMap<>(Trait.class);
        private final List<Trial> failures = new ArrayList<>();
        private int foundAt;
        private int failing;
        private long steps;

        Tally(Simulator simulator) {
            this.simulator = simulator;
        }

        void play(Seed seed, int i) {
            Trial trial = simulator.play(MIXES.get(i % MIXES.size()), seed, i);
            List<Step> program = trial.trace().steps();
            steps += program.size();
            trial.broken().forEach(rule -> broken.merge(rule, 1, Integer::sum));
            for (Trait trait : trial.traits()) {
                if (traits.merge(trait, 1, Integer::sum) == 1 && trait == Trait.LOW_LINKS) {
                    foundAt = i + 1;
                }
                found.merge(
                        trait, program, trait == Trait.LOW_LINKS ? Tally::first : Tally::smaller);
            }
            if (!trial.failures().isEmpty()) {
                failing++;
                keep(trial);
            }
        }

        private static List<Step> first(List<Step> one, List<Step> other) {
            return one;
        }

        private static List<Step> smaller(List<Step> one, List<Step> other) {
            return other.size() < one.size() ? other : one;
        }

        private void keep(Trial trial) {
            String kind = trial.failures().getFirst().kind();
            if (failures.size() < MOST_FAILURES
                    && failures.stream().noneMatch(t -> t.fails(kind))) {
                Seed seed = trial.trace().seed();
                List<Step> small =
                        new Shrinker(smaller -> simulator.play(seed, smaller).fails(kind))
                                .shrink(trial.trace().steps());
                failures.add(simulator.play(seed, small));
            }
        }

        Campaign campaign(Seed seed, int programs) {
            List<Step> defective = found.remove(Trait.LOW_LINKS);
            Map<Trait, List<Step>> examples = new EnumMap<>(Trait.class);
            found.forEach((trait, program) -> examples.put(trait, shrunk(trait, program)));
            return new Campaign(
                    simulator.era(),
                    seed,
                    programs,
                    steps,
                    Collections.unmodifiableMap(broken),
                    Collections.unmodifiableMap(traits),
                    Collections.unmodifiableMap(examples),
                    defective == null
                            ? Optional.empty()
                            : Optional.of(Defect.of(foundAt, simulator, defective)),
                    failing,
                    List.copyOf(failures));
        }

        private List<Step> shrunk(Trait trait, List<Step> program) {
            return new Shrinker(smaller -> simulator.left(smaller).contains(trait)).shrink(program);
        }
    }
}

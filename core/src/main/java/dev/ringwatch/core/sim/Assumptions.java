package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.Invariants;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelEra.Lookup;
import dev.ringwatch.core.kernel.KernelEra.Requests;
import dev.ringwatch.core.kernel.KernelEra.SendRing;
import dev.ringwatch.core.kernel.KernelEra.Slots;
import dev.ringwatch.core.kernel.KernelEra.Table;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.Violation;
import dev.ringwatch.core.kernel.Violation.Rule;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Which of the five assumptions that the collector rests on hold in which era: in all states of two
 * scopes, or else by the shortest program that breaks one. The programs are found, not written.
 *
 * @param rings how many moves with rings and sockets
 * @param races how many moves with sockets, connections under way and runs of the collector
 */
public record Assumptions(int rings, int races) {
    /**
     * So many moves each are enough for every break that is known: the longest takes seven. Some
     * seconds for an era.
     */
    public static final Assumptions DEFAULT = new Assumptions(7, 7);

    /** The five. */
    public static final List<Rule> RULES =
            List.of(
                    Rule.SOCKET_FOR_EACH,
                    Rule.IN_QUEUED_PACKETS,
                    Rule.COUNTED,
                    Rule.ACYCLIC_OTHERWISE,
                    Rule.UNREACHABLE_UNUSED);

    /**
     * An era.
     *
     * @param era the rules
     * @param sequences how many moves were tried
     * @param states how many states these led to, up to names
     * @param broken for each assumption that does not hold a shortest program after which it does not
     */
    public record Row(KernelEra era, long sequences, long states, Map<Rule, List<Step>> broken) {
        /** The program that breaks it; empty if it holds in the whole scope. */
        public Optional<List<Step>> breaking(Rule rule) {
            return Optional.ofNullable(broken.get(rule));
        }
    }

    /** A row for each era, in their order. */
    public List<Row> table(List<KernelEra> eras, LongConsumer progress) {
        Map<KernelEra, SyscallScope.Result> known = new HashMap<>();
        List<Row> rows = new ArrayList<>();
        for (KernelEra era : eras) {
            SyscallScope.Result withRings =
                    new SyscallScope(Moves.Set.RINGS, rings).explore(era, progress);
            SyscallScope.Result withRaces =
                    known.computeIfAbsent(
                            withoutRings(era),
                            same ->
                                    new SyscallScope(Moves.Set.RACES, races)
                                            .explore(same, progress));
            rows.add(row(era, withRings, withRaces));
        }
        return rows;
    }

    /** Where no ring is, rules about rings do not matter: many eras are one. */
    private static KernelEra withoutRings(KernelEra era) {
        return era.with(Table.PINS)
                .with(SendRing.REFUSED)
                .with(Slots.EACH)
                .with(Lookup.AT_ISSUE)
                .with(Requests.HOLD)
                .named("without-rings", "Whatever it says of rings.");
    }

    private static Row row(KernelEra era, SyscallScope.Result rings, SyscallScope.Result races) {
        Map<Rule, List<Step>> broken = new EnumMap<>(Rule.class);
        for (Rule rule : RULES) {
            List<List<Step>> programs = new ArrayList<>();
            for (SyscallScope.Result found : List.of(rings, races)) {
                List<Step> program = found.broken().get(rule);
                if (program != null) {
                    programs.add(new Shrinker(steps -> breaks(era, steps, rule)).shrink(program));
                }
            }
            programs.stream()
                    .min(Comparator.comparingInt(List::size))
                    .ifPresent(program -> broken.put(rule, program));
        }
        return new Row(
                era,
                rings.sequences() + races.sequences(),
                rings.states() + races.states(),
                Collections.unmodifiableMap(broken));
    }

    /** Whether the rule is broken after the program. */
    static boolean breaks(KernelEra era, List<Step> program, Rule rule) {
        Player player = new Player(new KernelModel(era));
        try {
            program.forEach(player::play);
        } catch (IllegalStateException e) {
            return false;
        }
        List<Violation> all = new ArrayList<>(player.model().state().violations());
        all.addAll(Invariants.check(player.model().state()));
        return all.stream().anyMatch(violation -> violation.rule() == rule);
    }
}

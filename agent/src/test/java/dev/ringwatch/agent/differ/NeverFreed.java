package dev.ringwatch.agent.differ;

import dev.ringwatch.agent.observe.EraProbe;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelEra.Indices;
import dev.ringwatch.core.scenario.ScenarioLibrary;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Seed;
import dev.ringwatch.core.sim.Shrinker;
import dev.ringwatch.core.sim.Simulator;
import dev.ringwatch.core.sim.Trait;
import dev.ringwatch.core.sim.Workload;
import java.util.List;

/**
 * Plays programs on a throw-away machine that the collector of components fails at, and compares what
 * stays, socket by socket. Nobody wrote them down: the simulator finds and shrinks them.
 *
 * <pre>
 * NeverFreed N             plays N of them: under the rules of this kernel all must agree
 * NeverFreed N --repaired  the same under the rules of a repaired collector
 * NeverFreed loop          plays loops that every collector frees
 * </pre>
 *
 * <p>Exit status 0 if model and kernel agree in all of them, 1 if not in some.
 */
final class NeverFreed {
    private static final Workload WORKLOAD =
            Workload.of(Workload.Scope.of(Workload.Part.SOCKETS)).closed();

    private static final List<String> LOOPS =
            List.of("self_ref-stream", "triangle-stream", "cross_edge-stream");

    private NeverFreed() {}

    public static void main(String[] args) throws Exception {
        if (!Boolean.getBoolean("ringwatch.guest")) {
            throw new IllegalStateException("it spoils the machine: only in a guest");
        }
        List<String> arguments = List.of(args);
        KernelEra era = EraProbe.probe().era().with(Indices.LOW_LINKS);
        boolean agreed =
                arguments.getFirst().equals("loop")
                        ? loops(era)
                        : neverFreed(
                                era,
                                Integer.parseInt(arguments.getFirst()),
                                arguments.contains("--repaired"));
        System.exit(agreed ? 0 : 1);
    }

    private static boolean loops(KernelEra era) throws Exception {
        boolean agreed = true;
        try (Fuzz fuzz = new Fuzz(true, era)) {
            for (String name : LOOPS) {
                List<Step> steps = ScenarioLibrary.find(name).orElseThrow().steps();
                agreed &= agrees(fuzz.play(steps), name);
            }
        }
        return agreed;
    }

    private static boolean neverFreed(KernelEra era, int programs, boolean repaired)
            throws Exception {
        Simulator simulator = new Simulator(era);
        KernelEra rules = repaired ? era.with(Indices.ASSIGNED_BEFORE_JUDGING) : era;
        Seed seed = Seed.given();
        System.out.println("never freed: seed " + seed);
        boolean agreed = true;
        int found = 0;
        try (Fuzz fuzz = new Fuzz(true, rules)) {
            for (int i = 0; found < programs; i++) {
                Seed one = seed.derive(i);
                List<Step> program = WORKLOAD.program(era, one);
                if (stays(simulator, one, program)) {
                    List<Step> small =
                            new Shrinker(steps -> stays(simulator, one, steps)).shrink(program);
                    found++;
                    agreed &= agrees(fuzz.play(small), small.size() + " steps");
                }
            }
        }
        return agreed;
    }

    private static boolean stays(Simulator simulator, Seed seed, List<Step> program) {
        return simulator.play(seed, program).traits().contains(Trait.LOW_LINKS);
    }

    private static boolean agrees(Verdict verdict, String what) {
        boolean agrees = verdict instanceof Verdict.Agreed;
        String how =
                switch (verdict) {
                    case Verdict.Disagreed d -> "disagree: " + d.lines();
                    case Verdict.Agreed _ -> "agree";
                    case Verdict.Withheld(String why) -> "not played: " + why;
                    case Verdict.NotPlayed(String why) -> "not played: " + why;
                };
        System.out.println("never freed: " + what + ": model and kernel " + how);
        return agrees;
    }
}

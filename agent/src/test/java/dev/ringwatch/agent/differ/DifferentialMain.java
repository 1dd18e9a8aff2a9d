package dev.ringwatch.agent.differ;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Seed;
import dev.ringwatch.core.sim.Workload;
import dev.ringwatch.core.sim.Workload.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Plays random programs on both sides for a time or for a number of steps; one line at the end. */
final class DifferentialMain {
    private DifferentialMain() {}

    public static void main(String[] args) throws Exception {
        long seconds = 60;
        long steps = Long.MAX_VALUE;
        boolean go = false;
        boolean only = Boolean.getBoolean("ringwatch.only");
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--seconds" -> seconds = Long.parseLong(args[++i]);
                case "--steps" -> {
                    steps = Long.parseLong(args[++i]);
                    seconds = Integer.MAX_VALUE;
                }
                case "--go-on" -> go = true;
                default -> throw new IllegalArgumentException(args[i]);
            }
        }
        Seed seed = Seed.given();
        boolean guest = Boolean.getBoolean("ringwatch.guest");
        Path directory = Files.createTempDirectory("differ");
        Counts counts = new Counts();
        long start = System.nanoTime();
        int failed = 0;
        try (NetworkNamespace namespace = NetworkNamespace.open()) {
            Differential differential =
                    new Differential(
                            KernelEra.current(),
                            namespace,
                            new LiveFiles(directory),
                            Duration.ofSeconds(guest ? 20 : 2),
                            guest,
                            counts);
            Workload workload =
                    Workload.of(
                            Workload.Scope.of(
                                    Part.SOCKETS,
                                    Part.LISTENERS,
                                    Part.PIPES,
                                    Part.RINGS,
                                    Part.INSTALL));
            for (long n = 0;
                    counts.steps < steps && System.nanoTime() - start < seconds * 1_000_000_000L;
                    n++) {
                Seed one = only ? seed : seed.derive(n);
                differential.seed = one.toString();
                List<Step> program = workload.program(KernelEra.current(), one);
                if (only && n == 0) {
                    System.out.println(Differential.text(program));
                }
                if (differential.run(program) instanceof Verdict.Disagreed d) {
                    failed++;
                    System.out.println(
                            "seed "
                                    + one
                                    + ", step "
                                    + d.step()
                                    + "\n"
                                    + d.lines()
                                    + "\n"
                                    + Differential.text(program.subList(0, d.step())));
                    if (!go) {
                        break;
                    }
                }
            }
        }
        double took = (System.nanoTime() - start) / 1e9;
        System.out.println(counts.kinds);
        System.out.println(
                "differential: "
                        + counts.summary(took)
                        + ", "
                        + failed
                        + " disagreements, seed "
                        + seed);
        System.exit(failed == 0 ? 0 : 1);
    }
}

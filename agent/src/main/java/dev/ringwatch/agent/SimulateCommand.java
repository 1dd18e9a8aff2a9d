package dev.ringwatch.agent;

import dev.ringwatch.agent.report.SimulationReport;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.sim.Assumptions;
import dev.ringwatch.core.sim.Campaign;
import dev.ringwatch.core.sim.MessageScope;
import dev.ringwatch.core.sim.Seed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Drives the model of the kernel with programs from a seed, or through all of a small scope. */
@Command(
        name = "simulate",
        description =
                "Plays random programs, or all small ones, in the model of the kernel and checks it.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch simulate --era packet --programs 50000",
            "  ringwatch simulate --seed 0x2a --json",
            "  ringwatch simulate --exhaustive --sockets 3 --messages 4",
            "  ringwatch simulate --assumptions --era packet",
            "",
            "Nothing here touches the kernel that runs. After every step the model is checked against",
            "what it counts; at the end the collector against the other one and against plain",
            "reachability. A known trait of an era, such as garbage that it never frees, is told and",
            "is no failure; of a defect that kernels still have only counts are told.",
            "Exit status: 0 as the era is known, 1 something that nothing accounts for, 2 an error."
        })
final class SimulateCommand implements Callable<Integer> {
    private static final String ALL = "all";
    private static final String CURRENT = "current";
    private static final int MOST_PROGRAMS = 100_000_000;

    /** The eras whose collectors differ. */
    private static final List<String> COLLECTORS =
            List.of(
                    "packet",
                    "rings-refused",
                    "scc-2024",
                    "scc-6.12",
                    "current",
                    "scc-repaired",
                    "scc-wrong-repair");

    @Option(
            names = "--era",
            paramLabel = "ERA",
            description =
                    "Whose rules: a name from 'ringwatch model --list', or all. Default: current,"
                            + " which is 6.18; with --exhaustive or --assumptions all.")
    private @Nullable String era;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Where the programs come from. Default: a new one, which is told.")
    private @Nullable String seed;

    @Option(
            names = "--programs",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many programs. Default: ${DEFAULT-VALUE}.")
    private int programs = 10_000;

    @Option(
            names = "--exhaustive",
            description = "All ways to pass a few sockets in a few messages, instead.")
    private boolean exhaustive;

    @Option(
            names = "--sockets",
            paramLabel = "N",
            defaultValue = "3",
            description = "With --exhaustive, how many sockets. Default: ${DEFAULT-VALUE}.")
    private int sockets = 3;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "4",
            description =
                    "With --exhaustive, how many messages at most. Default: ${DEFAULT-VALUE}.")
    private int messages = 4;

    @Option(
            names = "--assumptions",
            description =
                    "Which of the collector's five assumptions hold in all states of a small scope,"
                            + " and the shortest program that breaks one. Some seconds for an era.")
    private boolean assumptions;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (exhaustive && assumptions) {
            throw new CliException("--exhaustive and --assumptions: one at a time");
        }
        SimulationReport report = exhaustive ? exhaust() : assumptions ? assume() : simulate();
        if (json) {
            report.json(System.out);
        } else {
            System.out.print(report.text());
        }
        System.out.flush();
        return report.isAccountedFor() ? ExitStatus.OK : ExitStatus.FOUND;
    }

    private SimulationReport simulate() {
        if (programs < 1 || programs > MOST_PROGRAMS) {
            throw new CliException("--programs must be 1 to " + MOST_PROGRAMS);
        }
        Seed from = seed();
        List<Campaign> campaigns = new ArrayList<>();
        for (KernelEra rules : eras(KernelEra.presets())) {
            LongConsumer progress = new Progress(rules.name() + ": programs");
            campaigns.add(Campaign.run(rules, from, programs, progress));
        }
        return SimulationReport.of(campaigns);
    }

    private SimulationReport exhaust() {
        List<MessageScope.Result> results = new ArrayList<>();
        for (KernelEra rules : eras(COLLECTORS.stream().map(this::named).toList())) {
            LongConsumer progress = new Progress(rules.name() + ": sequences");
            results.add(scope().explore(rules, progress));
        }
        return SimulationReport.ofMessages(results);
    }

    private MessageScope scope() {
        try {
            return new MessageScope(sockets, messages);
        } catch (IllegalArgumentException e) {
            throw new CliException(String.valueOf(e.getMessage()));
        }
    }

    private SimulationReport assume() {
        LongConsumer progress = new Progress("moves");
        return SimulationReport.ofAssumptions(
                Assumptions.DEFAULT.table(eras(KernelEra.presets()), progress));
    }

    private Seed seed() {
        try {
            return seed == null ? Seed.given() : Seed.parse(seed);
        } catch (NumberFormatException e) {
            throw new CliException("--seed: a number, such as 42 or 0x2a");
        }
    }

    private List<KernelEra> eras(List<KernelEra> all) {
        String wanted = era == null ? (exhaustive || assumptions ? ALL : CURRENT) : era;
        return wanted.equals(ALL) ? all : List.of(named(wanted));
    }

    private KernelEra named(String name) {
        return KernelEra.named(name).orElseThrow(() -> unknown(name));
    }

    private static CliException unknown(String name) {
        String known =
                KernelEra.presets().stream().map(KernelEra::name).collect(Collectors.joining(", "));
        return new CliException(
                "--era: no era is called \"%s\"; known are %s and all".formatted(name, known));
    }

    /** Tells every few seconds how far it is. */
    private static final class Progress implements LongConsumer {
        private static final long EVERY = 5_000_000_000L;

        private final String what;
        private long next = System.nanoTime() + EVERY;

        Progress(String what) {
            this.what = what;
        }

        @Override
        public void accept(long done) {
            long now = System.nanoTime();
            if (now - next >= 0) {
                next = now + EVERY;
                System.err.println(what + " " + done);
            }
        }
    }
}

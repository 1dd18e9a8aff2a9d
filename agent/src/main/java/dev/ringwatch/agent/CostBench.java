package dev.ringwatch.agent;

import dev.ringwatch.agent.report.Table;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a running agent costs: itself, by how much there is to see; and those that it watches, as the
 * processor time of an operation with the agent over that without, in windows that take turns.
 */
final class CostBench {
    private static final int[] SOCKETS = {1_000, 100_000};
    private static final int PER_PROCESS = 18_000;
    private static final Duration WARM = Duration.ofSeconds(20);
    private static final Duration SCRAPED_EVERY = Duration.ofSeconds(15);
    private static final int SCRAPES = 4;
    private static final double DEFAULT_INTERVAL_SECONDS = 10;

    private final int rounds;
    private final Duration window;

    CostBench(int rounds, Duration window) {
        this.rounds = rounds;
        this.window = window;
    }

    /** How the agent runs meanwhile. */
    private enum Mode {
        NONE("no agent"),
        DEFAULT("as it comes"),
        STACKS("and keeps stacks", "features: {stacks: on}"),
        HOT("and times every request", "features: {hot: on}");

        private final String words;
        private final String[] configuration;

        Mode(String words, String... configuration) {
            this.words = words;
            this.configuration = configuration;
        }
    }

    /** Who is watched. */
    private enum Work {
        RING("ring, no-operations by 32", SampleCommand.Kind.BUSY_RING),
        BYTES("a byte sent and received over AF_UNIX", SampleCommand.Kind.BUSY_BYTES),
        UNIX("a descriptor sent, received, closed", SampleCommand.Kind.BUSY_UNIX);

        private final String words;
        private final SampleCommand.Kind kind;

        Work(String words, SampleCommand.Kind kind) {
            this.words = words;
            this.kind = kind;
        }
    }

    void run() throws IOException {
        System.out.print(ofAgent());
        System.out.println();
        System.out.print(ofWatched());
    }

    private String ofAgent() throws IOException {
        Table table =
                new Table(
                        "sockets",
                        "ms of processor an observation",
                        "% of a core",
                        "resident MB",
                        "bytes a scrape");
        for (int sockets : SOCKETS) {
            System.err.println("the agent with " + sockets + " sockets to see");
            List<Sample> samples = new ArrayList<>();
            try {
                for (int left = sockets; left > 0; left -= PER_PROCESS) {
                    samples.add(
                            Sample.start(SampleCommand.Kind.SOCKETS, Math.min(left, PER_PROCESS)));
                }
                row(table, sockets);
            } finally {
                for (Sample sample : samples) {
                    sample.close();
                }
            }
        }
        return "The agent, observing every 10 s and scraped every 15 s:\n" + table.text();
    }

    private static void row(Table table, int sockets) throws IOException {
        try (RunningAgent agent = RunningAgent.start()) {
            sleep(WARM);
            Duration before = agent.cpu();
            int bytes = 0;
            for (int i = 0; i < SCRAPES; i++) {
                sleep(SCRAPED_EVERY);
                bytes = agent.scrape();
            }
            double cpu = agent.cpu().minus(before).toNanos() / 1e6;
            double seconds = SCRAPES * SCRAPED_EVERY.toSeconds();
            table.row(
                    sockets,
                    "%.1f".formatted(cpu / (seconds / DEFAULT_INTERVAL_SECONDS)),
                    "%.2f".formatted(cpu / seconds / 10),
                    agent.residentMegabytes(),
                    bytes);
        }
    }

    private String ofWatched() throws IOException {
        Table table =
                new Table("watched", "agent", "ns of processor", "quartiles", "with / without");
        for (Work work : Work.values()) {
            try (Sample sample = Sample.start(work.kind, 0)) {
                sleep(Duration.ofSeconds(2));
                Map<Mode, double[]> costs = measure(work, sample);
                double[] without = costs.getOrDefault(Mode.NONE, new double[0]);
                costs.forEach((mode, cost) -> row(table, work, mode, cost, without));
            }
        }
        return "Those that are watched, processor time an operation:\n" + table.text();
    }

    private Map<Mode, double[]> measure(Work work, Sample sample) throws IOException {
        Map<Mode, double[]> costs = new EnumMap<>(Mode.class);
        for (Mode mode : Mode.values()) {
            costs.put(mode, new double[rounds]);
        }
        for (int round = 0; round < rounds; round++) {
            System.err.println(work.words + ": round " + (round + 1) + " of " + rounds);
            for (Mode mode : Mode.values()) {
                double cost = cost(mode, sample);
                costs.computeIfAbsent(mode, m -> new double[rounds])[round] = cost;
            }
        }
        return costs;
    }

    private double cost(Mode mode, Sample sample) throws IOException {
        if (mode == Mode.NONE) {
            return window(sample);
        }
        try (RunningAgent agent = RunningAgent.start(mode.configuration)) {
            double cost = window(sample);
            agent.mustRun();
            return cost;
        }
    }

    private double window(Sample sample) throws IOException {
        sleep(Duration.ofMillis(500));
        Sample.Progress before = sample.progress();
        sleep(window);
        Sample.Progress after = sample.progress();
        return (double) (after.cpuNanos() - before.cpuNanos()) / (after.done() - before.done());
    }

    private static void row(Table table, Work work, Mode mode, double[] cost, double[] without) {
        double[] ratios = new double[cost.length];
        for (int i = 0; i < cost.length; i++) {
            ratios[i] = cost[i] / without[i];
        }
        Quartiles nanos = Quartiles.of(cost);
        Quartiles ratio = Quartiles.of(ratios);
        table.row(
                work.words,
                mode.words,
                "%.0f".formatted(nanos.median()),
                "%.0f to %.0f".formatted(nanos.low(), nanos.high()),
                "%.3f (%.3f to %.3f)".formatted(ratio.median(), ratio.low(), ratio.high()));
    }

    static void sleep(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(Math.min(end - System.nanoTime(), TimeUnit.SECONDS.toNanos(1)));
        }
    }
}

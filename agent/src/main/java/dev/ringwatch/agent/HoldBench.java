package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.Table;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/**
 * How long an observation holds up who is watched: the slowest of the sends to a socket whose queue
 * is full, while observations follow each other, and while there are none, in windows that take turns.
 */
final class HoldBench {
    private static final int QUEUED = 500_000;

    private final int rounds;
    private final Duration window;

    HoldBench(int rounds, Duration window) {
        this.rounds = rounds;
        this.window = window;
    }

    void run() throws IOException {
        Table table =
                new Table("queued", "meanwhile", "slowest send, ms: median", "quartiles", "worst");
        add(table, SampleCommand.Kind.SENDS_BEHIND_PACKETS, "500,000 packets");
        add(table, SampleCommand.Kind.SENDS_BEHIND_DESCRIPTORS, "500,000 descriptors");
        System.out.print(table.text());
    }

    private void add(Table table, SampleCommand.Kind kind, String queued) throws IOException {
        double[] alone = new double[rounds];
        double[] observed = new double[rounds];
        int observations = 0;
        try (Sample sample = Sample.start(kind, QUEUED);
                Observer observer = new SourceOption().open()) {
            SourceOption.observe(observer);
            for (int i = 0; i < rounds; i++) {
                System.err.println(queued + ": round " + (i + 1) + " of " + rounds);
                sample.progress();
                CostBench.sleep(window);
                alone[i] = sample.progress().slowestNanos() / 1e6;
                observations += observe(observer);
                observed[i] = sample.progress().slowestNanos() / 1e6;
            }
        }
        row(table, queued, "nothing", alone);
        row(table, queued, observations + " observations", observed);
    }

    private int observe(Observer observer) {
        long end = System.nanoTime() + window.toNanos();
        int observations = 0;
        while (System.nanoTime() < end) {
            SourceOption.observe(observer);
            observations++;
        }
        return observations;
    }

    private static void row(Table table, String queued, String meanwhile, double[] millis) {
        Quartiles quartiles = Quartiles.of(millis);
        table.row(
                queued,
                meanwhile,
                "%.2f".formatted(quartiles.median()),
                "%.2f to %.2f".formatted(quartiles.low(), quartiles.high()),
                "%.2f".formatted(Arrays.stream(millis).max().orElseThrow()));
    }
}

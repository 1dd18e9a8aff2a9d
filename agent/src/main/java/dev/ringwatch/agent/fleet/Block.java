package dev.ringwatch.agent.fleet;

import dev.ringwatch.agent.metrics.AgentStatus;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Two hours of scrapes as Prometheus keeps them on disk: a block of its database, written by promtool.
 *
 * @param samples how many are in it
 * @param bytes its size, index included
 */
public record Block(long samples, long bytes) {
    private static final int STEPS =
            (int) (Duration.ofHours(2).toSeconds() / SteppedClock.STEP.toSeconds());

    /** Blocks begin at even hours; an older one is compacted like the newest. */
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    /**
     * Simulates two hours of some agents and has them written.
     *
     * @param folder for the files; what is made there stays
     * @param own meters of an agent's own process
     * @throws PrometheusException if promtool does not take them
     */
    public static Block of(
            int agents, int groups, String version, PrometheusRegistry own, Path folder)
            throws IOException, PrometheusException {
        Path text = folder.resolve("two-hours.txt");
        Path blocks = folder.resolve("blocks");
        long samples;
        try (BufferedWriter out = Files.newBufferedWriter(text)) {
            samples = write(agents, groups, SimulatedHost.status(version), own, out);
        }
        Promtool.run(
                "tsdb", "create-blocks-from", "openmetrics", text.toString(), blocks.toString());
        Files.delete(text);
        return new Block(samples, size(blocks));
    }

    private static long write(
            int size, int groups, AgentStatus status, PrometheusRegistry own, BufferedWriter out)
            throws IOException {
        SteppedClock clock = new SteppedClock(BEGIN);
        List<SimulatedAgent> agents = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            agents.add(new SimulatedAgent(i, groups, clock, status, own));
        }
        long samples = 0;
        for (int step = 1; step < STEPS; step++) {
            clock.step();
            for (int i = 0; i < size; i++) {
                agents.get(i).look();
                samples += write(agents.get(i), "node-" + i, clock.instant(), out);
            }
        }
        out.write("# EOF\n");
        return samples;
    }

    private static long write(SimulatedAgent agent, String name, Instant at, BufferedWriter out)
            throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        OpenMetricsTextFormatWriter.create().write(text, agent.scrape());
        String target = "job=\"ringwatch\",instance=\"" + name + "\"";
        long samples = 0;
        for (String line : text.toString(StandardCharsets.UTF_8).split("\n")) {
            if (!line.startsWith("#")) {
                out.write(placed(line, target, at));
                samples++;
            }
        }
        return samples;
    }

    /** A line with the labels that Prometheus adds, without an exemplar, with a time. */
    private static String placed(String line, String target, Instant at) {
        String sample = line.split(" # ", 2)[0];
        int end = sample.lastIndexOf(' ');
        String series = sample.substring(0, end);
        String labelled =
                series.endsWith("}")
                        ? series.substring(0, series.length() - 1) + "," + target + "}"
                        : series + "{" + target + "}";
        return labelled + sample.substring(end) + " " + at.getEpochSecond() + "\n";
    }

    static long size(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            long sum = 0;
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
            return sum;
        }
    }
}

package dev.ringwatch.agent.fleet;

import dev.ringwatch.agent.metrics.AgentStatus;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * What scrapes of agents are, without a network.
 *
 * @param scrapes how many there were
 * @param samples lines that are no comments, of all
 * @param bytes in the OpenMetrics text format, of all
 * @param zipped bytes of that compressed
 * @param textNanos processor time to render and write all
 * @param zipNanos processor time to compress all
 */
public record Rendering(
        int scrapes, long samples, long bytes, long zipped, long textNanos, long zipNanos) {
    /** Until what grows from nothing is there, and the compiler has seen it all. */
    private static final int WARM = 40;

    private static final int MEASURED = 5;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /**
     * Of so many machines with so many groups each, 1 to 200.
     *
     * @param own meters of an agent's own process
     */
    public static Rendering of(int machines, int groups, String version, PrometheusRegistry own)
            throws IOException {
        AgentStatus status = SimulatedHost.status(version);
        SteppedClock clock = new SteppedClock(Instant.now());
        List<SimulatedAgent> agents = new ArrayList<>();
        for (int i = 0; i < machines; i++) {
            agents.add(new SimulatedAgent(i, groups, clock, status, own));
        }
        Rendering sum = new Rendering(0, 0, 0, 0, 0, 0);
        for (int step = 0; step < WARM + MEASURED; step++) {
            clock.step();
            for (SimulatedAgent agent : agents) {
                agent.look();
                Rendering one = of(agent);
                sum = step < WARM ? sum : sum.plus(one);
            }
        }
        return sum;
    }

    private static Rendering of(SimulatedAgent agent) throws IOException {
        long begin = THREADS.getCurrentThreadCpuTime();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        OpenMetricsTextFormatWriter.create().write(text, agent.scrape());
        long written = THREADS.getCurrentThreadCpuTime();
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            text.writeTo(zip);
        }
        long end = THREADS.getCurrentThreadCpuTime();
        long samples = Written.samples(text.toByteArray());
        return new Rendering(
                1, samples, text.size(), zipped.size(), written - begin, end - written);
    }

    private Rendering plus(Rendering more) {
        return new Rendering(
                scrapes + more.scrapes,
                samples + more.samples,
                bytes + more.bytes,
                zipped + more.zipped,
                textNanos + more.textNanos,
                zipNanos + more.zipNanos);
    }

    /** Mean of a scrape. */
    public double samplesEach() {
        return (double) samples / scrapes;
    }
}

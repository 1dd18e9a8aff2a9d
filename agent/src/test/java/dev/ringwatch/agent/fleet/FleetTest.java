package dev.ringwatch.agent.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small simulated fleet and a real Prometheus; fifteen seconds. */
class FleetTest {
    private static final int AGENTS = 20;
    private static final int GROUPS = 12;
    private static final Duration INTERVAL = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String AGENT = "{job=\"ringwatch\"}";

    private interface Value {
        double get() throws IOException;
    }

    @Test
    void prometheusKeepsEverySampleThatTheAgentsWrote(@TempDir Path folder) throws Exception {
        Fleet fleet = new Fleet(AGENTS, GROUPS, "1.2.3", new PrometheusRegistry());
        Map<String, Written.Amount> before = warm(fleet);
        try (Prometheus prometheus = Prometheus.start(folder, fleet, INTERVAL, Optional.empty())) {
            await(AGENTS, () -> prometheus.query("sum(up" + AGENT + ")").orElse(0));
            await(1, () -> fleet.written().scrapes() >= 4L * AGENTS ? 1 : 0);
            assertEquals(0, prometheus.query("sum(1 - min_over_time(up[1h]))").orElse(-1));
            fleet.close();
            for (String name : fleet.names()) {
                String kept =
                        "sum_over_time(scrape_samples_post_metric_relabeling{instance=\"%s:9736\"}[1h])"
                                .formatted(name);
                Written.Amount first = Objects.requireNonNull(before.get(name));
                double written = fleet.written(name).minus(first).samples();
                assertTrue(written > 0, name);
                await(written, () -> prometheus.query(kept).orElse(0));
            }
            Map<String, Double> own = prometheus.own();
            for (String refused : Prometheus.REFUSED) {
                assertEquals(0.0, own.get(refused), refused);
            }
        } finally {
            fleet.close();
        }
    }

    @Test
    void rulesThatAreNoneAreNamedAsTheCause(@TempDir Path folder) throws Exception {
        Path rules = Files.writeString(folder.resolve("rules.yml"), "groops: []\n");
        try (Fleet fleet = new Fleet(1, 1, "1.2.3", new PrometheusRegistry())) {
            PrometheusException refused =
                    assertThrows(
                            PrometheusException.class,
                            () -> Prometheus.start(folder, fleet, INTERVAL, Optional.of(rules)));
            String said = String.valueOf(refused.getMessage());
            assertTrue(said.contains("groops"), said);
        }
    }

    @Test
    void machinesDifferMoveAndAreTheSameForTheSameNumber() throws Exception {
        SteppedClock clock = new SteppedClock(Instant.EPOCH);
        SimulatedAgent one = agent(1, clock);
        SimulatedAgent again = agent(1, clock);
        SimulatedAgent two = agent(2, clock);
        String before = text(one);
        assertEquals(before, text(again));
        assertNotEquals(before, text(two));
        clock.step();
        one.look();
        assertNotEquals(before, text(one));
    }

    @Test
    void someHaveFindingsAndNoneIsUndecided() throws Exception {
        SteppedClock clock = new SteppedClock(Instant.EPOCH);
        SimulatedAgent stuck = agent(10, clock);
        SimulatedAgent fine = agent(11, clock);
        for (int i = 0; i < 4; i++) {
            clock.step();
            stuck.look();
            fine.look();
        }
        assertTrue(text(stuck).contains("kind=\"never_received\"} 1.0\n"), text(stuck));
        for (String text : List.of(text(stuck), text(fine))) {
            assertEquals(
                    List.of(),
                    text.lines()
                            .filter(line -> line.startsWith("ringwatch_findings{"))
                            .filter(line -> !line.contains("never_received"))
                            .toList());
        }
    }

    /** Has every agent answer once, so that no scrape waits for classes to be loaded. */
    private static Map<String, Written.Amount> warm(Fleet fleet) throws Exception {
        Map<String, Written.Amount> written = new HashMap<>();
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String name : fleet.names()) {
                URI uri = URI.create("http://" + fleet.address() + "/" + name + "/metrics");
                client.send(
                        HttpRequest.newBuilder(uri).build(),
                        HttpResponse.BodyHandlers.discarding());
                written.put(name, fleet.written(name));
            }
        }
        return written;
    }

    private static SimulatedAgent agent(int number, SteppedClock clock) {
        return new SimulatedAgent(
                number, GROUPS, clock, SimulatedHost.status("1.2.3"), new PrometheusRegistry());
    }

    private static String text(SimulatedAgent agent) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OpenMetricsTextFormatWriter.create().write(out, agent.scrape());
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void await(double expected, Value value) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        double last = value.get();
        while (last != expected && Instant.now().isBefore(end)) {
            TimeUnit.MILLISECONDS.sleep(100);
            last = value.get();
        }
        assertEquals(expected, last);
    }
}

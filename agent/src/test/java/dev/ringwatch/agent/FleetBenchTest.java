package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ringwatch.agent.fleet.Fleet;
import dev.ringwatch.agent.metrics.MetricCatalogue;
import dev.ringwatch.agent.track.FindingKind;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The benchmark of a fleet at a tiny size, and its agents beside a real one; twenty seconds. */
class FleetBenchTest {
    /** What an agent says of itself, whatever the machine. */
    private static final Pattern OF_ITSELF =
            Pattern.compile(
                    "ringwatch_(bpf|build|feature|limit|observation|source|groups|findings_opened)"
                            + "[a-z_]*(\\{(map|feature|limit|source|kind)=[^}]*})?(?= )");

    private static final Pattern GUIDE =
            Pattern.compile(
                    "\\| (?<fixed>\\d+) \\+ (?<group>\\d+) for each group; at most (?<most>\\d+) ");

    @Test
    void everyFigureIsThereAndTheGuideSaysTheSame() throws Exception {
        Cli cli =
                Cli.run(
                        "bench",
                        "fleet",
                        "--agents",
                        "2",
                        "--groups",
                        "2",
                        "--interval",
                        "2s",
                        "--duration",
                        "2s",
                        "--json");
        assertEquals(ExitStatus.OK, cli.status(), cli.err());
        JsonNode json = new ObjectMapper().readTree(cli.out());
        assertTrue(json.has("failed_scrapes"), cli.out());
        assertEquals(0, json.get("refused_samples").asInt(), cli.out());
        assertEquals(
                json.get("scrape_samples").asDouble(),
                json.get("series_fixed").asDouble() + 2 * json.get("series_per_group").asDouble(),
                20,
                cli.out());
        for (String positive :
                Set.of(
                        "head_series",
                        "samples_per_second",
                        "resident_bytes_per_series",
                        "log_bytes_per_sample",
                        "block_bytes_per_sample",
                        "scrape_ms_p99",
                        "scrape_bytes_gzip",
                        "render_ms")) {
            assertTrue(json.path(positive).asDouble() > 0, () -> positive + ": " + cli.out());
        }
        assertGuideSays(json);
    }

    /** Two machines are not a thousand: a group more or less on one is a few series. */
    private static void assertGuideSays(JsonNode json) throws Exception {
        String guide = Files.readString(Path.of("../docs/fleet.md"));
        Matcher series = GUIDE.matcher(guide);
        assertTrue(series.find(), guide);
        assertEquals(
                Double.parseDouble(series.group("fixed")), json.get("series_fixed").asDouble(), 8);
        assertEquals(
                Double.parseDouble(series.group("group")),
                json.get("series_per_group").asDouble(),
                2);
        long ofGroups =
                Arrays.stream(MetricCatalogue.values())
                        .filter(m -> m.labels().contains("group"))
                        .count();
        long most = ofGroups - 1 + FindingKind.values().length; // findings have a kind each
        assertEquals(Long.toString(most), series.group("most"));
    }

    @Test
    void aSimulatedAgentSaysOfItselfWhatARealOneSays() throws Exception {
        Cli real = Cli.run("run", "--once", "--source", "bpf");
        assertEquals(ExitStatus.OK, real.status(), real.err());
        Set<String> simulated;
        try (Fleet fleet = new Fleet(1, 2, Main.version(), new PrometheusRegistry())) {
            URI uri =
                    URI.create(
                            "http://"
                                    + fleet.address()
                                    + "/"
                                    + fleet.names().getFirst()
                                    + "/metrics");
            simulated =
                    ofItself(
                            HttpClient.newHttpClient()
                                    .send(
                                            HttpRequest.newBuilder(uri).build(),
                                            HttpResponse.BodyHandlers.ofString())
                                    .body());
        }
        Set<String> missing = ofItself(real.out());
        missing.removeAll(simulated);
        assertEquals(Set.of(), missing);
    }

    private static Set<String> ofItself(String text) {
        return OF_ITSELF
                .matcher(text)
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

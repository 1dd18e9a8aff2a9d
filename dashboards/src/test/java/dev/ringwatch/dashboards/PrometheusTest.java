package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real Prometheus scrapes the real agent, which watches a real process; everything on loopback.
 * The rules beside it are the committed ones.
 */
class PrometheusTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SLOTS = 23;

    private final HttpClient client = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    @Test
    void scrapesTheAgentAndAnswersQueries(@TempDir Path folder) throws Exception {
        Process sample = agent("sample", "SLOTS", Integer.toString(SLOTS));
        Process agent = agent("run", "--config", fast(folder), "--listen", "127.0.0.1:0");
        Process prometheus = null;
        try {
            awaitLine(sample.inputReader(StandardCharsets.UTF_8), "READY");
            String line =
                    awaitLine(
                            agent.errorReader(StandardCharsets.UTF_8),
                            "ringwatch: metrics at http://");
            String target = line.substring(line.indexOf("//") + 2, line.indexOf("/metrics"));
            int port = freePort();
            prometheus = prometheus(folder, target, port);

            await(port, "up{job=\"ringwatch\"}", 1);
            await(port, "sum(ringwatch_uring_registered_files) >= bool " + SLOTS, 1);
            await(port, "ringwatch_observation_complete", 1);
            await(port, "ringwatch_source_up{source=\"bpf\"}", 1);
            await(port, "count(ringwatch_build_info)", 1);
            assertRulesAreLoaded(port);
        } finally {
            end(prometheus);
            end(agent);
            end(sample);
        }
    }

    private void assertRulesAreLoaded(int port) throws Exception {
        JsonNode groups = get(port, "/api/v1/rules").at("/data/groups");
        List<String> alerts = new ArrayList<>();
        groups.forEach(
                g ->
                        g.get("rules")
                                .forEach(
                                        r -> {
                                            if (r.get("type").asText().equals("alerting")) {
                                                alerts.add(r.get("name").asText());
                                                assertEquals("ok", r.get("health").asText());
                                            }
                                        }));
        assertEquals(12, alerts.size(), alerts.toString());
    }

    private static String fast(Path folder) throws IOException {
        return Files.writeString(folder.resolve("ringwatch.yaml"), "interval: 200ms\n").toString();
    }

    private static Process prometheus(Path folder, String target, int port) throws IOException {
        Path rules = Checkout.RULES;
        Path config =
                Files.writeString(
                        folder.resolve("prometheus.yml"),
                        """
                        global: {scrape_interval: 500ms, evaluation_interval: 500ms}
                        rule_files: ["%s"]
                        scrape_configs:
                          - job_name: ringwatch
                            static_configs: [{targets: ["%s"]}]
                        """
                                .formatted(rules.toAbsolutePath(), target));
        try {
            return new ProcessBuilder(
                            "prometheus",
                            "--config.file=" + config,
                            "--storage.tsdb.path=" + folder.resolve("data"),
                            "--web.listen-address=127.0.0.1:" + port,
                            "--log.level=error")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("prometheus.log").toFile())
                    .start();
        } catch (IOException e) {
            return fail(
                    "prometheus is not installed; the Debian and Ubuntu package is called"
                            + " prometheus: sudo apt-get install prometheus",
                    e);
        }
    }

    /** Waits until a query answers with one series of this value. */
    private void await(int port, String query, double expected) throws Exception {
        String path = "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        Instant end = Instant.now().plus(PATIENCE);
        JsonNode last = json.nullNode();
        while (Instant.now().isBefore(end)) {
            last = get(port, path);
            JsonNode series = last.at("/data/result");
            if (series.size() == 1 && series.get(0).at("/value/1").asDouble() == expected) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        fail(query + " did not become " + expected + ": " + last);
    }

    private JsonNode get(int port, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        try {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(),
                            HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200
                    ? json.readTree(response.body())
                    : json.missingNode();
        } catch (IOException e) {
            return json.missingNode(); // not listening yet
        }
    }

    private static String awaitLine(BufferedReader reader, String start) throws IOException {
        String line = reader.readLine();
        while (line != null && !line.startsWith(start)) {
            line = reader.readLine();
        }
        assertTrue(line != null, "ended without saying " + start);
        return line == null ? "" : line;
    }

    /** A command of the agent in a process of its own, on this test's class path. */
    private static Process agent(String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp"));
        command.addAll(List.of(System.getProperty("java.class.path"), "dev.ringwatch.agent.Main"));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void end(@org.jspecify.annotations.Nullable Process process)
            throws InterruptedException {
        if (process == null) {
            return;
        }
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}

package dev.ringwatch.agent.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.ringwatch.agent.bpf.Privileges;
import dev.ringwatch.agent.config.Configuration;
import dev.ringwatch.agent.privilege.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in deploy/ fits the program, and one another. */
class DeployTest {
    private static final Path DEPLOY = Path.of("../deploy");
    private static final Chart CHART = new Chart(DEPLOY.resolve("helm/ringwatch"));

    @TempDir Path folder = Path.of("");

    @Test
    void thePlainManifestIsWhatTheChartMakesOfItsDefaults() throws IOException {
        List<JsonNode> plain =
                new ArrayList<>(
                        Chart.documents(
                                Files.readString(DEPLOY.resolve("kubernetes/daemonset.yaml"))));

        assertEquals("Namespace", plain.removeFirst().path("kind").asText());
        assertEquals(CHART.render(CHART.values(), "ringwatch"), Chart.inOrder(plain));
    }

    @Test
    void theChartsValuesFitTheirSchemaAndAMisspeltOneDoesNot() throws IOException {
        JsonNode values = CHART.values();
        assertEquals(Set.of(), problems(values));

        ((ObjectNode) values).put("tolerance", "none");
        assertEquals(1, problems(values).size());
    }

    @Test
    void aServiceMonitorIsMadeIfAskedFor() throws IOException {
        ObjectNode values = (ObjectNode) CHART.values();
        ObjectNode monitor = (ObjectNode) values.get("serviceMonitor");
        monitor.put("enabled", true);
        monitor.putObject("labels").put("release", "prometheus");

        JsonNode made =
                CHART.render(values, "here").stream()
                        .filter(d -> d.path("kind").asText().equals("ServiceMonitor"))
                        .findFirst()
                        .orElseThrow();

        assertEquals("prometheus", made.at("/metadata/labels/release").asText());
        assertEquals("here", made.at("/metadata/namespace").asText());
        assertEquals("metrics", made.at("/spec/endpoints/0/port").asText());
        JsonNode dropped = made.at("/spec/endpoints/0/relabelings/1");
        assertEquals("labeldrop", dropped.path("action").asText());
        assertTrue("pod".matches(dropped.path("regex").asText()));
    }

    @Test
    void theChartIsOfThisVersion() throws IOException {
        Matcher version =
                Pattern.compile("<version>([^<]+)</version>")
                        .matcher(Files.readString(Path.of("../pom.xml")));
        assertTrue(version.find());
        assertEquals(version.group(1), CHART.about().get("appVersion").asText());
    }

    @Test
    void theAgentReadsBothConfigurations() throws IOException {
        Configuration service = Configuration.read(DEPLOY.resolve("ringwatch.yaml"));
        assertEquals(
                "[127.0.0.1:9736, unix:/run/ringwatch/ringwatch.sock]",
                String.valueOf(service.listen()));

        Path file = folder.resolve("ringwatch.yaml");
        Files.writeString(file, Chart.YAML.writeValueAsString(CHART.values().get("config")));
        assertEquals(Configuration.defaults(), Configuration.read(file));
    }

    /** Whoever needs another must grant it in the unit and in the chart, and say so there. */
    @Test
    void theUnitAndTheChartGrantWhatTheAgentNeedsAndNothingElse() throws IOException {
        Set<Capability> observing = EnumSet.copyOf(Privileges.NEEDED);
        observing.add(Capability.CAP_SYS_PTRACE);
        observing.add(Capability.CAP_DAC_READ_SEARCH);
        Set<String> granted = new TreeSet<>(Set.of("CAP_SETUID", "CAP_SETGID"));
        observing.forEach(c -> granted.add(c.name()));

        assertEquals(granted, unitCapabilities());
        assertEquals(granted, chartCapabilities());
    }

    @Test
    void theUnitHidesNothingThatTheAgentLooksAt() throws IOException {
        List<String> unit = unit();
        for (String off :
                List.of(
                        "PrivateUsers",
                        "PrivateNetwork",
                        "PrivateTmp",
                        "PrivatePIDs",
                        "ProtectKernelTunables",
                        "ProtectKernelLogs",
                        "MemoryDenyWriteExecute",
                        "User")) {
            assertFalse(unit.stream().anyMatch(l -> l.startsWith(off + "=")), off);
        }
        assertTrue(unit.containsAll(List.of("ProtectProc=default", "ProcSubset=all")));
    }

    /** What the receiver is told is a configuration of Prometheus. */
    @Test
    void theDocumentedCollectorsAreWellFormed() throws IOException, InterruptedException {
        Matcher block =
                Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(Path.of("../docs/opentelemetry.md")));
        int seen = 0;
        while (block.find()) {
            JsonNode collector = Chart.YAML.readTree(block.group(1));
            JsonNode pipeline = collector.at("/service/pipelines/metrics");
            for (String part : List.of("receivers", "processors", "exporters")) {
                pipeline.path(part)
                        .forEach(
                                name ->
                                        assertTrue(
                                                collector.path(part).has(name.asText()),
                                                part + ": " + name));
            }
            assertEquals("", promtool(collector.at("/receivers/prometheus/config")));
            seen++;
        }
        assertEquals(2, seen);
    }

    /**
     * What it has against a configuration; but Debian's Prometheus is built without discovery in
     * Kubernetes, and knows nothing of it.
     */
    private String promtool(JsonNode configuration) throws IOException, InterruptedException {
        ((ObjectNode) configuration.at("/scrape_configs/0")).remove("kubernetes_sd_configs");
        Path file = folder.resolve("prometheus.yml");
        Files.writeString(file, Chart.YAML.writeValueAsString(configuration));
        Process check =
                new ProcessBuilder("promtool", "check", "config", file.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(check.getInputStream().readAllBytes(), UTF_8);
        return check.waitFor() == 0 ? "" : output;
    }

    private static Set<String> unitCapabilities() throws IOException {
        Set<String> all = new TreeSet<>();
        for (String line : unit()) {
            if (line.startsWith("CapabilityBoundingSet=")) {
                all.addAll(List.of(line.substring(line.indexOf('=') + 1).split(" ")));
            }
        }
        return all;
    }

    private static Set<String> chartCapabilities() throws IOException {
        JsonNode security =
                CHART.render(CHART.values(), "ringwatch").stream()
                        .filter(d -> d.path("kind").asText().equals("DaemonSet"))
                        .findFirst()
                        .orElseThrow()
                        .at("/spec/template/spec/containers/0/securityContext/capabilities");
        assertEquals("[\"ALL\"]", security.get("drop").toString());
        Set<String> all = new TreeSet<>();
        security.get("add").forEach(c -> all.add("CAP_" + c.asText()));
        return all;
    }

    private static List<String> unit() throws IOException {
        return Files.readAllLines(DEPLOY.resolve("systemd/ringwatch.service"));
    }

    private static Set<ValidationMessage> problems(JsonNode values) throws IOException {
        String schema = Files.readString(DEPLOY.resolve("helm/ringwatch/values.schema.json"));
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(schema)
                .validate(values);
    }
}

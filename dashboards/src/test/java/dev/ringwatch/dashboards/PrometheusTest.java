package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The committed configuration of Prometheus as it is, but for the agent's port: it scrapes the real
 * agent, and its rules are evaluated. Takes ten seconds.
 */
class PrometheusTest {
    @Test
    void theCommittedConfigurationScrapesTheAgent(@TempDir Path folder) throws Exception {
        try (RunningAgent agent = RunningAgent.start("agent", folder, "interval: 200ms\n");
                Prometheus prometheus = Prometheus.start(folder, configuration(folder, agent))) {
            prometheus.await("up{job=\"ringwatch\"}", 1);
            prometheus.await("count(ringwatch_build_info)", 1);
            prometheus.await("ringwatch_source_up{source=\"bpf\"}", 1);
            List<JsonNode> rules = prometheus.rules();
            assertEquals(Checkout.yaml(Checkout.RULES).findValues("expr").size(), rules.size());
            for (JsonNode rule : rules) {
                assertEquals("", rule.path("lastError").asText(), rule::toString);
            }
        }
    }

    private static Path configuration(Path folder, RunningAgent agent) throws Exception {
        ObjectNode file = (ObjectNode) Checkout.yaml(Checkout.PROMETHEUS_FILE);
        ((ObjectNode) file.path("global")).put("scrape_interval", "1s");
        file.putArray("rule_files").add(Checkout.RULES.toString());
        ((ObjectNode) file.at("/scrape_configs/0/static_configs/0"))
                .putArray("targets")
                .add(agent.instance());
        Path written = folder.resolve("prometheus.yml");
        new ObjectMapper(new YAMLFactory()).writeValue(written.toFile(), file);
        return written;
    }
}

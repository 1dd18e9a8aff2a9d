package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that the tests run in; Maven runs them in the folder of their module. */
final class Checkout {
    static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    static final Path DASHBOARDS = TOP.resolve("dashboards");
    static final Path GRAFANA = DASHBOARDS.resolve("grafana");
    static final Path PROMETHEUS = DASHBOARDS.resolve("prometheus");
    static final Path RULES = PROMETHEUS.resolve("ringwatch.rules.yml");
    static final Path PROMETHEUS_FILE = PROMETHEUS.resolve("prometheus.yml");
    static final Path RULE_TESTS = PROMETHEUS.resolve("ringwatch.rules.test.yml");
    static final Path ALERTMANAGER = PROMETHEUS.resolve("alertmanager.yml");
    static final Path RUNBOOKS = DASHBOARDS.resolve("runbooks");

    private Checkout() {}

    /** Every committed dashboard. */
    static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(GRAFANA)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }

    static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(Files.readString(file));
    }

    static JsonNode yaml(Path file) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(Files.readString(file));
    }
}

package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.ringwatch.agent.metrics.MetricCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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

    private static final Pattern METRIC = Pattern.compile("ringwatch_[a-z_]+");

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

    /** Names in a text that are written like a metric of the agent. */
    static Set<String> metricsNamedIn(String text) {
        Set<String> histograms =
                Arrays.stream(MetricCatalogue.values())
                        .filter(m -> m.type() == MetricCatalogue.Type.HISTOGRAM)
                        .map(MetricCatalogue::metricName)
                        .flatMap(m -> Stream.of(m + "_bucket", m + "_sum", m + "_count"))
                        .collect(Collectors.toSet());
        return METRIC.matcher(text)
                .results()
                .map(MatchResult::group)
                .map(n -> histograms.contains(n) ? n.replaceFirst("_(bucket|sum|count)$", "") : n)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Names in a text that are written like a metric of the agent, and are none. The catalogue's own
     * help may speak of a family of metrics, so it does not count.
     */
    static Set<String> unknownMetricsIn(String text) {
        String withoutHelp = text;
        for (MetricCatalogue metric : MetricCatalogue.values()) {
            withoutHelp = withoutHelp.replace(metric.help(), "");
        }
        Set<String> names = metricsNamedIn(withoutHelp);
        names.removeAll(catalogue());
        return names;
    }

    static Set<String> catalogue() {
        return Arrays.stream(MetricCatalogue.values())
                .map(MetricCatalogue::metricName)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

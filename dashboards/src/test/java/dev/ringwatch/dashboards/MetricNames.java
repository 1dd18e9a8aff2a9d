package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ringwatch.agent.metrics.MetricCatalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The names of series that a text may use, each with its labels: the agent's, and those recorded. */
final class MetricNames {
    /** A name; what ends in {@code _} is the beginning of several, as in a regular expression. */
    private static final Pattern NAME =
            Pattern.compile("(?:\\w+:)?ringwatch_[a-z_]*+(?<=[a-z])(?::\\w+)?");

    private static final Pattern RECORDED =
            Pattern.compile("(?<level>\\w+):(?<metric>\\w+):(?<operations>\\w+)");
    private static final Set<String> TARGET = Set.of("job", "instance");
    private static final List<String> HISTOGRAM = List.of("_bucket", "_sum", "_count");

    private final Map<String, Set<String>> labels = new HashMap<>();

    private MetricNames() {}

    /** Those of the catalogue. */
    static MetricNames ofTheAgent() {
        MetricNames names = new MetricNames();
        for (MetricCatalogue metric : MetricCatalogue.values()) {
            Set<String> of = with(TARGET, metric.labels());
            names.labels.put(metric.metricName(), of);
            if (metric.type() == MetricCatalogue.Type.HISTOGRAM) {
                HISTOGRAM.forEach(
                        suffix ->
                                names.labels.put(
                                        metric.metricName() + suffix, with(of, List.of("le"))));
            }
        }
        return names;
    }

    /** Those of the catalogue, and those that the committed rules record. */
    static MetricNames all() throws IOException {
        MetricNames names = ofTheAgent();
        for (JsonNode group : Checkout.yaml(Checkout.RULES).path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                if (rule.has("record")) {
                    String name = rule.path("record").asText();
                    names.labels.put(name, Set.copyOf(levelOf(name)));
                }
            }
        }
        return names;
    }

    /** The labels that the first part of a recorded name says are left, and {@code job}. */
    static Set<String> levelOf(String recorded) {
        Matcher parts = RECORDED.matcher(recorded);
        Set<String> level = new TreeSet<>(Set.of("job"));
        if (parts.matches()) {
            level.addAll(List.of(parts.group("level").split("_")));
        }
        return level;
    }

    /** Whether a recorded name is LEVEL:METRIC:OPERATIONS, of a metric that there is. */
    boolean describes(String recorded) {
        Matcher parts = RECORDED.matcher(recorded);
        if (!parts.matches()) {
            return false;
        }
        String metric = parts.group("metric");
        boolean rate = parts.group("operations").startsWith("rate");
        return labels.containsKey(metric) || (rate && labels.containsKey(metric + "_total"));
    }

    /** The metrics of the catalogue that a text asks for. */
    static Set<String> metricsIn(String text) {
        Set<String> asked = new TreeSet<>();
        NAME.matcher(text).results().map(found -> metric(found.group())).forEach(asked::add);
        asked.retainAll(catalogue());
        return asked;
    }

    /** The metric that a series belongs to. */
    private static String metric(String series) {
        String histogram = series.replaceFirst("_(bucket|sum|count)$", "");
        return catalogue().contains(series) ? series : histogram;
    }

    /** The metrics of the catalogue. */
    static Set<String> catalogue() {
        return Arrays.stream(MetricCatalogue.values())
                .map(MetricCatalogue::metricName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What a text writes like a name, and is none. */
    Set<String> unknownIn(String text) {
        Set<String> unknown = new TreeSet<>();
        NAME.matcher(withoutHelp(text))
                .results()
                .map(MatchResult::group)
                .filter(name -> !labels.containsKey(name))
                .forEach(unknown::add);
        return unknown;
    }

    /** Labels that an expression asks of a metric that has none such. */
    List<String> unknownLabelsIn(String expression) {
        List<String> unknown = new ArrayList<>();
        for (Selector selector : Selector.in(expression)) {
            Set<String> known = labels.get(selector.name());
            for (String label : selector.labels()) {
                if (known != null && !known.contains(label)) {
                    unknown.add(selector.name() + "{" + label + "}");
                }
            }
        }
        return unknown;
    }

    /** The catalogue's own help may speak of a family of metrics. */
    private static String withoutHelp(String text) {
        String without = text;
        for (MetricCatalogue metric : MetricCatalogue.values()) {
            without = without.replace(metric.help(), "");
        }
        return without;
    }

    private static Set<String> with(Set<String> some, List<String> more) {
        Set<String> both = new TreeSet<>(some);
        both.addAll(more);
        return both;
    }
}

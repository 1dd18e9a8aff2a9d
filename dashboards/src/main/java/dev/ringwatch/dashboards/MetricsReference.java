package dev.ringwatch.dashboards;

import dev.ringwatch.agent.metrics.MetricCatalogue;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The table of all metrics in the metrics reference; the prose around it is written by hand. */
final class MetricsReference {
    static final String BEGIN = "<!-- Generated from MetricCatalogue: begin -->\n";
    static final String END = "<!-- Generated from MetricCatalogue: end -->\n";

    private MetricsReference() {}

    /**
     * The page with its table renewed.
     *
     * @throws IllegalArgumentException if the page has lost the markers around the table
     */
    static String renewed(String page) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException(
                    "the metrics reference lacks the markers "
                            + BEGIN.strip()
                            + " and "
                            + END.strip());
        }
        return page.substring(0, begin + BEGIN.length()) + table() + page.substring(end);
    }

    private static String table() {
        return Arrays.stream(MetricCatalogue.values())
                .map(MetricsReference::line)
                .collect(
                        Collectors.joining(
                                "", "| name | type | labels | meaning |\n|---|---|---|---|\n", ""));
    }

    private static String line(MetricCatalogue metric) {
        String labels =
                metric.labels().stream()
                        .map(MetricsReference::code)
                        .collect(Collectors.joining(", "));
        String type = metric.type().name().toLowerCase(Locale.ROOT);
        return "| %s | %s | %s | %s |\n"
                .formatted(code(metric.metricName()), type, labels, metric.help());
    }

    private static String code(String word) {
        return "`" + word + "`";
    }
}

package dev.ringwatch.dashboards;

import dev.ringwatch.agent.metrics.MetricCatalogue;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Expressions over the agent's metrics, as a dashboard asks them. Names and labels come from the
 * catalogue; every selector matches the dashboard's job and instance, and its group where the
 * metric has one.
 */
final class PromQl {
    /** What every scraped series has, and every selector of a dashboard matches. */
    static final String TARGET = "job=~\"$job\", instance=~\"$instance\"";

    private static final String INSTANCE = "instance";
    private static final String GROUP = "group";

    private PromQl() {}

    /** How the series that differ only in labels the agent does not set become one. */
    enum Merge {
        SUM,
        MIN,
        MAX,
        COUNT;

        String operator() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One line for each instance and each combination of the metric's own labels. */
    static Query each(Merge merge, MetricCatalogue metric) {
        return by(merge, metric, labels(metric));
    }

    /** One line for each combination of some labels. */
    static Query by(Merge merge, MetricCatalogue metric, Set<String> labels) {
        return new Query(merged(merge, selector(metric), labels), legend(labels));
    }

    /** Seconds since the earliest of the moments that a timestamp metric gives; no line where it is absent. */
    static Query age(MetricCatalogue timestamp) {
        Set<String> labels = labels(timestamp);
        String earliest = merged(Merge.MIN, selector(timestamp), labels);
        return new Query("time() - " + earliest, legend(labels));
    }

    /** How much a counter grew over the interval that one point of a graph stands for. */
    static Query growth(MetricCatalogue counter) {
        Set<String> labels = labels(counter);
        String increase = "increase(" + selector(counter) + "[$__rate_interval])";
        return new Query(merged(Merge.SUM, increase, labels), legend(labels));
    }

    /** How much a counter grows in a second. */
    static Query rate(MetricCatalogue counter) {
        Set<String> labels = labels(counter);
        String rate = "rate(" + selector(counter) + "[$__rate_interval])";
        return new Query(merged(Merge.SUM, rate, labels), legend(labels));
    }

    /** What a share of a histogram's values is not above, for each instance. */
    static Query quantile(double share, MetricCatalogue histogram) {
        String buckets = histogram.metricName() + "_bucket{" + TARGET + "}";
        String rate = "sum by (instance, le) (rate(" + buckets + "[$__rate_interval]))";
        return new Query("histogram_quantile(" + share + ", " + rate + ")", "{{instance}}");
    }

    /** The series of a metric that the dashboard's variables choose. */
    static String selector(MetricCatalogue metric) {
        String group = metric.labels().contains(GROUP) ? ", group=~\"$group\"" : "";
        return metric.metricName() + "{" + TARGET + group + "}";
    }

    /** The metric's labels after the one that says which agent it comes from. */
    static Set<String> labels(MetricCatalogue metric) {
        Set<String> labels = new LinkedHashSet<>();
        labels.add(INSTANCE);
        labels.addAll(metric.labels());
        return labels;
    }

    private static String merged(Merge merge, String vector, Set<String> labels) {
        return merge.operator() + " by (" + String.join(", ", labels) + ") (" + vector + ")";
    }

    private static String legend(Set<String> labels) {
        return labels.stream().map(label -> "{{" + label + "}}").collect(Collectors.joining(" "));
    }
}

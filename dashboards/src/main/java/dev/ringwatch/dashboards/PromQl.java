package dev.ringwatch.dashboards;

import static dev.ringwatch.agent.metrics.MetricCatalogue.*;

import dev.ringwatch.agent.metrics.MetricCatalogue;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Expressions over the agent's metrics, as a dashboard asks them. Names and labels come from the
 * catalogue; every selector matches the dashboard's job and instance, and its group where the
 * metric has one.
 */
final class PromQl {
    /** What every scraped series has, and every selector of a dashboard matches. */
    static final String TARGET = "job=~\"$job\", instance=~\"$instance\"";

    /** 0 if any agent has seen all of its machine. */
    static final String ZERO_IF_SEEN =
            "0 * sum(" + OBSERVATION_COMPLETE.metricName() + "{" + TARGET + "} == 1)";

    /** Findings that are certain, and those that are not. */
    static final String DECIDED = "kind!=\"undecided\"";

    static final String UNDECIDED = "kind=\"undecided\"";

    /** Without one of these, an agent looks in vain for what it is there for. */
    static final String MAIN_SOURCES = "source=~\"bpf|proc\"";

    static final String ALL_SOURCES = "source=~\".+\"";

    private static final String INSTANCE = "instance";
    private static final String GROUP = "group";

    /**
     * With "All" chosen, the dashboard's job and instance match every target of Prometheus. What
     * does not come from the agent's catalogue is narrowed to where an agent is.
     */
    private static final String AGENTS = BUILD_INFO.metricName() + "{" + TARGET + "}";

    /** An agent that is chosen alone, and is down, is still seen to be: it was one within a day. */
    private static final String AGENTS_UP =
            "up{" + TARGET + "} and on (job) last_over_time(" + AGENTS + "[1d])";

    /** An agent that has not looked for so long no longer observes; it looks every few seconds. */
    private static final Duration OLD = Duration.ofMinutes(5);

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
    static Query by(Merge merge, MetricCatalogue metric, List<String> labels) {
        return new Query(merged(merge, selector(metric), labels), legend(labels));
    }

    /** One line for all. */
    static Query total(Merge merge, MetricCatalogue metric) {
        return new Query(merge.operator() + "(" + selector(metric) + ")", "");
    }

    /**
     * Open findings.
     *
     * @param kinds a matcher of their kind
     * @param labels one line for each combination of these; one for all if there are none
     */
    static Query findings(String kinds, List<String> labels) {
        String name = FINDINGS.metricName();
        String selected = name + "{" + TARGET + ", group=~\"$group\", " + kinds + "}";
        return new Query(merged(Merge.SUM, selected, labels), legend(labels));
    }

    /** Seconds since the earliest of the moments that a timestamp metric gives; no line where it is absent. */
    static Query age(MetricCatalogue timestamp) {
        return age(timestamp, labels(timestamp));
    }

    static Query age(MetricCatalogue timestamp, List<String> labels) {
        String earliest = merged(Merge.MIN, selector(timestamp), labels);
        return new Query("time() - " + earliest, legend(labels));
    }

    /** How much a counter grew over the interval that one point of a graph stands for. */
    static Query growth(MetricCatalogue counter) {
        return growth(counter, labels(counter));
    }

    static Query growth(MetricCatalogue counter, List<String> labels) {
        String increase = "increase(" + selector(counter) + "[$__rate_interval])";
        return new Query(merged(Merge.SUM, increase, labels), legend(labels));
    }

    /** How much a counter grows in a second. */
    static Query rate(MetricCatalogue counter) {
        return rate(counter, labels(counter));
    }

    static Query rate(MetricCatalogue counter, List<String> labels) {
        return new Query(merged(Merge.SUM, rate(selector(counter)), labels), legend(labels));
    }

    /** What a group's part of a gauge's sum on its machine is, from 0 to 1. */
    static Query shareOf(MetricCatalogue gauge) {
        return shareOf(gauge, selector(gauge), allGroups(gauge));
    }

    /** What a group's part of a counter's growth on its machine is, from 0 to 1. */
    static Query shareOfGrowth(MetricCatalogue counter) {
        return shareOf(counter, rate(selector(counter)), rate(allGroups(counter)));
    }

    private static Query shareOf(MetricCatalogue metric, String part, String whole) {
        List<String> labels = labels(metric);
        String expression =
                merged(Merge.SUM, part, labels)
                        + " / on (instance) group_left () ("
                        + merged(Merge.SUM, whole, List.of(INSTANCE))
                        + " > 0)";
        return new Query(expression, legend(labels));
    }

    private static String allGroups(MetricCatalogue metric) {
        return metric.metricName() + "{" + TARGET + ", group=~\".+\"}";
    }

    /** One counter's growth for each unit of another's, both of the same labels. */
    static Query ratio(MetricCatalogue part, MetricCatalogue whole) {
        Query above = rate(part);
        Query below = rate(whole);
        String expression = above.expression() + " / (" + below.expression() + " > 0)";
        return new Query(expression, above.legend());
    }

    /** What a share of a histogram's values is not above, for each instance. */
    static Query quantile(double share, MetricCatalogue histogram) {
        String buckets = histogram.metricName() + "_bucket{" + TARGET + "}";
        String rate = merged(Merge.SUM, rate(buckets), List.of(INSTANCE, "le"));
        return new Query("histogram_quantile(" + share + ", " + rate + ")", "{{instance}}");
    }

    /** How many values fell into each bucket of a histogram over the interval of a point. */
    static Query buckets(MetricCatalogue histogram) {
        String buckets = histogram.metricName() + "_bucket{" + TARGET + "}";
        return new Query("sum by (le) (increase(" + buckets + "[$__rate_interval]))", "{{le}}");
    }

    /** How many seconds in a second a histogram's values add up to. */
    static Query busy(MetricCatalogue histogram) {
        return busy(histogram, List.of(INSTANCE));
    }

    static Query busy(MetricCatalogue histogram, List<String> labels) {
        String sum = histogram.metricName() + "_sum{" + TARGET + "}";
        return new Query(merged(Merge.SUM, rate(sum), labels), legend(labels));
    }

    /** For each agent that Prometheus knows, 1 if its last scrape succeeded. */
    static Query up() {
        return new Query(merged(Merge.MIN, AGENTS_UP, List.of(INSTANCE)), "{{instance}}");
    }

    /** How many agents answer. */
    static Query agentsThatAnswer() {
        return new Query("sum(" + AGENTS_UP + ")", "");
    }

    /** How many agents do not answer. */
    static Query agentsThatDoNot() {
        return new Query("sum(1 - (" + AGENTS_UP + "))", "");
    }

    /** How many series are 0 of a metric that is 0 or 1, of all or for each combination of labels. */
    static Query zeros(MetricCatalogue metric, List<String> labels) {
        return new Query(merged(Merge.SUM, "1 - " + selector(metric), labels), legend(labels));
    }

    /**
     * Agents of which not all is well, one line for each and what it is, in the label {@code
     * trouble}.
     *
     * @param sources a matcher of the sources that an agent must have
     */
    static Query agentsInTrouble(String sources) {
        String down = SOURCE_UP.metricName() + "{" + TARGET + ", " + sources + "} == 0";
        String old = selector(OBSERVATION_AGE_SECONDS) + " > " + OLD.toSeconds();
        String lost = rate(selector(BPF_EVENTS_LOST_TOTAL)) + " > 0";
        List<String> troubles =
                List.of(
                        trouble("(" + AGENTS_UP + ") == 0", "does not answer"),
                        trouble(selector(OBSERVATION_COMPLETE) + " == 0", "sees only a part"),
                        trouble(old, "has not looked for minutes"),
                        trouble(lost, "loses events"),
                        trouble(down, "source", "source $1 is down"),
                        trouble(selector(LIMIT_REACHED) + " == 1", "limit", "limit $1 is reached"),
                        trouble(
                                selector(CONFIG_LAST_RELOAD_SUCCESSFUL) + " == 0",
                                "file",
                                "$1 is not read"));
        List<String> labels = List.of(INSTANCE, "trouble");
        String all = String.join(" or ", troubles);
        return new Query(merged(Merge.COUNT, all, labels), legend(labels));
    }

    private static String trouble(String vector, String words) {
        return "label_replace(" + vector + ", \"trouble\", \"" + words + "\", \"\", \"\")";
    }

    private static String trouble(String vector, String label, String words) {
        return "label_replace(%s, \"trouble\", \"%s\", \"%s\", \"(.+)\")"
                .formatted(vector, words, label);
    }

    /** One line for each agent and each of some labels. */
    static Query own(Merge merge, OwnMetric metric, String... labels) {
        return ofAgents(merge, metric.metricName() + "{" + TARGET + "}", labels);
    }

    static Query ownRate(OwnMetric counter) {
        return ofAgents(Merge.SUM, rate(counter.metricName() + "{" + TARGET + "}"));
    }

    /** Seconds since a moment that the agent's process gives. */
    static Query ownAge(OwnMetric timestamp) {
        Query moment = own(Merge.MAX, timestamp);
        return new Query("time() - " + moment.expression(), moment.legend());
    }

    /** Alerts of the project that fire. */
    static Query alerts(List<String> labels) {
        return new Query(merged(Merge.SUM, firing(), labels), legend(labels));
    }

    /** Each alert that fires, for a mark on the graphs. */
    static Query firingAlerts() {
        return new Query(firing(), "{{alertname}}");
    }

    private static String firing() {
        return "ALERTS{alertname=~\"Ringwatch.+\", alertstate=\"firing\", " + TARGET + "}";
    }

    /** The series of a metric that the dashboard's variables choose. */
    static String selector(MetricCatalogue metric) {
        String group = metric.labels().contains(GROUP) ? ", group=~\"$group\"" : "";
        return metric.metricName() + "{" + TARGET + group + "}";
    }

    /** The metric's labels after the one that says which agent it comes from. */
    static List<String> labels(MetricCatalogue metric) {
        return Stream.concat(Stream.of(INSTANCE), metric.labels().stream()).toList();
    }

    private static Query ofAgents(Merge merge, String vector, String... more) {
        List<String> labels = Stream.concat(Stream.of(INSTANCE), Stream.of(more)).toList();
        String narrowed = vector + " and on (job, instance) " + AGENTS;
        return new Query(merged(merge, narrowed, labels), legend(labels));
    }

    private static String rate(String selector) {
        return "rate(" + selector + "[$__rate_interval])";
    }

    private static String merged(Merge merge, String vector, List<String> labels) {
        String by = labels.isEmpty() ? "" : " by (" + String.join(", ", labels) + ") ";
        return merge.operator() + by + "(" + vector + ")";
    }

    private static String legend(List<String> labels) {
        return labels.stream().map(label -> "{{" + label + "}}").collect(Collectors.joining(" "));
    }
}

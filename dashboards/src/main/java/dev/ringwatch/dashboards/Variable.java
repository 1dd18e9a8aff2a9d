package dev.ringwatch.dashboards;

import static dev.ringwatch.agent.metrics.MetricCatalogue.*;

import dev.ringwatch.agent.metrics.MetricCatalogue;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the reader of a dashboard chooses at its top. */
sealed interface Variable {
    /** The Prometheus server that is asked. */
    record DataSource() implements Variable {}

    /**
     * Values of a label, any number of them or all.
     *
     * @param name the label, and what expressions call it
     * @param selector the series whose values are offered
     * @param first which are chosen when nobody has chosen yet
     */
    record LabelValues(String name, String title, String selector, First first)
            implements Variable {}

    /** What a dashboard shows before its reader chooses. */
    enum First {
        ALL,
        /** One, where Grafana can (11 and later; 10 takes all): all of a fleet is too much. */
        ONE
    }

    /** For agents: the data source, and which of its targets. */
    static List<Variable> ofAgents(First instance) {
        String agents = BUILD_INFO.metricName();
        return List.of(
                new DataSource(),
                new LabelValues("job", "Job", agents, First.ALL),
                new LabelValues("instance", "Instance", agents + "{job=~\"$job\"}", instance));
    }

    /** For what agents say of the groups on their machines. */
    static List<Variable> ofGroups(First instance, First group) {
        LabelValues groups = new LabelValues("group", "Group", anyGroup(), group);
        return Stream.concat(ofAgents(instance).stream(), Stream.of(groups)).toList();
    }

    /** A group has rings, descriptors in flight or findings, not always all of them. */
    private static String anyGroup() {
        String names =
                Stream.of(URING_RINGS, UNIX_INFLIGHT_FDS, FINDINGS)
                        .map(MetricCatalogue::metricName)
                        .collect(Collectors.joining("|"));
        return "{__name__=~\"" + names + "\", " + PromQl.TARGET + "}";
    }
}

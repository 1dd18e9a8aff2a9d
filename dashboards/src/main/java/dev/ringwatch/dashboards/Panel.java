package dev.ringwatch.dashboards;

import dev.ringwatch.agent.metrics.MetricCatalogue;
import dev.ringwatch.dashboards.PromQl.Merge;
import java.util.List;

/** One panel: its words, its unit, how it looks and what it asks. */
record Panel(String title, String description, Unit unit, Look look, List<Query> queries) {
    Panel {
        queries = List.copyOf(queries);
    }

    /**
     * A graph of one metric, described by the metric's own help.
     *
     * @param reading how to read it, added to the help; may be empty
     */
    static Panel lines(
            String title, MetricCatalogue metric, String reading, Unit unit, Query query) {
        return new Panel(title, describe(metric, reading), unit, new Look.Lines(), List.of(query));
    }

    /**
     * States over time of one metric that is 0 or 1, described by the metric's own help. Of several
     * series for one line, the state that is not normal shows.
     */
    static Panel states(String title, MetricCatalogue metric, String reading, Look.States states) {
        Query query = PromQl.each(states.normal() == 1 ? Merge.MIN : Merge.MAX, metric);
        return new Panel(title, describe(metric, reading), Unit.YES_NO, states, List.of(query));
    }

    static String describe(MetricCatalogue metric, String reading) {
        return (metric.help() + " " + reading).strip();
    }
}

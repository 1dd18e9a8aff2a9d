package dev.ringwatch.dashboards;

import dev.ringwatch.agent.metrics.MetricCatalogue;
import dev.ringwatch.dashboards.Look.Figure;
import dev.ringwatch.dashboards.Look.Span;
import dev.ringwatch.dashboards.PromQl.Merge;
import java.util.List;

/**
 * What some queries answer: its words, its unit, how it looks and where a click on it leads.
 *
 * @param links from each value of a graph; a table has its links in its columns
 */
record Panel(
        String title,
        String description,
        Unit unit,
        Look look,
        List<Query> queries,
        List<Link> links)
        implements Tile {
    Panel {
        queries = List.copyOf(queries);
        links = List.copyOf(links);
    }

    Panel(String title, String description, Unit unit, Look look, Query... queries) {
        this(title, description, unit, look, List.of(queries), List.of());
    }

    /**
     * A graph of one metric, described by the metric's own help.
     *
     * @param reading how to read it, added to the help; may be empty
     */
    static Panel lines(
            String title, MetricCatalogue metric, String reading, Unit unit, Query query) {
        return lines(title, describe(metric, reading), unit, query);
    }

    static Panel lines(String title, String description, Unit unit, Query... queries) {
        return new Panel(title, description, unit, new Look.Lines(), queries);
    }

    /** A graph of a gauge's sums. */
    static Panel sum(String title, MetricCatalogue gauge, String reading) {
        return lines(title, gauge, reading, Unit.COUNT, PromQl.each(Merge.SUM, gauge));
    }

    /** A graph of how much a counter grew in each interval. */
    static Panel growth(String title, MetricCatalogue counter, String reading) {
        return lines(title, counter, increase(reading), Unit.COUNT, PromQl.growth(counter));
    }

    /** A graph of how fast a counter grows. */
    static Panel rate(String title, MetricCatalogue counter, String reading, Query rate) {
        String perSecond = ("Shown per second. " + reading).strip();
        return lines(title, counter, perSecond, Unit.PER_SECOND, rate);
    }

    /** A graph of how much of each second a counter of seconds grows. */
    static Panel time(String title, MetricCatalogue counter, String reading, Query rate) {
        String perSecond = ("Shown as time in each second. " + reading).strip();
        return lines(title, counter, perSecond, Unit.SECONDS, rate);
    }

    /** How to read a counter's growth, and what it means. */
    static String increase(String reading) {
        return ("Shown as the increase over the time that a point stands for. " + reading).strip();
    }

    /** A graph of the value that 99 in 100 of a histogram's are not above. */
    static Panel slowest(String title, MetricCatalogue histogram, String reading) {
        return lines(title, histogram, reading, Unit.SECONDS, PromQl.quantile(0.99, histogram));
    }

    /**
     * States over time of one metric that is 0 or 1, described by the metric's own help. Of several
     * series for one line, the state that is not normal shows.
     */
    static Panel states(String title, MetricCatalogue metric, String reading, Look.States states) {
        Query query = PromQl.each(states.normal() == 1 ? Merge.MIN : Merge.MAX, metric);
        return new Panel(title, describe(metric, reading), Unit.YES_NO, states, query);
    }

    /** A number of now, or "no data". */
    static Panel figure(String title, String description, Unit unit, Levels levels, Query query) {
        return figure(title, description, unit, levels, Figure.NO_DATA, query);
    }

    /**
     * A number of now.
     *
     * @param absent what it says where there is none
     */
    static Panel figure(
            String title,
            String description,
            Unit unit,
            Levels levels,
            Look.State absent,
            Query query) {
        return new Panel(title, description, unit, new Figure(Span.NOW, levels, absent), query);
    }

    /** How much a gauge's sum grew over the time that the dashboard shows. */
    static Panel change(String title, String description, Levels levels, Query query) {
        Look look = new Figure(Span.CHANGE, levels, Figure.NO_DATA);
        return new Panel(title, description, Unit.COUNT, look, query);
    }

    /** With a link from each of its values. */
    Panel linkedTo(Link link) {
        return new Panel(title, description, unit, look, queries, List.of(link));
    }

    static String describe(MetricCatalogue metric, String reading) {
        return (metric.help() + " " + reading).strip();
    }
}

package dev.ringwatch.agent.page;

import static j2html.TagCreator.details;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.page.Tables.Column;
import j2html.tags.DomContent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** How the agent itself does. */
final class AgentPart {
    private static final List<Column> SOURCES =
            List.of(
                    Column.text("Source"),
                    Column.text("State"),
                    Column.number("Took"),
                    Column.text("Detail"));

    private AgentPart() {}

    static DomContent of(State state) {
        AgentStatus status = state.status();
        Facts facts =
                new Facts()
                        .add("Version", status.version())
                        .add("Watches since", Words.moment(state.started()))
                        .add("Looks every", Words.age(state.interval()));
        state.tracked()
                .ifPresent(
                        t ->
                                facts.add("Looked", Words.count(t.observations(), "time"))
                                        .add("Last look took", Words.took(t.observation().took())));
        facts.add("eBPF maps", Words.bytes(bytes(status)));
        if (status.eventsLost().isPresent()) {
            facts.add("Events lost", Words.number(status.eventsLost().getAsLong()));
        } else {
            facts.addUnknown("Events lost", "no events are counted here");
        }
        facts.add("Limits reached", limits(status));
        facts.add("Configuration", files(status));
        return section(
                        h2("The agent").withId("agent-head"),
                        facts.list(),
                        Tables.of(
                                "agent",
                                "What the agent sees with",
                                SOURCES,
                                state.sources().stream().map(AgentPart::source).toList()),
                        features(status))
                .withId("agent")
                .attr("aria-labelledby", "agent-head")
                .withData("part", "agent");
    }

    private static long bytes(AgentStatus status) {
        return status.maps().stream().mapToLong(AgentStatus.BpfMap::bytes).sum();
    }

    /** The server's are counted from its start. */
    private static String limits(AgentStatus status) {
        List<String> met =
                Stream.concat(
                                status.limits().entrySet().stream()
                                        .filter(Map.Entry::getValue)
                                        .map(Map.Entry::getKey),
                                status.httpLimits().entrySet().stream()
                                        .filter(e -> e.getValue() > 0)
                                        .map(
                                                e ->
                                                        e.getKey()
                                                                + " ("
                                                                + Words.count(e.getValue(), "time")
                                                                + ")"))
                        .sorted()
                        .toList();
        return met.isEmpty() ? "none" : String.join(", ", met);
    }

    private static String files(AgentStatus status) {
        List<String> wrong =
                status.files().entrySet().stream()
                        .filter(e -> !e.getValue())
                        .map(Map.Entry::getKey)
                        .sorted()
                        .toList();
        return wrong.isEmpty()
                ? "as it was read last"
                : "cannot be used, the one before holds: " + String.join(", ", wrong);
    }

    private static DomContent source(SourceReport report) {
        boolean asked = !report.took().equals(Duration.ZERO);
        return tr(
                Tables.rowHead(text(report.source().label())),
                td(
                        span(report.up() ? "up" : "down")
                                .withClass("badge " + (report.up() ? "good" : "warn"))),
                asked
                        ? Tables.number(report.took().toNanos(), Words.took(report.took()))
                        : Tables.nothing(),
                td(report.detail()));
    }

    private static DomContent features(AgentStatus status) {
        List<DomContent> rows =
                new TreeMap<>(status.features())
                        .entrySet().stream()
                                .<DomContent>map(
                                        e ->
                                                tr(
                                                        Tables.rowHead(text(e.getKey())),
                                                        td(e.getValue() ? "works" : "does not")))
                                .toList();
        return details(
                        summary("What works here"),
                        Tables.of(
                                "features",
                                "What works here",
                                List.of(Column.text("Feature"), Column.text("State")),
                                rows))
                .withId("features");
    }
}

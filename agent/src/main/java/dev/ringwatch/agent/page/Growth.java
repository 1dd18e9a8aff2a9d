package dev.ringwatch.agent.page;

import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import dev.ringwatch.agent.page.Tables.Column;
import dev.ringwatch.agent.track.Figure;
import dev.ringwatch.agent.track.HistoryView;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What was held over the last hour: a chart of each figure, and the same as numbers. The charts here
 * are lines without a scale; a script puts better ones in their place.
 */
final class Growth {
    private static final int MOST_GROUPS = 30;

    /** In the order in which they are shown; findings have a table of their own. */
    private static final List<Figure> FIGURES =
            List.of(
                    Figure.REGISTERED_FILES,
                    Figure.REGISTERED_ONLY_FILES,
                    Figure.INFLIGHT_FDS,
                    Figure.RINGS,
                    Figure.INFLIGHT_REQUESTS);

    private final HistoryView history;

    private Growth(HistoryView history) {
        this.history = history;
    }

    /** From the first time at which a figure was known to the last point. */
    private record Change(OptionalLong first, OptionalLong now, Duration over) {}

    static DomContent of(State state) {
        return new Growth(state.history()).part();
    }

    private static String name(Figure figure) {
        return switch (figure) {
            case REGISTERED_FILES -> "Files in ring tables";
            case REGISTERED_ONLY_FILES -> "Files only in ring tables";
            case INFLIGHT_FDS -> "Descriptors in flight";
            case RINGS -> "Rings";
            case INFLIGHT_REQUESTS -> "Requests in flight";
            case FINDINGS -> "Findings";
        };
    }

    private DomContent part() {
        return section(
                        h2("The last hour").withId("growth-head"),
                        div().withClass("charts").with(each(FIGURES, this::chart)),
                        numbers())
                .withId("growth")
                .attr("aria-labelledby", "growth-head")
                .withData("history", "/api/v1/history");
    }

    private DomContent chart(Figure figure) {
        IntFunction<OptionalLong> values = i -> history.total(figure, i);
        String id = "caption-" + figure.label();
        return figure().withClass("chart")
                .withData("figure", figure.label())
                .with(
                        figcaption(
                                        span(name(figure)).withClass("name"),
                                        now(values),
                                        span(changed(change(values))).withClass("change"))
                                .withId(id)
                                .withData("part", id),
                        div(rawHtml(Sparkline.svg(values, history.size())))
                                .withClass("plot")
                                .attr("role", "img")
                                .attr("aria-labelledby", id));
    }

    private DomContent now(IntFunction<OptionalLong> values) {
        OptionalLong now = change(values).now();
        return now.isPresent()
                ? span(Words.number(now.getAsLong())).withClass("now")
                : span("unknown").withClass("now unknown");
    }

    private Change change(IntFunction<OptionalLong> values) {
        int last = history.size() - 1;
        if (last < 0) {
            return new Change(OptionalLong.empty(), OptionalLong.empty(), Duration.ZERO);
        }
        int first =
                IntStream.rangeClosed(0, last)
                        .filter(i -> values.apply(i).isPresent())
                        .findFirst()
                        .orElse(last);
        return new Change(
                values.apply(first),
                values.apply(last),
                Duration.ofSeconds(history.time(last) - history.time(first)));
    }

    /** {@code +12 in 58 min}; nothing if it is not known. */
    private static String changed(Change change) {
        if (change.first().isEmpty() || change.now().isEmpty()) {
            return "";
        }
        return signed(change.now().getAsLong() - change.first().getAsLong())
                + " in "
                + minutes(change.over());
    }

    private static String signed(long n) {
        return n == 0 ? "±0" : n > 0 ? "+" + Words.number(n) : "−" + Words.number(-n);
    }

    private static String minutes(Duration over) {
        return over.toMinutes() < 1 ? over.toSeconds() + " s" : over.toMinutes() + " min";
    }

    private DomContent numbers() {
        List<Column> columns =
                Stream.concat(
                                Stream.of(Column.text("Whose")),
                                FIGURES.stream().map(f -> Column.number(name(f))))
                        .toList();
        List<DomContent> rows = new ArrayList<>();
        rows.add(row(Tables.rowHead(text("The whole machine")), f -> i -> history.total(f, i)));
        List<String> groups =
                history.groups().stream()
                        .sorted(Comparator.comparingLong(this::weight).reversed())
                        .toList();
        groups.stream()
                .limit(MOST_GROUPS)
                .forEach(g -> rows.add(row(Tables.rowHead(g), f -> i -> history.of(g, f, i))));
        var part =
                div().withData("part", "growth-numbers")
                        .with(
                                p("Now, and the change over the time that is known.")
                                        .withClass("small"),
                                Tables.of("growth", "The last hour in numbers", columns, rows));
        if (groups.size() > MOST_GROUPS) {
            part.with(p("And " + Words.count(groups.size() - MOST_GROUPS, "more group") + "."));
        }
        return details(summary("In numbers, by group"), part).withId("growth-numbers");
    }

    /** What a group has held most of, of whatever kind. */
    private long weight(String group) {
        return FIGURES.stream()
                .flatMapToLong(
                        figure ->
                                IntStream.range(0, history.size())
                                        .mapToLong(i -> history.of(group, figure, i).orElse(0)))
                .max()
                .orElse(0);
    }

    private DomContent row(DomContent head, Function<Figure, IntFunction<OptionalLong>> valuesOf) {
        return tr(head).with(each(FIGURES, figure -> cell(change(valuesOf.apply(figure)))));
    }

    private static TdTag cell(Change change) {
        if (change.now().isEmpty()) {
            return Tables.unknown();
        }
        TdTag cell = Tables.number(change.now());
        return change.first().isPresent()
                ? cell.with(
                        span(" " + signed(change.now().getAsLong() - change.first().getAsLong()))
                                .withClass("small"))
                : cell;
    }
}

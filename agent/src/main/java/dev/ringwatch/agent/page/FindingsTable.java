package dev.ringwatch.agent.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import dev.ringwatch.agent.page.Tables.Column;
import dev.ringwatch.agent.report.FindingWords;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.Tracked;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** What was found, and what was found and is gone. */
final class FindingsTable {
    /** So many of one kind and group are told one by one; more are alike, and the API has them all. */
    private static final int MOST_ALIKE = 5;

    /** Of kinds and groups. */
    private static final int MOST = 50;

    private static final int MOST_CLOSED = 20;

    private FindingsTable() {}

    /** What is there now. */
    static DomContent open(Tracked tracked, List<Finding> findings) {
        var part =
                section(h2("Findings").withId("findings-head"))
                        .withId("findings")
                        .attr("aria-labelledby", "findings-head")
                        .withData("part", "findings");
        if (findings.isEmpty()) {
            return part.with(p("None now.").withClass("none"));
        }
        Map<Alike, List<Finding>> alike = new LinkedHashMap<>();
        findings.forEach(
                f ->
                        alike.computeIfAbsent(
                                        new Alike(f.kind(), f.group()), a -> new ArrayList<>())
                                .add(f));
        List<DomContent> rows = new ArrayList<>();
        List<List<Finding>> shown = alike.values().stream().limit(MOST).toList();
        Iterator<FindingWords> words =
                FindingWords.of(tracked, shown.stream().flatMap(s -> told(s).stream()).toList())
                        .iterator();
        shown.forEach(same -> addRows(tracked, same, words, rows));
        part.with(
                Tables.of(
                        "findings", "Findings, the gravest kind first", columns("Process"), rows));
        return alike.size() <= MOST
                ? part
                : part.with(
                        p(
                                text("And of " + (alike.size() - MOST) + " more groups, in "),
                                a("the API").withHref("/api/v1/leaks?format=text"),
                                text(".")));
    }

    private record Alike(FindingKind kind, String group) {}

    private static List<Finding> told(List<Finding> same) {
        return same.subList(0, Math.min(MOST_ALIKE, same.size()));
    }

    private static void addRows(
            Tracked tracked,
            List<Finding> same,
            Iterator<FindingWords> words,
            List<DomContent> rows) {
        List<Finding> told = told(same);
        told.forEach(f -> rows.add(open(words.next())));
        if (same.size() > told.size()) {
            Finding first = same.getFirst();
            OptionalInt pid = tracked.groups().process(first.files().getFirst());
            String all =
                    "/api/v1/leaks?format=text" + (pid.isPresent() ? "&pid=" + pid.getAsInt() : "");
            rows.add(
                    tr(
                            td(badge(first.kind())),
                            Tables.rowHead(
                                    a(Words.number(same.size() - told.size()) + " more like this")
                                            .withHref(all)),
                            td(code(first.group())),
                            td().withData("value", "0"),
                            td()));
        }
    }

    private static List<Column> columns(String last) {
        return Stream.of("Kind", "What", "Group", "Seen for", last).map(Column::text).toList();
    }

    private static DomContent open(FindingWords f) {
        return tr(
                td(badge(f.kind())),
                what(f),
                td(code(f.group())),
                seen(f),
                td(f.owner().isEmpty() ? "none" : f.owner()));
    }

    private static DomContent what(FindingWords f) {
        return Tables.rowHead(a(f.what()).withHref(Pages.FINDINGS + f.id()));
    }

    private static TdTag seen(FindingWords f) {
        return age(f.age()).withTitle("first seen " + Words.at(f.since()));
    }

    /** How long something was seen: it may have been there before. */
    private static TdTag age(Duration age) {
        return td("at least " + Words.age(age)).withData("value", Long.toString(age.toMillis()));
    }

    static DomContent badge(FindingKind kind) {
        return span(Kinds.name(kind)).withClass("badge " + Kinds.look(kind));
    }

    /** What is gone. */
    static DomContent closed(State state) {
        int more = state.closed().size() - MOST_CLOSED;
        var part =
                section(
                                h2("Closed in the last day").withId("closed-head"),
                                Tables.of(
                                        "closed",
                                        "Findings that are not seen any more, the latest first",
                                        columns("Closed"),
                                        state.closed().stream()
                                                .limit(MOST_CLOSED)
                                                .map(c -> closed(c, state))
                                                .toList()))
                        .withId("closed")
                        .attr("aria-labelledby", "closed-head");
        return more > 0
                ? part.with(p("And " + Words.number(more) + " that were closed before."))
                : part;
    }

    private static DomContent closed(State.Closed closed, State state) {
        FindingWords f = closed.finding();
        return tr(
                td(span(Kinds.name(f.kind())).withClass("badge gone")),
                what(f),
                td(code(f.group())),
                seen(f),
                td(Words.ago(closed.at(), state.now()))
                        .withData("value", Long.toString(-closed.at().getEpochSecond())));
    }
}

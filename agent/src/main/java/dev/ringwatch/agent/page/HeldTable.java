package dev.ringwatch.agent.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.tr;

import dev.ringwatch.agent.page.Tables.Column;
import dev.ringwatch.agent.track.Figure;
import dev.ringwatch.agent.track.Held;
import dev.ringwatch.agent.track.Holdings;
import dev.ringwatch.agent.track.Tracked;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What each group holds. */
final class HeldTable {
    private static final int MOST = 200;

    /** From this share of a limit on a cell is marked; a table may be meant to be full. */
    private static final double NEAR = 0.8;

    private static final List<Column> COLUMNS =
            List.of(
                    Column.text("Group"),
                    Column.number("Rings"),
                    Column.number("Files in tables"),
                    Column.number("Only in tables"),
                    Column.number("In flight"),
                    Column.number("Oldest waits"),
                    Column.number("Requests"),
                    Column.number("Nearest limit"),
                    Column.number("Findings"));

    private final State state;
    private final Holdings holdings;

    private HeldTable(State state, Tracked tracked) {
        this.state = state;
        holdings = tracked.holdings();
    }

    static DomContent of(State state, Tracked tracked) {
        return new HeldTable(state, tracked).part();
    }

    private DomContent part() {
        List<String> groups =
                holdings.byGroup().keySet().stream()
                        .filter(this::holdsSomething)
                        .sorted(
                                Comparator.comparingLong(this::weight)
                                        .reversed()
                                        .thenComparing(g -> g))
                        .toList();
        var part =
                section(h2("What is held").withId("held-head"))
                        .withId("held")
                        .attr("aria-labelledby", "held-head")
                        .withData("part", "held");
        if (groups.isEmpty()) {
            String none =
                    holdings.complete()
                            ? "No rings, and no descriptors in flight."
                            : "Nothing was seen, and not everything could be.";
            return part.with(p(none).withClass("none"));
        }
        part.with(
                Tables.of(
                        "held",
                        "What each group holds: a service, a container or a command",
                        COLUMNS,
                        groups.stream().limit(MOST).map(this::row).toList()));
        if (groups.size() > MOST) {
            part.with(p("And " + Words.count(groups.size() - MOST, "more group") + "."));
        }
        if (!holdings.tableFilesKnown()) {
            part.with(withoutBpf());
        }
        return part;
    }

    private DomContent withoutBpf() {
        String why = state.whyNoBpf().orElse("its source is down");
        return p("What only tables hold is unknown without eBPF: " + why + ".").withClass("small");
    }

    private boolean holdsSomething(String group) {
        return holdings.group(group).figures().values().stream().anyMatch(n -> n > 0);
    }

    private long weight(String group) {
        Held held = holdings.group(group);
        return held.counted(Figure.REGISTERED_FILES).orElse(0)
                + held.counted(Figure.INFLIGHT_FDS).orElse(0)
                + held.counted(Figure.RINGS).orElse(0);
    }

    private DomContent row(String group) {
        Held held = holdings.group(group);
        return tr(
                Tables.rowHead(a(code(group)).withHref(GroupPage.address(group))),
                figure(group, Figure.RINGS),
                files(group, held),
                figure(group, Figure.REGISTERED_ONLY_FILES),
                figure(group, Figure.INFLIGHT_FDS),
                held.oldestInflight()
                        .map(since -> Tables.age(since, state.now()))
                        .orElseGet(Tables::nothing),
                figure(group, Figure.INFLIGHT_REQUESTS),
                limit(held),
                figure(group, Figure.FINDINGS));
    }

    private TdTag figure(String group, Figure figure) {
        return Tables.number(holdings.of(group, figure));
    }

    private TdTag files(String group, Held held) {
        TdTag cell = figure(group, Figure.REGISTERED_FILES);
        OptionalLong slots = held.fileTableSlots();
        return slots.orElse(0) > 0
                ? cell.with(span(" of " + Words.number(slots.getAsLong())).withClass("small"))
                : cell;
    }

    private static TdTag limit(Held held) {
        OptionalDouble table = held.worstTableUsage();
        OptionalDouble inflight = held.worstLimitRatio();
        if (table.isEmpty() && inflight.isEmpty()) {
            return Tables.nothing();
        }
        boolean tableIsNearer = table.orElse(-1) >= inflight.orElse(-1);
        double share = tableIsNearer ? table.getAsDouble() : inflight.getAsDouble();
        TdTag cell =
                Tables.number(Math.round(share * 1000), Words.percent(share))
                        .withTitle(
                                tableIsNearer
                                        ? "of the slots of the fullest file table"
                                        : "of the descriptors that the user may have in flight");
        return !tableIsNearer && share >= NEAR ? cell.withClass("n near") : cell;
    }
}

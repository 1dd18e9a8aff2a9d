package dev.ringwatch.agent.page;

import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.page.Tables.Column;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Tracked;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** What is nearest to a limit of the kernel's, beyond which calls fail. */
final class LimitsPart {
    private static final int MOST = 8;

    /** Less is nobody's business. */
    private static final double LEAST = 0.01;

    private static final double NEAR = 0.8;

    private static final List<Column> COLUMNS =
            List.of(
                    Column.text("Of"),
                    Column.text("Limit"),
                    Column.number("Used"),
                    Column.number("Of at most"),
                    Column.number("Share"));

    private final Observation observation;
    private final Groups groups;

    private LimitsPart(Tracked tracked) {
        observation = tracked.observation();
        groups = tracked.groups();
    }

    /** How much of one thing is used. */
    private record Use(
            String whose, String what, String used, String limit, double share, Beyond beyond) {}

    /** What becomes of who needs more. */
    private enum Beyond {
        CALLS_FAIL,
        /** It has the power to exceed the limit. */
        NOTHING,
        /** The table may be meant to be full. */
        MAYBE_NOTHING
    }

    static DomContent of(Tracked tracked) {
        return new LimitsPart(tracked).part();
    }

    private DomContent part() {
        List<Use> uses =
                Stream.of(inflight(), locked(), tables())
                        .flatMap(List::stream)
                        .filter(u -> u.share() >= LEAST)
                        .sorted(Comparator.comparingDouble(Use::share).reversed())
                        .toList();
        var part =
                section(h2("Limits").withId("limits-head"))
                        .withId("limits")
                        .attr("aria-labelledby", "limits-head")
                        .withData("part", "limits");
        if (!usersAreKnown()) {
            part.with(
                    p("What users have in flight and locked is unknown: eBPF could not tell it.")
                            .withClass("small"));
        }
        String none =
                observation.complete()
                        ? "Nothing is near a limit."
                        : "Nothing that could be seen is near a limit.";
        part.with(
                uses.isEmpty()
                        ? p(none).withClass("none")
                        : Tables.of(
                                "limits",
                                "What is nearest to its limit",
                                COLUMNS,
                                uses.stream().limit(MOST).map(LimitsPart::row).toList()));
        return uses.size() > MOST
                ? part.with(p("And " + Words.number(uses.size() - MOST) + " that are less near."))
                : part;
    }

    /** A machine that was seen whole may have no process that counts. */
    private boolean usersAreKnown() {
        return observation.complete()
                || observation.processes().values().stream()
                        .anyMatch(p -> p.inflight().isPresent());
    }

    private static DomContent row(Use use) {
        TdTag share = Tables.number(Math.round(use.share() * 1000), Words.percent(use.share()));
        return tr(
                Tables.rowHead(text(use.whose())),
                td(use.what() + (use.beyond() == Beyond.NOTHING ? " (may be exceeded)" : "")),
                td(use.used()).withClass("n"),
                td(use.limit()).withClass("n"),
                use.share() >= NEAR && use.beyond() == Beyond.CALLS_FAIL
                        ? share.withClass("n near")
                        : share);
    }

    /** By user, the process with the least limit. */
    private List<Use> inflight() {
        Map<Integer, Use> worst = new HashMap<>();
        for (ProcessFacts p : observation.processes().values()) {
            p.inflight()
                    .ifPresent(
                            i ->
                                    worst.merge(
                                            p.uid(),
                                            new Use(
                                                    "user " + p.uid(),
                                                    "descriptors in flight",
                                                    Words.number(i.count()),
                                                    Words.number(i.limit()),
                                                    i.ratio(),
                                                    beyond(i.exempt())),
                                            LimitsPart::worse));
        }
        return List.copyOf(worst.values());
    }

    private List<Use> locked() {
        Map<Integer, Use> worst = new HashMap<>();
        for (ProcessFacts p : observation.processes().values()) {
            p.locked()
                    .ifPresent(
                            l ->
                                    worst.merge(
                                            p.uid(),
                                            new Use(
                                                    "user " + p.uid(),
                                                    "locked memory",
                                                    Words.bytes(l.bytes()),
                                                    Words.bytes(l.limit()),
                                                    l.ratio(),
                                                    beyond(l.exempt())),
                                            LimitsPart::worse));
        }
        return List.copyOf(worst.values());
    }

    private static Beyond beyond(boolean exempt) {
        return exempt ? Beyond.NOTHING : Beyond.CALLS_FAIL;
    }

    /** Who may not exceed the limit comes before who may. */
    private static Use worse(Use one, Use other) {
        if (one.beyond() != other.beyond()) {
            return one.beyond() == Beyond.CALLS_FAIL ? one : other;
        }
        return one.share() >= other.share() ? one : other;
    }

    private List<Use> tables() {
        List<Use> uses = new ArrayList<>();
        for (RingFacts ring : observation.rings()) {
            OptionalInt used = ring.registeredFiles();
            int slots = ring.fileTableSlots().orElse(0);
            if (used.isPresent() && slots > 0) {
                uses.add(
                        new Use(
                                groups.of(ring.file()),
                                "slots of a ring's file table",
                                Words.number(used.getAsInt()),
                                Words.number(slots),
                                (double) used.getAsInt() / slots,
                                Beyond.MAYBE_NOTHING));
            }
        }
        return uses;
    }
}

package dev.ringwatch.agent.page;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.page.Tables.Column;
import dev.ringwatch.agent.track.Tracked;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** The kernel's AF_UNIX collector: what it does, who makes it run and who waits for it. */
final class CollectorPart {
    private static final int MOST = 20;

    /** What is counted of each group. */
    private enum Measure {
        QUEUED("Made it run", EventKind.COLLECTOR_RUNS_QUEUED, Source.COLLECTOR),
        WAITED("Waited for it", EventKind.COLLECTOR_WAIT_NANOS, Source.WAITS),
        REFUSED("Sends refused", EventKind.SENDS_REJECTED, Source.HOT);

        private final String head;
        private final EventKind kind;
        private final Source source;

        Measure(String head, EventKind kind, Source source) {
            this.head = head;
            this.kind = kind;
            this.source = source;
        }
    }

    private final State state;
    private final Tracked tracked;

    private CollectorPart(State state, Tracked tracked) {
        this.state = state;
        this.tracked = tracked;
    }

    static DomContent of(State state, Tracked tracked) {
        return new CollectorPart(state, tracked).part();
    }

    private DomContent part() {
        var part =
                section(
                                h2("The collector").withId("collector-head"),
                                p("The kernel frees sockets that only hold each other in flight. Its"
                                                + " collector runs for the whole machine, and who sends"
                                                + " descriptors may have to wait for it.")
                                        .withClass("lead"))
                        .withId("collector")
                        .attr("aria-labelledby", "collector-head")
                        .withData("part", "collector");
        part.with(
                tracked.observation()
                        .activity()
                        .flatMap(Activity::collector)
                        .map(this::facts)
                        .orElseGet(this::unknown));
        return part.with(groups());
    }

    private DomContent unknown() {
        return p("What it does is unknown: " + why(Source.COLLECTOR) + ".").withClass("unknown");
    }

    private String why(Source source) {
        return state.sources().stream()
                .filter(s -> s.source() == source && !s.up())
                .map(SourceReport::detail)
                .findFirst()
                .or(state::whyNoBpf)
                .orElse("it is counted with features: {" + source.label() + ": on}");
    }

    private DomContent facts(Activity.CollectorRuns runs) {
        long count = runs.durations().count();
        Duration sum = runs.durations().sum();
        OptionalInt inFlight = tracked.observation().inFlightSockets();
        Facts facts =
                new Facts()
                        .add("Runs", Words.number(count))
                        .add(
                                "Last run",
                                runs.lastRun()
                                        .map(at -> Words.ago(at, state.now()))
                                        .orElseGet(() -> text("none yet")))
                        .add("Time in all", Words.took(sum))
                        .add("Time a run", count == 0 ? "–" : Words.took(sum.dividedBy(count)));
        addFreed(facts, "Sockets freed", runs.freedSockets());
        addFreed(facts, "Descriptors freed", runs.freedFds());
        if (inFlight.isPresent()) {
            facts.add("Sockets in flight", Words.number(inFlight.getAsInt()));
        } else {
            facts.addUnknown("Sockets in flight", "it could not be read");
        }
        runs.cyclic()
                .ifPresentOrElse(
                        cyclic -> facts.add("May be a loop", cyclic ? "yes" : "no"),
                        () ->
                                facts.addUnknown(
                                        "May be a loop", "this kernel does not let it be read"));
        return facts.list();
    }

    private void addFreed(Facts facts, String name, OptionalLong n) {
        if (n.isPresent()) {
            facts.add(name, Words.number(n.getAsLong()));
        } else {
            facts.addUnknown(name, why(Source.FREED));
        }
    }

    /** Who makes it run and who waits, side by side. */
    private DomContent groups() {
        Set<String> all = new TreeSet<>();
        for (Measure measure : Measure.values()) {
            all.addAll(counts(measure).keySet());
        }
        if (all.isEmpty()) {
            return isCounted(Measure.QUEUED)
                    ? p("Nobody made it run or waited for it, as far as that is counted.")
                            .withClass("none")
                    : text("");
        }
        List<Column> columns = new ArrayList<>();
        columns.add(Column.text("Group"));
        List<DomContent> reasons = new ArrayList<>();
        for (Measure measure : Measure.values()) {
            columns.add(Column.number(measure.head));
            if (!isCounted(measure)) {
                reasons.add(
                        p(measure.head + ": unknown, " + why(measure.source) + ".")
                                .withClass("small"));
            }
        }
        DomContent table =
                Tables.of(
                        "collector",
                        "Who makes the collector run and who waits for it, since the agent began",
                        columns,
                        all.stream()
                                .sorted(
                                        Comparator.comparingLong(this::waited)
                                                .thenComparing(this::queued)
                                                .reversed()
                                                .thenComparing(g -> g))
                                .limit(MOST)
                                .map(this::row)
                                .toList());
        if (all.size() > MOST) {
            reasons.addFirst(p("And " + Words.count(all.size() - MOST, "more group") + "."));
        }
        return div(table).with(reasons);
    }

    private long waited(String group) {
        return counts(Measure.WAITED).getOrDefault(group, 0L);
    }

    private long queued(String group) {
        return counts(Measure.QUEUED).getOrDefault(group, 0L);
    }

    private boolean isCounted(Measure measure) {
        return tracked.events().containsKey(measure.kind);
    }

    private Map<String, Long> counts(Measure measure) {
        return tracked.events().getOrDefault(measure.kind, Map.of());
    }

    private DomContent row(String group) {
        return tr(
                Tables.rowHead(group),
                each(List.of(Measure.values()), measure -> cell(measure, group)));
    }

    private TdTag cell(Measure measure, String group) {
        if (!isCounted(measure)) {
            return Tables.unknown();
        }
        long n = counts(measure).getOrDefault(group, 0L);
        return measure == Measure.WAITED && n > 0
                ? Tables.number(n, Words.took(Duration.ofNanos(n)))
                : Tables.number(n);
    }
}

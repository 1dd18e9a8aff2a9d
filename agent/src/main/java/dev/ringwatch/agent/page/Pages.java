package dev.ringwatch.agent.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.ul;

import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.page.Shell.Frame;
import dev.ringwatch.agent.page.Shell.Section;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Tracked;
import j2html.tags.DomContent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The pages, as HTML documents. Every text of a watched process is escaped. Safe for any thread. */
public final class Pages {
    /** Where findings have their pages; the identity follows. */
    public static final String FINDINGS = "/findings/";

    /** Where groups have theirs; the name follows. */
    public static final String GROUPS = "/groups/";

    private static final Duration LEAST_REFRESH = Duration.ofSeconds(2);
    private static final Duration MOST_REFRESH = Duration.ofSeconds(60);

    private static final List<Section> SECTIONS =
            List.of(
                    new Section("findings", "Findings"),
                    new Section("growth", "Last hour"),
                    new Section("held", "Held"),
                    new Section("collector", "Collector"),
                    new Section("limits", "Limits"),
                    new Section("agent", "Agent"));

    private final Shell shell;

    /**
     * Pages that refer to these files.
     *
     * @param version of the agent
     */
    public Pages(Assets assets, String version) {
        shell = new Shell(assets, version);
    }

    /** What is shown to who has not signed in; nothing of the machine is in it. */
    public String landing(String path, boolean refused) {
        return Landing.page(shell, path, refused);
    }

    /** How the machine stands. */
    public String home(State state) {
        Summary summary = Summary.of(state);
        List<DomContent> parts = new ArrayList<>();
        parts.add(head(state, summary));
        state.tracked()
                .ifPresent(
                        tracked -> {
                            parts.add(FindingsTable.open(tracked, tracked.findingsOrUndecided()));
                            parts.add(Growth.of(state));
                            parts.add(HeldTable.of(state, tracked));
                            parts.add(CollectorPart.of(state, tracked));
                            parts.add(LimitsPart.of(tracked));
                        });
        parts.add(
                div().withData("part", "closed-part")
                        .with(
                                state.closed().isEmpty()
                                        ? List.of()
                                        : List.of(FindingsTable.closed(state))));
        parts.add(AgentPart.of(state));
        return shell.page(
                new Frame(
                        title(summary, state),
                        Optional.of(state.host()),
                        refresh(state),
                        true,
                        state.tracked().isPresent() ? SECTIONS : List.of(SECTIONS.getLast())),
                parts);
    }

    /** One finding, or that there is none of that name. */
    public Optional<String> finding(State state, String id) {
        Optional<Tracked> tracked = state.tracked();
        Optional<Finding> open =
                tracked.stream()
                        .flatMap(t -> t.findingsOrUndecided().stream())
                        .filter(f -> f.id().equals(id))
                        .findFirst();
        if (open.isPresent()) {
            return Optional.of(below(state, FindingPage.open(tracked.get(), open.get()), id));
        }
        return state.closed().stream()
                .filter(c -> c.finding().id().equals(id))
                .findFirst()
                .map(c -> below(state, FindingPage.closed(c), id));
    }

    /** One group, or that it holds nothing. */
    public Optional<String> group(State state, String group) {
        return state.tracked()
                .filter(tracked -> tracked.holdings().byGroup().containsKey(group))
                .map(tracked -> below(state, GroupPage.of(state, tracked, group), group));
    }

    private String below(State state, List<DomContent> parts, String name) {
        List<DomContent> all = new ArrayList<>();
        all.add(p(a("All of " + state.host()).withHref("/")).withClass("back"));
        all.addAll(parts);
        return shell.page(
                new Frame(
                        name + " on " + state.host() + ": Ringwatch",
                        Optional.of(state.host()),
                        refresh(state),
                        false,
                        List.of()),
                all);
    }

    /** There is no such finding. */
    public String noFinding(State state) {
        return nothing(
                state,
                "There is no such finding",
                "It may have been closed more than a day ago, or before the agent was started.");
    }

    /** There is no such group. */
    public String noGroup(State state) {
        return nothing(
                state,
                "There is no such group",
                "No group of that name holds a ring or descriptors in flight now.");
    }

    /** Where nothing is observed nobody knows, and the page looks again. */
    private String nothing(State state, String head, String why) {
        if (state.tracked().isEmpty()) {
            Summary summary = Summary.of(state);
            return below(state, List.of(head(state, summary)), summary.sentence());
        }
        return shell.page(
                new Frame(
                        "Not found: Ringwatch",
                        Optional.of(state.host()),
                        Optional.empty(),
                        false,
                        List.of()),
                List.of(
                        div(h1(head), p(why), p(a("All of " + state.host()).withHref("/")))
                                .withClass("landing")));
    }

    private static Optional<Long> refresh(State state) {
        Duration interval = state.interval();
        Duration bounded = interval.compareTo(LEAST_REFRESH) < 0 ? LEAST_REFRESH : interval;
        return Optional.of(
                (bounded.compareTo(MOST_REFRESH) > 0 ? MOST_REFRESH : bounded).toSeconds());
    }

    private static String title(Summary summary, State state) {
        return summary.sentence() + ": " + state.host() + ", Ringwatch";
    }

    private static DomContent head(State state, Summary summary) {
        List<DomContent> parts = new ArrayList<>();
        parts.add(h1(summary.sentence()).withId("state"));
        parts.add(p(observed(state)).withClass("lead"));
        if (!summary.reasons().isEmpty()) {
            parts.add(
                    div(
                                    p("Not everything could be seen:"),
                                    ul(each(summary.reasons(), reason -> li(reason))))
                            .withClass("reasons"));
        }
        return section()
                .with(parts)
                .withClass("state " + summary.look())
                .attr("aria-labelledby", "state")
                .withData("part", "state");
    }

    private static String why(State state) {
        return state.whyNoBpf().map(why -> " (" + why + ")").orElse("");
    }

    private static String observed(State state) {
        if (state.tracked().isEmpty()) {
            return "The agent runs since " + Words.at(state.started()) + ".";
        }
        Tracked tracked = state.tracked().get();
        boolean bpf =
                tracked.observation().sources().stream()
                        .filter(SourceReport::up)
                        .anyMatch(s -> s.source() == Source.BPF);
        return "Looked "
                + Words.age(Duration.between(tracked.observation().takenAt(), state.now()))
                + " ago, "
                + (bpf ? "with eBPF" : "in /proc only" + why(state))
                + (tracked.observation().complete() ? "; everything was seen" : "")
                + ". The agent runs since "
                + Words.at(state.started())
                + ".";
    }
}

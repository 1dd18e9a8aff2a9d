package dev.ringwatch.agent.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.li;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import dev.ringwatch.agent.draw.SvgWriter;
import dev.ringwatch.agent.report.FindingWords;
import dev.ringwatch.agent.report.GraphPicture;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Tracked;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One finding: what it is, what holds it, what to do. */
final class FindingPage {
    private final FindingWords finding;
    private final Optional<Instant> closed;

    private FindingPage(FindingWords finding, Optional<Instant> closed) {
        this.finding = finding;
        this.closed = closed;
    }

    static List<DomContent> open(Tracked tracked, Finding finding) {
        String picture = SvgWriter.part(GraphPicture.findings(tracked, List.of(finding)));
        return new FindingPage(FindingWords.of(tracked, finding), Optional.empty())
                .page(Optional.of(picture));
    }

    static List<DomContent> closed(State.Closed closed) {
        return new FindingPage(closed.finding(), Optional.of(closed.at())).page(Optional.empty());
    }

    /**
     * The page's content.
     *
     * @param picture an svg, written by us with every text escaped
     */
    private List<DomContent> page(Optional<String> picture) {
        List<DomContent> parts = new ArrayList<>();
        parts.add(head());
        picture.ifPresent(
                svg ->
                        parts.add(
                                section(
                                                h2("What holds it").withId("picture-head"),
                                                div(rawHtml(svg)).withClass("drawing"),
                                                p("Arrows lead from what holds to what is held.")
                                                        .withClass("small"))
                                        .withId("picture")
                                        .attr("aria-labelledby", "picture-head")
                                        .withData("part", "picture")));
        parts.add(div(words(), what()).withClass("columns"));
        if (!finding.calls().isEmpty()) {
            parts.add(calls());
        }
        parts.add(links());
        return parts;
    }

    private DomContent head() {
        Facts facts =
                new Facts()
                        .add("Group", code(finding.group()))
                        .add("Process", finding.owner().isEmpty() ? "none" : finding.owner())
                        .add("First seen", Words.moment(finding.since()))
                        .add("Seen for", "at least " + Words.age(finding.age()));
        finding.opened().ifPresent(at -> facts.add("Told since", Words.moment(at)));
        closed.ifPresent(at -> facts.add("Closed at", Words.moment(at)));
        facts.add("Identity", code(finding.id()));
        String look = closed.isPresent() ? "gone" : Kinds.look(finding.kind());
        return section(
                        p(
                                        span(Kinds.name(finding.kind())).withClass("badge " + look),
                                        text(
                                                closed.isPresent()
                                                        ? " closed: it is not seen any more"
                                                        : ""))
                                .withClass("kind"),
                        h1(finding.what()),
                        p(Kinds.meaning(finding.kind()) + ".").withClass("lead"),
                        facts.list())
                .withClass("finding-head")
                .withData("part", "finding-head")
                .attr("aria-label", "The finding");
    }

    private DomContent words() {
        List<String> path = finding.path();
        SectionTag part =
                section(h2("The path that holds it").withId("path-head"))
                        .withId("path")
                        .attr("aria-labelledby", "path-head")
                        .withData("part", "path");
        if (path.isEmpty()) {
            part.with(p("No process reaches it.").withClass("none"));
        } else {
            part.with(ol(each(path, step -> li(step))));
        }
        if (finding.pathSteps() > path.size()) {
            part.with(
                    p("And " + Words.count(finding.pathSteps() - path.size(), "more step") + "."));
        }
        if (finding.fileCount() > 1) {
            part.with(h3("Files that it is about"), ul(each(finding.files(), file -> li(file))));
        }
        if (finding.fileCount() > finding.files().size()) {
            String more = Words.number(finding.fileCount() - finding.files().size());
            part.with(p("And " + more + " more."));
        }
        if (!finding.processes().isEmpty()) {
            part.with(
                    h3("Processes that have to do with it"),
                    ul(
                            each(
                                    finding.processes(),
                                    p -> li(text(p.process() + ", "), code(p.group())))));
        }
        return part;
    }

    private DomContent what() {
        return section(
                        h2("Why, and what to do").withId("advice-head"),
                        h3("Evidence"),
                        p(finding.because()),
                        h3("Look for this call in the program"),
                        p(finding.call()),
                        h3("Advice"),
                        p(finding.advice()).withClass("advice"))
                .withId("advice")
                .attr("aria-labelledby", "advice-head")
                .withData("part", "advice");
    }

    private DomContent calls() {
        int more = finding.callsMade() - finding.calls().size();
        SectionTag part =
                section(h2("The calls that made it").withId("calls-head"))
                        .withId("calls")
                        .attr("aria-labelledby", "calls-head")
                        .withData("part", "calls")
                        .with(each(finding.calls(), FindingPage::call));
        return more > 0 ? part.with(p("And " + Words.count(more, "more call") + ".")) : part;
    }

    private static DomContent call(FindingWords.Call call) {
        List<String> lines = repeatsCounted(call.frames());
        call.notes().forEach(note -> lines.add("note: " + note));
        return details(
                        summary(text(call.who() + " at "), Words.moment(call.at())),
                        pre(String.join("\n", lines)).attr("tabindex", "0"))
                .isOpen();
    }

    /** Frames without a name are all alike. */
    private static List<String> repeatsCounted(List<String> frames) {
        List<String> lines = new ArrayList<>();
        for (int i = 0, next; i < frames.size(); i = next) {
            next = i + 1;
            while (next < frames.size() && frames.get(next).equals(frames.get(i))) {
                next++;
            }
            lines.add(frames.get(i) + (next - i > 1 ? "  (" + (next - i) + " times)" : ""));
        }
        return lines;
    }

    private DomContent links() {
        String api = "/api/v1/leaks/" + finding.id();
        List<DomContent> links = new ArrayList<>();
        links.add(li(a("JSON").withHref(api)));
        if (closed.isEmpty()) {
            links.add(li(a("Text").withHref(api + "?format=text")));
            links.add(li(a("Picture").withHref(api + "?format=svg")));
        }
        Kinds.alert(finding.kind(), finding.limit())
                .ifPresent(alert -> links.add(li(text("Runbook: "), code(alert))));
        return nav(ul().with(links)).withClass("links").attr("aria-label", "Of this finding");
    }
}

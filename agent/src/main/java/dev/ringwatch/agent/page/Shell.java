package dev.ringwatch.agent.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.button;
import static j2html.TagCreator.document;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.img;
import static j2html.TagCreator.link;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.p;
import static j2html.TagCreator.script;
import static j2html.TagCreator.span;
import static j2html.TagCreator.title;

import j2html.tags.DomContent;
import j2html.tags.specialized.HeadTag;
import j2html.tags.specialized.ScriptTag;
import java.util.List;
import java.util.Optional;

/** What all pages have around what they show. */
final class Shell {
    private final Assets assets;
    private final String version;

    Shell(Assets assets, String version) {
        this.assets = assets;
        this.version = version;
    }

    /**
     * What is different from page to page.
     *
     * @param title of the window
     * @param host the machine's name; empty where it is nobody's business
     * @param live how often a script looks again, in seconds; empty: never
     * @param charts whether there are charts
     * @param sections by anchor, what the head has links to
     */
    record Frame(
            String title,
            Optional<String> host,
            Optional<Long> live,
            boolean charts,
            List<Section> sections) {}

    record Section(String id, String name) {}

    /** The whole document. */
    String page(Frame frame, List<? extends DomContent> content) {
        var body =
                body(
                        a("Skip to the content").withHref("#main").withClass("skip"),
                        top(frame),
                        main().withId("main").attr("tabindex", "-1").with(content),
                        foot());
        frame.live().ifPresent(s -> body.attr("data-refresh-seconds", Long.toString(s)));
        return document(html(top(frame.title(), frame.charts()), body).withLang("en"));
    }

    private HeadTag top(String title, boolean charts) {
        HeadTag head =
                head(
                        meta().withCharset("utf-8"),
                        title(title),
                        meta().withName("viewport")
                                .withContent("width=device-width, initial-scale=1"),
                        meta().withName("color-scheme").withContent("light dark"),
                        link().withRel("icon").withHref(assets.address(Assets.Name.ICON)),
                        script().withSrc(assets.address(Assets.Name.THEME)));
        if (charts) {
            head.with(style(Assets.Name.CHARTS_STYLE), deferred(Assets.Name.CHARTS));
        }
        return head.with(
                style(Assets.Name.STYLE),
                script().withType("module").withSrc(assets.address(Assets.Name.SCRIPT)));
    }

    private DomContent style(Assets.Name name) {
        return link().withRel("stylesheet").withHref(assets.address(name));
    }

    private ScriptTag deferred(Assets.Name name) {
        return script().isDefer().withSrc(assets.address(name));
    }

    private DomContent top(Frame frame) {
        var head =
                header().withClass("top")
                        .with(
                                a().withHref("/")
                                        .withClass("brand")
                                        .with(
                                                img().withSrc(assets.address(Assets.Name.ICON))
                                                        .withAlt("")
                                                        .withWidth("22")
                                                        .withHeight("22"),
                                                span("Ringwatch")));
        frame.host().ifPresent(host -> head.with(span(host).withClass("host")));
        if (!frame.sections().isEmpty()) {
            head.with(
                    nav().attr("aria-label", "On this page")
                            .with(
                                    frame.sections().stream()
                                            .map(s -> a(s.name()).withHref("#" + s.id()))));
        }
        return head.with(
                button("Theme: auto").withId("theme").withType("button").attr("hidden", "hidden"));
    }

    private DomContent foot() {
        return footer(
                p("Ringwatch " + version),
                nav().attr("aria-label", "For machines")
                        .with(
                                a("Metrics").withHref("/metrics"),
                                a("Ready").withHref("/-/ready"),
                                a("Findings as JSON").withHref("/api/v1/leaks"),
                                a("Snapshot as JSON").withHref("/api/v1/snapshot")));
    }
}

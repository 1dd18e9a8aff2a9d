package dev.ringwatch.agent.page;

import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import j2html.tags.specialized.DlTag;
import java.util.ArrayList;
import java.util.List;

/** Names and what is known of each, collected one after the other. For one thread. */
final class Facts {
    private final List<DomContent> facts = new ArrayList<>();

    Facts add(String name, String value) {
        return add(name, text(value));
    }

    Facts add(String name, DomContent value) {
        facts.add(div(dt(name), dd(value)));
        return this;
    }

    /** What is not known, and why. */
    Facts addUnknown(String name, String why) {
        return add(name, span("unknown").withClass("unknown").withTitle(why));
    }

    DlTag list() {
        return dl().withClass("facts").with(facts);
    }
}

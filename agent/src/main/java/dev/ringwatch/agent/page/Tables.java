package dev.ringwatch.agent.page;

import static j2html.TagCreator.caption;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import j2html.tags.specialized.ThTag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/** Tables and their cells. A cell's {@code data-value} is what a script sorts by. */
final class Tables {
    private static final String VALUE = "value";

    private Tables() {}

    /**
     * A column.
     *
     * @param number whether it is set to the right
     */
    record Column(String head, boolean number) {
        static Column text(String head) {
            return new Column(head, false);
        }

        static Column number(String head) {
            return new Column(head, true);
        }
    }

    /** A table that may be wider than the window, and then can be reached and scrolled by keys. */
    static DomContent of(String id, String caption, List<Column> columns, List<DomContent> rows) {
        return div(table(
                                caption(caption).withClass("hidden"),
                                thead(tr(each(columns, Tables::head))),
                                tbody().with(rows))
                        .withId(id + "-table")
                        .withData("sortable", ""))
                .withClass("scroll")
                .attr("role", "region")
                .attr("aria-label", caption)
                .attr("tabindex", "0");
    }

    private static ThTag head(Column column) {
        return th(column.head()).attr("scope", "col").withCondClass(column.number(), "n");
    }

    /** The first cell of a row. */
    static ThTag rowHead(DomContent content) {
        return th(content).attr("scope", "row");
    }

    static ThTag rowHead(String group) {
        return rowHead(code(group));
    }

    static TdTag number(long n) {
        return number(n, Words.number(n));
    }

    static TdTag number(long n, String text) {
        return td(text).withClass(n == 0 ? "n zero" : "n").withData(VALUE, Long.toString(n));
    }

    static TdTag number(OptionalLong n) {
        return n.isPresent() ? number(n.getAsLong()) : unknown();
    }

    /** How long something has waited. */
    static TdTag age(Instant since, Instant now) {
        Duration age = Duration.between(since, now);
        return number(age.toSeconds(), Words.age(age)).withTitle("since " + Words.at(since));
    }

    /** There is nothing that it could be said of. */
    static TdTag nothing() {
        return td("–").withClass("n zero").withData(VALUE, "-1");
    }

    /** What it is could not be seen. */
    static TdTag unknown() {
        return td("unknown").withClass("n unknown").withData(VALUE, "-2");
    }
}

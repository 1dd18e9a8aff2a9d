package dev.ringwatch.agent.page;

import static j2html.TagCreator.code;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.page.Tables.Column;
import dev.ringwatch.agent.track.Figure;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Holdings;
import dev.ringwatch.agent.track.Identity;
import dev.ringwatch.agent.track.Tracked;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One group: what it is, its findings, each of its rings, and each of its queues with something in it. */
final class GroupPage {
    private static final int MOST = 100;

    private static final List<Column> RINGS =
            List.of(
                    Column.text("Process"),
                    Column.number("Files in its table"),
                    Column.number("Slots"),
                    Column.number("Buffers"),
                    Column.number("Requests"),
                    Column.number("Overflown completions"));

    private static final List<Column> QUEUES =
            List.of(
                    Column.text("Process"),
                    Column.text("Socket"),
                    Column.text("State"),
                    Column.number("In flight"),
                    Column.number("The first waits"));

    private final State state;
    private final Tracked tracked;
    private final String group;

    private GroupPage(State state, Tracked tracked, String group) {
        this.state = state;
        this.tracked = tracked;
        this.group = group;
    }

    /** The content for a group that holds something. */
    static List<DomContent> of(State state, Tracked tracked, String group) {
        return new GroupPage(state, tracked, group).page();
    }

    /** The address of a group's page. */
    static String address(String group) {
        try {
            return new URI(null, null, Pages.GROUPS + group, null).toASCIIString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private List<DomContent> page() {
        List<Finding> findings =
                tracked.findingsOrUndecided().stream().filter(f -> isOurs(f.group())).toList();
        return List.of(head(), FindingsTable.open(tracked, findings), rings(), queues());
    }

    private boolean isOurs(String other) {
        return tracked.series().of(other).equals(group);
    }

    private boolean isOurs(int file) {
        return isOurs(tracked.groups().of(file));
    }

    private DomContent head() {
        Holdings holdings = tracked.holdings();
        Facts facts = new Facts();
        add(facts, "Rings", holdings.of(group, Figure.RINGS));
        add(facts, "Files in ring tables", holdings.of(group, Figure.REGISTERED_FILES));
        add(facts, "Only in tables", holdings.of(group, Figure.REGISTERED_ONLY_FILES));
        add(facts, "Descriptors in flight", holdings.of(group, Figure.INFLIGHT_FDS));
        add(facts, "Requests in flight", holdings.of(group, Figure.INFLIGHT_REQUESTS));
        Identity.Named named = tracked.series().own().get(group);
        if (named != null) {
            addNamed(facts, named);
        }
        return section(h1(code(group)), facts.list())
                .withClass("finding-head")
                .withData("part", "group-head")
                .attr("aria-label", "The group");
    }

    private static void add(Facts facts, String name, OptionalLong value) {
        if (value.isPresent()) {
            facts.add(name, Words.number(value.getAsLong()));
        } else {
            facts.addUnknown(name, "it could not be read");
        }
    }

    /** What its processes have in common. */
    private static void addNamed(Facts facts, Identity.Named named) {
        addIfAny(facts, "Namespace", named.namespace());
        addIfAny(facts, "Pod", named.pod());
        addIfAny(facts, "Container", named.container());
        addIfAny(facts, "Command", named.comm());
        addIfAny(facts, "Control group", named.cgroup());
    }

    private static void addIfAny(Facts facts, String name, String value) {
        if (!value.isEmpty()) {
            facts.add(name, code(value));
        }
    }

    private DomContent rings() {
        List<RingFacts> rings =
                tracked.observation().rings().stream()
                        .filter(r -> isOurs(r.file()))
                        .sorted(Comparator.comparingInt(r -> -r.registeredFiles().orElse(0)))
                        .toList();
        return part(
                "rings",
                "Rings",
                "No rings.",
                "Its rings, the fullest table first",
                RINGS,
                rings.stream().map(this::ring).toList());
    }

    private DomContent ring(RingFacts ring) {
        return tr(
                process(ring.file()),
                number(ring.registeredFiles()),
                number(ring.fileTableSlots()),
                number(ring.registeredBuffers()),
                number(ring.inflightRequests()),
                number(ring.overflowEntries()));
    }

    private static TdTag number(OptionalInt n) {
        return n.isPresent() ? Tables.number(n.getAsInt()) : Tables.unknown();
    }

    private DomContent process(int file) {
        OptionalInt pid = tracked.groups().process(file);
        if (pid.isEmpty()) {
            return Tables.rowHead(text("none"));
        }
        String comm =
                tracked.groups().named(pid.getAsInt()).map(Identity.Named::comm).orElse("process");
        return Tables.rowHead(text(comm + " (pid " + pid.getAsInt() + ")"));
    }

    private DomContent queues() {
        List<SocketFacts> sockets =
                tracked.observation().sockets().stream()
                        .filter(s -> s.inflight().orElse(0) > 0 && isOurs(s.file()))
                        .sorted(Comparator.comparingInt(s -> -s.inflight().orElse(0)))
                        .toList();
        return part(
                "queues",
                "Queues with descriptors",
                "No descriptors in flight.",
                "Its queues, the fullest first",
                QUEUES,
                sockets.stream().map(this::queue).toList());
    }

    private DomContent queue(SocketFacts socket) {
        Instant since = tracked.queueSince().get(socket.file());
        String kind = "AF_UNIX " + socket.type().name().toLowerCase(Locale.ROOT);
        return tr(
                process(socket.file()),
                td(kind + " " + socket.inode()),
                td(socket.state().name().toLowerCase(Locale.ROOT)),
                number(socket.inflight()),
                since == null ? Tables.nothing() : Tables.age(since, state.now()));
    }

    private static DomContent part(
            String id,
            String head,
            String none,
            String caption,
            List<Column> columns,
            List<DomContent> rows) {
        List<DomContent> content = new ArrayList<>();
        content.add(h2(head).withId(id + "-head"));
        if (rows.isEmpty()) {
            content.add(p(none).withClass("none"));
        } else {
            content.add(Tables.of(id, caption, columns, rows.stream().limit(MOST).toList()));
        }
        if (rows.size() > MOST) {
            content.add(p("And " + Words.number(rows.size() - MOST) + " more."));
        }
        return section()
                .with(content)
                .withId(id)
                .attr("aria-labelledby", id + "-head")
                .withData("part", id);
    }
}

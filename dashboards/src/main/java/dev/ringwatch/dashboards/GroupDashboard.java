package dev.ringwatch.dashboards;

import static dev.ringwatch.agent.metrics.MetricCatalogue.*;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ringwatch.dashboards.Look.Name;
import dev.ringwatch.dashboards.Look.Table;
import dev.ringwatch.dashboards.Look.Value;
import dev.ringwatch.dashboards.PromQl.Merge;
import dev.ringwatch.dashboards.Variable.First;
import java.util.List;

/** The dashboard "Ringwatch / Group": what a program holds, on one machine or on all. */
final class GroupDashboard {
    static final String UID = "ringwatch-group";

    /** Not 0, because it may also be that it could not be read. */
    private static final Look.State NONE_SEEN = new Look.State("none seen", "text");

    private GroupDashboard() {}

    static ObjectNode build() {
        return new DashboardBuilder(
                        UID,
                        "Ringwatch / Group",
                        "What a group holds, how it grew, how near it is to its limits, and what it"
                                + " costs others; on one node or on all.")
                .variables(Variable.ofGroups(First.ALL, First.ONE))
                .row("At a glance", now(), change())
                .row("What it holds and how it grew", Line.ofGraphs(held()))
                .row("Findings", Line.tables(findings(), whoItIs()))
                .row("Limits", Line.ofGraphs(limits()))
                .row("Requests", Line.ofGraphs(requests()))
                .row("Its part in the collector", collector())
                .build();
    }

    private static Line now() {
        return Line.figures(
                Panel.figure(
                        "Findings now",
                        "Those that are certain.",
                        Unit.COUNT,
                        Levels.badFrom(1),
                        NONE_SEEN,
                        PromQl.findings(PromQl.DECIDED, List.of()).orZeroIfSeen()),
                Panel.figure(
                        "In flight now",
                        UNIX_INFLIGHT_FDS.help(),
                        Unit.COUNT,
                        Levels.NEUTRAL,
                        NONE_SEEN,
                        PromQl.total(Merge.SUM, UNIX_INFLIGHT_FDS)),
                Panel.figure(
                        "Longest in flight now",
                        "How long the descriptors that wait longest have been in flight, at the least.",
                        Unit.SECONDS,
                        Levels.rising(60, 300),
                        NONE_SEEN,
                        PromQl.age(UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS, List.of())),
                Panel.figure(
                        "Only in tables now",
                        URING_REGISTERED_ONLY_FILES.help(),
                        Unit.COUNT,
                        Levels.NEUTRAL,
                        NONE_SEEN,
                        PromQl.total(Merge.SUM, URING_REGISTERED_ONLY_FILES)),
                Panel.figure(
                        "Registered files now",
                        URING_REGISTERED_FILES.help(),
                        Unit.COUNT,
                        Levels.NEUTRAL,
                        NONE_SEEN,
                        PromQl.total(Merge.SUM, URING_REGISTERED_FILES)),
                Panel.figure(
                        "Rings now",
                        URING_RINGS.help(),
                        Unit.COUNT,
                        Levels.NEUTRAL,
                        NONE_SEEN,
                        PromQl.total(Merge.SUM, URING_RINGS)));
    }

    private static Line change() {
        return Line.figures(
                Panel.change(
                        "Change: descriptors in flight",
                        "Over the time that this dashboard shows.",
                        Levels.NEUTRAL,
                        PromQl.total(Merge.SUM, UNIX_INFLIGHT_FDS)),
                Panel.change(
                        "Change: registered-only files",
                        "Over the time that this dashboard shows. Choose one over which the load"
                                + " came back to where it was.",
                        Levels.NEUTRAL,
                        PromQl.total(Merge.SUM, URING_REGISTERED_ONLY_FILES)),
                Panel.change(
                        "Change: rings",
                        "Over the time that this dashboard shows.",
                        Levels.NEUTRAL,
                        PromQl.total(Merge.SUM, URING_RINGS)),
                Panel.change(
                        "Change: requests in flight",
                        "Over the time that this dashboard shows.",
                        Levels.NEUTRAL,
                        PromQl.total(Merge.SUM, URING_INFLIGHT_REQUESTS)));
    }

    private static List<Panel> held() {
        return List.of(
                Panel.sum(
                                "Descriptors in its queues",
                                UNIX_INFLIGHT_FDS,
                                "A queue that moves goes up and down; one that nobody reads only"
                                        + " grows.")
                        .linkedTo(Link.NODE),
                Panel.sum(
                                "Descriptors it sent",
                                UNIX_INFLIGHT_SENT_FDS,
                                "More than lies in its own queues: it keeps files open in another's.")
                        .linkedTo(Link.NODE),
                Panel.sum(
                                "Registered-only files",
                                URING_REGISTERED_ONLY_FILES,
                                "Accepted connections and cached files live so in normal use.")
                        .linkedTo(Link.NODE),
                Panel.sum(
                                "Registered files",
                                URING_REGISTERED_FILES,
                                "The same file in two slots counts twice.")
                        .linkedTo(Link.NODE),
                Panel.sum("Rings", URING_RINGS, "").linkedTo(Link.NODE),
                Panel.lines(
                                "Registered buffer memory",
                                URING_REGISTERED_BUFFER_BYTES,
                                "It is pinned and counts as locked memory.",
                                Unit.BYTES,
                                PromQl.each(Merge.SUM, URING_REGISTERED_BUFFER_BYTES))
                        .linkedTo(Link.NODE),
                Panel.growth(
                        "Rings made",
                        URING_RINGS_CREATED_TOTAL,
                        "Steadily more than are released: rings leak."),
                Panel.growth("Rings released", URING_RINGS_RELEASED_TOTAL, ""),
                Panel.sum("Registered buffers", URING_REGISTERED_BUFFERS, ""));
    }

    private static Panel findings() {
        return new Panel(
                "Its open findings",
                "`ringwatch leaks` on the node names the processes, sockets and rings. Undecided is"
                        + " neither a leak nor an all-clear.",
                Unit.COUNT,
                new Table(
                        new Value("Open", Unit.COUNT, Levels.NEUTRAL),
                        new Name("kind", "Kind"),
                        new Name("group", "Group"),
                        new Name("instance", "Node", Link.NODE)),
                PromQl.each(Merge.SUM, FINDINGS).nonZero());
    }

    private static Panel whoItIs() {
        return new Panel(
                "Who it is",
                GROUP_INFO.help(),
                Unit.COUNT,
                new Table(
                        new Name("group", "Group"),
                        new Name("instance", "Node", Link.NODE),
                        new Name("k8s_namespace_name", "Namespace"),
                        new Name("k8s_pod_name", "Pod"),
                        new Name("k8s_container_name", "Container"),
                        new Name("cgroup", "Control group"),
                        new Name("comm", "Command")),
                PromQl.each(Merge.COUNT, GROUP_INFO));
    }

    private static List<Panel> limits() {
        return List.of(
                Panel.lines(
                        "Share of the limit in flight",
                        UNIX_WORST_INFLIGHT_LIMIT_RATIO,
                        "The limit is shared: all processes of the user count, in this group or not.",
                        Unit.RATIO,
                        PromQl.each(Merge.MAX, UNIX_WORST_INFLIGHT_LIMIT_RATIO)),
                Panel.growth(
                        "Sends refused",
                        UNIX_SEND_REJECTED_TOTAL,
                        "The user has too many descriptors in flight."),
                Panel.lines(
                        "Worst file table usage",
                        URING_WORST_FILE_TABLE_USAGE_RATIO,
                        "In a full table, an open or accept that leaves the choice of the slot to the"
                                + " kernel fails with ENFILE.",
                        Unit.RATIO,
                        PromQl.each(Merge.MAX, URING_WORST_FILE_TABLE_USAGE_RATIO)),
                Panel.sum("File table slots", URING_FILE_TABLE_SLOTS, ""));
    }

    private static List<Panel> requests() {
        return List.of(
                Panel.sum(
                        "Requests in flight",
                        URING_INFLIGHT_REQUESTS,
                        "Each may hold a file open."),
                Panel.lines(
                        "Oldest request",
                        "How long the request that is longest in flight has been seen, at the least. A poll or"
                                + " accept on a live connection may wait for days.",
                        Unit.SECONDS,
                        PromQl.age(URING_OLDEST_REQUEST_START_TIMESTAMP_SECONDS)),
                Panel.growth(
                        "Completion queue overflows",
                        URING_CQ_OVERFLOW_EVENTS_TOTAL,
                        "The process reaps too slowly, or its queue is too small."),
                Panel.sum(
                        "Completions in overflow",
                        URING_CQ_OVERFLOW_ENTRIES,
                        "More than 0 for long: the process does not reap its completions."),
                Panel.growth("Requests given to workers", URING_IOWQ_PUNTS_TOTAL, ""),
                Panel.sum("Workers", URING_IOWQ_WORKERS, ""),
                Panel.sum(
                        "Unreadable rings",
                        URING_UNREADABLE_RINGS,
                        "Above 0, the graphs of this dashboard show too little."));
    }

    private static Line collector() {
        return Line.graphs(
                Panel.lines(
                                "Share of the node's descriptors in flight",
                                "What part of all descriptors in flight on the node lies in this"
                                        + " group's queues: the part of the collector's work that is"
                                        + " this group's doing.",
                                Unit.RATIO,
                                PromQl.shareOf(UNIX_INFLIGHT_FDS))
                        .linkedTo(Link.COLLECTOR),
                Panel.lines(
                                "Share of the runs started",
                                "What part of the collector's runs on the node this group's calls"
                                        + " started, the agent's own left out.",
                                Unit.RATIO,
                                PromQl.shareOfGrowth(UNIX_GC_QUEUED_TOTAL))
                        .linkedTo(Link.COLLECTOR),
                Panel.time(
                                "Waiting for the collector",
                                UNIX_GC_WAIT_SECONDS_TOTAL,
                                "What the collector costs this group.",
                                PromQl.rate(UNIX_GC_WAIT_SECONDS_TOTAL))
                        .linkedTo(Link.COLLECTOR));
    }
}

package dev.ringwatch.dashboards;

import static dev.ringwatch.agent.metrics.MetricCatalogue.*;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ringwatch.dashboards.Look.Name;
import dev.ringwatch.dashboards.Look.Table;
import dev.ringwatch.dashboards.Look.Value;
import dev.ringwatch.dashboards.PromQl.Merge;
import dev.ringwatch.dashboards.Variable.First;
import java.util.ArrayList;
import java.util.List;

/** The dashboard "Ringwatch / Node": what a machine holds, who holds it, and what is wrong there. */
final class NodeDashboard {
    static final String UID = "ringwatch-node";

    /** Not 0, because it may also be that it could not be read. */
    private static final Look.State NONE_SEEN = new Look.State("none seen", "text");

    private NodeDashboard() {}

    static ObjectNode build() {
        return new DashboardBuilder(
                        UID,
                        "Ringwatch / Node",
                        "Files that io_uring rings and AF_UNIX queues hold, who holds them,"
                                + " and what no process can reach any more.")
                .variables(Variable.ofGroups(First.ONE, First.ALL))
                .row("State", state())
                .row("Age", age())
                .row("Collector", collector())
                .row("Findings", Line.tables(openFindings(), whoIsWho()), findingsOverTime())
                .row("Limits", Line.ofGraphs(limits()))
                .row("Agent health", Line.ofGraphs(health()))
                .build();
    }

    private static List<Line> state() {
        List<Line> lines = new ArrayList<>();
        lines.add(atAGlance());
        lines.addAll(Line.ofGraphs(held()));
        return lines;
    }

    private static Line atAGlance() {
        return Line.figures(
                Panel.figure(
                        "Findings now",
                        "Those that are certain.",
                        Unit.COUNT,
                        Levels.badFrom(1),
                        NONE_SEEN,
                        PromQl.findings(PromQl.DECIDED, List.of()).orZeroIfSeen()),
                Panel.figure(
                        "Undecided now",
                        "What nobody seems to reach, where something could not be read: neither a"
                                + " leak nor an all-clear.",
                        Unit.COUNT,
                        Levels.doubtfulFrom(1),
                        NONE_SEEN,
                        PromQl.findings(PromQl.UNDECIDED, List.of()).orZeroIfSeen()),
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
                        "View is complete now",
                        OBSERVATION_COMPLETE.help() + " At \"No\", no news is not good news.",
                        Unit.YES_NO,
                        new Levels("orange", List.of(new Levels.Step(1, "green"))),
                        PromQl.total(Merge.MIN, OBSERVATION_COMPLETE)));
    }

    private static List<Panel> held() {
        return List.of(
                Panel.sum(
                                "Descriptors in flight",
                                UNIX_INFLIGHT_FDS,
                                "A queue that moves goes up and down; one that nobody reads only"
                                        + " grows.")
                        .linkedTo(Link.GROUP),
                Panel.sum(
                        "Sockets in flight",
                        UNIX_INFLIGHT_SOCKETS,
                        "Only these can form loops that the kernel's collector has to find."),
                Panel.sum(
                                "Registered-only files",
                                URING_REGISTERED_ONLY_FILES,
                                "Accepted connections and cached files live so in normal use. Growth"
                                        + " that load does not explain, or files listed under"
                                        + " Findings, is a leak.")
                        .linkedTo(Link.GROUP),
                Panel.sum(
                                "Registered files",
                                URING_REGISTERED_FILES,
                                "The same file in two slots counts twice.")
                        .linkedTo(Link.GROUP),
                Panel.sum("File table slots", URING_FILE_TABLE_SLOTS, "").linkedTo(Link.GROUP),
                Panel.sum("Rings", URING_RINGS, "").linkedTo(Link.GROUP),
                Panel.sum(
                                "In-flight requests",
                                URING_INFLIGHT_REQUESTS,
                                "Each may hold a file open.")
                        .linkedTo(Link.GROUP),
                Panel.sum("Registered buffers", URING_REGISTERED_BUFFERS, "").linkedTo(Link.GROUP),
                Panel.lines(
                                "Registered buffer memory",
                                URING_REGISTERED_BUFFER_BYTES,
                                "It is pinned and counts as locked memory.",
                                Unit.BYTES,
                                PromQl.each(Merge.SUM, URING_REGISTERED_BUFFER_BYTES))
                        .linkedTo(Link.GROUP),
                Panel.growth("Rings made", URING_RINGS_CREATED_TOTAL, ""),
                Panel.growth("Rings released", URING_RINGS_RELEASED_TOTAL, ""),
                Panel.slowest(
                        "Ring teardown, 99 of 100",
                        URING_TEARDOWN_SECONDS,
                        "Until it ends, the files of a released ring stay open."));
    }

    private static Line age() {
        return Line.graphs(
                Panel.lines(
                                "Oldest descriptors in flight",
                                "How long the descriptors that wait longest have been in flight, at the least: an"
                                        + " agent that has just started has seen nothing for long. No line: nothing"
                                        + " waits, or nothing can be read.",
                                Unit.SECONDS,
                                PromQl.age(UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS))
                        .linkedTo(Link.GROUP),
                Panel.lines(
                                "Oldest requests",
                                "How long the io_uring request that is longest in flight has been seen, at the"
                                        + " least. No line: none is in flight, or none can be listed.",
                                Unit.SECONDS,
                                PromQl.age(URING_OLDEST_REQUEST_START_TIMESTAMP_SECONDS))
                        .linkedTo(Link.GROUP));
    }

    /** What the collector costs here; the collector's own dashboard says whose doing it is. */
    private static Line collector() {
        return Line.graphs(
                Panel.growth(
                                "Collector runs",
                                UNIX_GC_RUNS_TOTAL,
                                "Who owns, starts and waits is on the collector's dashboard.")
                        .linkedTo(Link.COLLECTOR),
                Panel.slowest("Collector run, 99 of 100", UNIX_GC_DURATION_SECONDS, "")
                        .linkedTo(Link.COLLECTOR),
                Panel.time(
                                "Waiting for the collector",
                                UNIX_GC_WAIT_SECONDS_TOTAL,
                                "By who pays. Absent where it cannot be measured; where the collector has a"
                                        + " worker almost nobody waits.",
                                PromQl.rate(UNIX_GC_WAIT_SECONDS_TOTAL))
                        .linkedTo(Link.COLLECTOR));
    }

    private static Panel openFindings() {
        return new Panel(
                "Open findings",
                "What is wrong now, and whose it is. `ringwatch leaks` on the machine names the"
                        + " processes, sockets and rings. Undecided is neither a leak nor an"
                        + " all-clear: something could not be read.",
                Unit.COUNT,
                new Table(
                        new Value("Open", Unit.COUNT, Levels.NEUTRAL),
                        new Name("instance", "Node"),
                        new Name("group", "Group", Link.GROUP),
                        new Name("kind", "Kind")),
                PromQl.each(Merge.SUM, FINDINGS).nonZero());
    }

    private static Panel whoIsWho() {
        return new Panel(
                "Who is who",
                GROUP_INFO.help(),
                Unit.COUNT,
                new Table(
                        new Name("instance", "Node"),
                        new Name("group", "Group", Link.GROUP),
                        new Name("k8s_namespace_name", "Namespace"),
                        new Name("k8s_pod_name", "Pod"),
                        new Name("k8s_container_name", "Container"),
                        new Name("cgroup", "Control group"),
                        new Name("comm", "Command")),
                PromQl.each(Merge.COUNT, GROUP_INFO));
    }

    private static Line findingsOverTime() {
        return Line.graphs(
                Panel.lines(
                        "Findings by kind",
                        FINDINGS,
                        "By kind, in the chosen groups. No line: none open, or none could be"
                                + " decided.",
                        Unit.COUNT,
                        PromQl.by(Merge.SUM, FINDINGS, List.of("instance", "kind"))),
                Panel.lines(
                        "Findings opened",
                        FINDINGS_OPENED_TOTAL,
                        Panel.increase(
                                "Many, with few open, is something that comes"
                                        + " and goes. An exemplar carries the finding's leak_id and process."),
                        Unit.COUNT,
                        PromQl.growth(FINDINGS_OPENED_TOTAL).withExemplars()));
    }

    private static List<Panel> limits() {
        return List.of(
                Panel.lines(
                                "Share of the limit in flight",
                                UNIX_WORST_INFLIGHT_LIMIT_RATIO,
                                "All processes of the user count, in this group or not.",
                                Unit.RATIO,
                                PromQl.each(Merge.MAX, UNIX_WORST_INFLIGHT_LIMIT_RATIO))
                        .linkedTo(Link.GROUP),
                Panel.growth(
                        "Sends refused",
                        UNIX_SEND_REJECTED_TOTAL,
                        "The user has too many descriptors in flight."),
                Panel.lines(
                                "Worst file table usage",
                                URING_WORST_FILE_TABLE_USAGE_RATIO,
                                "In a full table, an open or accept that leaves the choice of the"
                                        + " slot to the kernel fails with ENFILE.",
                                Unit.RATIO,
                                PromQl.each(Merge.MAX, URING_WORST_FILE_TABLE_USAGE_RATIO))
                        .linkedTo(Link.GROUP),
                Panel.sum(
                                "Completion queue overflow",
                                URING_CQ_OVERFLOW_ENTRIES,
                                "More than 0 for long: the process does not reap its completions.")
                        .linkedTo(Link.GROUP),
                Panel.sum(
                        "Unreadable rings",
                        URING_UNREADABLE_RINGS,
                        "The kernel shows nothing of a ring that is busy at that moment; one that"
                                + " stays unreadable needs more privilege."));
    }

    /** What the agent does not see; what it costs is on its own dashboard. */
    private static List<Panel> health() {
        return List.of(
                new Panel(
                                "Agent scraped",
                                "Whether Prometheus could scrape the agent.",
                                Unit.YES_NO,
                                Look.States.GOOD_WHEN_ONE,
                                PromQl.up())
                        .linkedTo(Link.AGENT),
                Panel.states(
                                "Sources",
                                SOURCE_UP,
                                "Metrics of a source that is down are absent.",
                                Look.States.GOOD_WHEN_ONE)
                        .linkedTo(Link.AGENT),
                Panel.states(
                                "Limits reached",
                                LIMIT_REACHED,
                                "What lies beyond the limit was not looked at, and a finding that"
                                        + " depends on it is undecided.",
                                Look.States.BAD_WHEN_ONE)
                        .linkedTo(Link.AGENT),
                Panel.states(
                                "Observation complete",
                                OBSERVATION_COMPLETE,
                                "While it is not, no news is not good news.",
                                Look.States.GOOD_WHEN_ONE)
                        .linkedTo(Link.AGENT),
                Panel.lines(
                                "Observation age",
                                OBSERVATION_AGE_SECONDS,
                                "Steady growth: the agent answers, and observes no more.",
                                Unit.SECONDS,
                                PromQl.each(Merge.MAX, OBSERVATION_AGE_SECONDS))
                        .linkedTo(Link.AGENT));
    }
}

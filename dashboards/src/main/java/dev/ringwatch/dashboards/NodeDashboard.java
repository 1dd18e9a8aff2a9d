package dev.ringwatch.dashboards;

import static dev.ringwatch.agent.metrics.MetricCatalogue.*;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ringwatch.agent.metrics.MetricCatalogue;
import dev.ringwatch.dashboards.PromQl.Merge;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The dashboard "Ringwatch / Node": everything the agent says about the machines it runs on. */
final class NodeDashboard {
    static final String UID = "ringwatch-node";

    private static final Look.States GOOD_WHEN_ONE =
            new Look.States(1, new Look.State("no", "red"), new Look.State("yes", "green"));
    private static final Look.States BAD_WHEN_ONE =
            new Look.States(0, new Look.State("no", "green"), new Look.State("yes", "red"));
    private static final Look.States OFF_OR_ON =
            new Look.States(1, new Look.State("off", "orange"), new Look.State("on", "green"));

    private NodeDashboard() {}

    static ObjectNode build() {
        return variables(
                        new DashboardBuilder(
                                UID,
                                "Ringwatch / Node",
                                "Files that io_uring rings and AF_UNIX queues hold, who holds them,"
                                        + " and what no process can reach any more."))
                .annotation("Ringwatch alerts", firingAlerts())
                .row("State", state())
                .row("Age", age())
                .row("Collector", collector())
                .row("Findings", findings())
                .row("Limits", limits())
                .row("Agent health", health())
                .build();
    }

    private static DashboardBuilder variables(DashboardBuilder dashboard) {
        String agents = BUILD_INFO.metricName();
        return dashboard
                .variable(new Variable.DataSource())
                .variable(new Variable.LabelValues("job", "Job", agents))
                .variable(
                        new Variable.LabelValues(
                                "instance", "Instance", agents + "{job=~\"$job\"}"))
                .variable(new Variable.LabelValues("group", "Group", anyGroup()));
    }

    /** A group has rings, descriptors in flight or findings, not always all of them. */
    private static String anyGroup() {
        String names =
                Stream.of(URING_RINGS, UNIX_INFLIGHT_FDS, FINDINGS)
                        .map(MetricCatalogue::metricName)
                        .collect(Collectors.joining("|"));
        return "{__name__=~\"" + names + "\", " + PromQl.TARGET + "}";
    }

    private static Query firingAlerts() {
        return new Query(
                "ALERTS{alertname=~\"Ringwatch.+\", alertstate=\"firing\", " + PromQl.TARGET + "}",
                "{{alertname}}");
    }

    private static List<Panel> state() {
        return List.of(
                sum("Rings", URING_RINGS, ""),
                sum(
                        "Registered files",
                        URING_REGISTERED_FILES,
                        "The same file in two slots counts twice."),
                sum(
                        "Registered-only files",
                        URING_REGISTERED_ONLY_FILES,
                        "Accepted connections and cached files live so in normal use. Growth that"
                                + " load does not explain, or files listed under Findings, is a"
                                + " leak."),
                sum("File table slots", URING_FILE_TABLE_SLOTS, ""),
                Panel.lines(
                        "Worst file table usage",
                        URING_WORST_FILE_TABLE_USAGE_RATIO,
                        "In a full table, an open or accept that leaves the choice of the slot to the"
                                + " kernel fails with ENFILE.",
                        Unit.RATIO,
                        PromQl.each(Merge.MAX, URING_WORST_FILE_TABLE_USAGE_RATIO)),
                sum("In-flight requests", URING_INFLIGHT_REQUESTS, "Each may hold a file open."),
                sum("Registered buffers", URING_REGISTERED_BUFFERS, ""),
                Panel.lines(
                        "Registered buffer memory",
                        URING_REGISTERED_BUFFER_BYTES,
                        "It is pinned and counts as locked memory.",
                        Unit.BYTES,
                        PromQl.each(Merge.SUM, URING_REGISTERED_BUFFER_BYTES)),
                sum(
                        "Descriptors in flight",
                        UNIX_INFLIGHT_FDS,
                        "A queue that moves goes up and down; one that nobody reads only grows."),
                sum(
                        "Sockets in flight",
                        UNIX_INFLIGHT_SOCKETS,
                        "Only these can form loops that the kernel's collector has to find."));
    }

    private static List<Panel> age() {
        return List.of(
                Panel.lines(
                        "Oldest descriptors in flight",
                        UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS,
                        "Shown as an age, which is a lower bound: an agent that has just started"
                                + " has seen nothing for long. No line: nothing waits.",
                        Unit.SECONDS,
                        PromQl.age(UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS)),
                Panel.lines(
                        "Oldest requests",
                        URING_OLDEST_REQUEST_START_TIMESTAMP_SECONDS,
                        "Shown as an age, which is a lower bound.",
                        Unit.SECONDS,
                        PromQl.age(URING_OLDEST_REQUEST_START_TIMESTAMP_SECONDS)));
    }

    /** Who owns what is in flight, who starts the collector, and who waits for it, side by side. */
    private static List<Panel> collector() {
        return List.of(
                growth("Collector runs", UNIX_GC_RUNS_TOTAL, ""),
                slowest("Collector run, 99 of 100", UNIX_GC_DURATION_SECONDS, ""),
                growth(
                        "Runs started by",
                        UNIX_GC_QUEUED_TOTAL,
                        "Whose closes and sends start runs; who owns what is in flight is above."),
                Panel.lines(
                        "Waiting for the collector",
                        UNIX_GC_WAIT_SECONDS_TOTAL,
                        "Seconds in a second, by who pays. Absent where it cannot be measured; where"
                                + " the collector has a worker almost nobody waits.",
                        Unit.SECONDS,
                        PromQl.rate(UNIX_GC_WAIT_SECONDS_TOTAL)),
                growth("Sockets freed", UNIX_GC_COLLECTED_SOCKETS_TOTAL, ""),
                growth("Descriptors freed", UNIX_GC_COLLECTED_FDS_TOTAL, ""),
                Panel.lines(
                        "Since the last run",
                        UNIX_GC_LAST_RUN_TIMESTAMP_SECONDS,
                        "",
                        Unit.SECONDS,
                        PromQl.age(UNIX_GC_LAST_RUN_TIMESTAMP_SECONDS)),
                sum("Graph may be cyclic", UNIX_GC_GRAPH_CYCLIC, ""),
                sum(
                        "Descriptors in flight, by sender",
                        UNIX_INFLIGHT_SENT_FDS,
                        "Beside the owners of the queues: a sender keeps files open in another's."),
                growth("Rings made", URING_RINGS_CREATED_TOTAL, ""),
                growth("Rings released", URING_RINGS_RELEASED_TOTAL, ""),
                slowest("Ring teardown, 99 of 100", URING_TEARDOWN_SECONDS, ""),
                growth("Requests given to workers", URING_IOWQ_PUNTS_TOTAL, ""),
                sum("Workers", URING_IOWQ_WORKERS, ""));
    }

    private static Panel growth(String title, MetricCatalogue counter, String reading) {
        return Panel.lines(title, counter, reading, Unit.COUNT, PromQl.growth(counter));
    }

    private static Panel slowest(String title, MetricCatalogue histogram, String reading) {
        return Panel.lines(
                title, histogram, reading, Unit.SECONDS, PromQl.quantile(0.99, histogram));
    }

    private static List<Panel> findings() {
        return List.of(
                new Panel(
                        "Open findings",
                        "What is wrong now, and whose it is. `ringwatch leaks` on the machine names"
                                + " the processes, sockets and rings. Undecided is neither a leak"
                                + " nor an all-clear: something could not be read.",
                        Unit.COUNT,
                        new Look.Table("Open"),
                        List.of(PromQl.each(Merge.SUM, FINDINGS).nonZero())),
                Panel.lines(
                        "Findings by kind",
                        FINDINGS,
                        "By kind, over the chosen groups.",
                        Unit.COUNT,
                        PromQl.by(Merge.SUM, FINDINGS, Set.of("kind"))),
                Panel.lines(
                        "Findings opened",
                        FINDINGS_OPENED_TOTAL,
                        "New ones in each interval. Many, with few open, is something that comes"
                                + " and goes.",
                        Unit.COUNT,
                        PromQl.growth(FINDINGS_OPENED_TOTAL)));
    }

    private static List<Panel> limits() {
        return List.of(
                Panel.lines(
                        "Share of the limit in flight",
                        UNIX_WORST_INFLIGHT_LIMIT_RATIO,
                        "Above 1, sending descriptors fails with ETOOMANYREFS for every process of"
                                + " the user.",
                        Unit.RATIO,
                        PromQl.each(Merge.MAX, UNIX_WORST_INFLIGHT_LIMIT_RATIO)),
                sum(
                        "Unreadable rings",
                        URING_UNREADABLE_RINGS,
                        "The kernel shows nothing of a ring that is busy at that moment; one that"
                                + " stays unreadable needs more privilege."),
                sum(
                        "Completion queue overflow",
                        URING_CQ_OVERFLOW_ENTRIES,
                        "More than 0 for long: the process does not reap its completions."),
                growth("Completion queue overflows", URING_CQ_OVERFLOW_EVENTS_TOTAL, ""),
                growth(
                        "Sends refused",
                        UNIX_SEND_REJECTED_TOTAL,
                        "The user has too many descriptors in flight (ETOOMANYREFS)."),
                new Panel(
                        "Groups",
                        "Groups that have series of their own, and groups beyond the limit, which"
                                + " are counted together as ~other. Sums stay exact.",
                        Unit.COUNT,
                        new Look.Lines(),
                        List.of(
                                PromQl.each(Merge.SUM, GROUPS).called("own series"),
                                PromQl.each(Merge.SUM, GROUPS_FOLDED).called("folded"))),
                Panel.states(
                        "Limits reached",
                        LIMIT_REACHED,
                        "What lies beyond the limit was not looked at, and a finding that depends"
                                + " on it is undecided.",
                        BAD_WHEN_ONE),
                growth("Limits of the agent's server", HTTP_LIMIT_HITS_TOTAL, ""));
    }

    private static List<Panel> health() {
        return List.of(
                new Panel(
                        "Agent scraped",
                        "Whether Prometheus could scrape the agent.",
                        Unit.YES_NO,
                        GOOD_WHEN_ONE,
                        List.of(
                                new Query(
                                        "min by (instance) (up{" + PromQl.TARGET + "})",
                                        "{{instance}}"))),
                Panel.states(
                        "Sources",
                        SOURCE_UP,
                        "Metrics of a source that is down are absent.",
                        GOOD_WHEN_ONE),
                Panel.states(
                        "Features",
                        FEATURE_ENABLED,
                        "`ringwatch doctor` names the cure for each that is off.",
                        OFF_OR_ON),
                Panel.states(
                        "Observation complete",
                        OBSERVATION_COMPLETE,
                        "While it is not, no news is not good news.",
                        GOOD_WHEN_ONE),
                Panel.lines(
                        "Observation age",
                        OBSERVATION_AGE_SECONDS,
                        "Steady growth: the agent answers, and observes no more.",
                        Unit.SECONDS,
                        PromQl.each(Merge.MAX, OBSERVATION_AGE_SECONDS)),
                Panel.lines(
                        "Observation duration",
                        OBSERVATION_DURATION_SECONDS,
                        "By source.",
                        Unit.SECONDS,
                        PromQl.each(Merge.MAX, OBSERVATION_DURATION_SECONDS)),
                Panel.lines(
                        "BPF map memory",
                        BPF_MAP_MEMORY_BYTES,
                        "No lines: the agent works without BPF.",
                        Unit.BYTES,
                        PromQl.each(Merge.SUM, BPF_MAP_MEMORY_BYTES)),
                sum("BPF map capacity", BPF_MAP_ENTRIES, ""),
                Panel.lines(
                        "Cost of BPF programs",
                        BPF_PROGRAM_RUN_SECONDS_TOTAL,
                        "Seconds in a second. No lines: the sysctl kernel.bpf_stats_enabled is off.",
                        Unit.SECONDS,
                        PromQl.rate(BPF_PROGRAM_RUN_SECONDS_TOTAL)),
                growth("Runs of BPF programs", BPF_PROGRAM_RUNS_TOTAL, ""),
                growth(
                        "Events lost",
                        BPF_EVENTS_LOST_TOTAL,
                        "What was lost is in no counter: they are too low from then on."),
                Panel.states(
                        "Configuration read",
                        CONFIG_LAST_RELOAD_SUCCESSFUL,
                        "While it is not, what was read before holds.",
                        GOOD_WHEN_ONE),
                new Panel(
                        "Who is who",
                        GROUP_INFO.help(),
                        Unit.COUNT,
                        new Look.Table("Group"),
                        List.of(PromQl.each(Merge.COUNT, GROUP_INFO))),
                new Panel(
                        "Agent versions",
                        BUILD_INFO.help(),
                        Unit.COUNT,
                        new Look.Table("Agents"),
                        List.of(PromQl.each(Merge.COUNT, BUILD_INFO))));
    }

    private static Panel sum(String title, MetricCatalogue metric, String reading) {
        return Panel.lines(title, metric, reading, Unit.COUNT, PromQl.each(Merge.SUM, metric));
    }
}

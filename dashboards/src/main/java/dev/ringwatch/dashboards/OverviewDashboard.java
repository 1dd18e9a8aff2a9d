package dev.ringwatch.dashboards;

import static dev.ringwatch.agent.metrics.MetricCatalogue.*;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ringwatch.agent.metrics.MetricCatalogue;
import dev.ringwatch.dashboards.Look.Name;
import dev.ringwatch.dashboards.Look.Table;
import dev.ringwatch.dashboards.Look.Value;
import dev.ringwatch.dashboards.PromQl.Merge;
import dev.ringwatch.dashboards.Variable.First;
import java.util.List;

/** The dashboard "Ringwatch / Overview": which machines of many are in trouble. */
final class OverviewDashboard {
    static final String UID = "ringwatch-overview";

    private static final Look.State NONE_ANSWERS = new Look.State("none answers", "red");

    private static final int TOP = 10;

    /** More rows than that are read by nobody, and a fleet can have thousands. */
    private static final int MOST_ROWS = 100;

    private static final List<String> NODE = List.of("instance");
    private static final List<String> NODE_AND_GROUP = List.of("instance", "group");

    private OverviewDashboard() {}

    static ObjectNode build() {
        return new DashboardBuilder(
                        UID,
                        "Ringwatch / Overview",
                        "Which nodes are in trouble: findings, alerts and the groups nearest to a"
                                + " limit, over all agents.")
                .variables(Variable.ofGroups(First.ALL, First.ALL))
                .row("At a glance", atAGlance())
                .row(
                        "Trouble",
                        Line.tables(findings(), alerts()),
                        Line.tables(agentsInTrouble(), versions()))
                .row("Top groups", topHeld(), topNearLimits())
                .row("Over time", overTime())
                .build();
    }

    private static Line atAGlance() {
        Query withFindings =
                PromQl.findings(PromQl.DECIDED, NODE).nonZero().counted().orZeroIfSeen();
        return Line.figures(
                Panel.figure(
                        "Agents up",
                        "Agents whose last scrape succeeded.",
                        Unit.COUNT,
                        Levels.NEUTRAL,
                        NONE_ANSWERS,
                        PromQl.agentsThatAnswer()),
                Panel.figure(
                        "Agents down",
                        "Targets in the agents' job that Prometheus cannot scrape. Nothing is known"
                                + " of their nodes.",
                        Unit.COUNT,
                        Levels.badFrom(1),
                        NONE_ANSWERS,
                        PromQl.agentsThatDoNot()),
                Panel.figure(
                        "Incomplete views",
                        "Agents whose last observation did not see everything: no news from them is"
                                + " not good news.",
                        Unit.COUNT,
                        Levels.doubtfulFrom(1),
                        PromQl.zeros(OBSERVATION_COMPLETE, List.of())),
                Panel.figure(
                        "Nodes with findings",
                        "Nodes with an open finding that is certain.",
                        Unit.COUNT,
                        Levels.badFrom(1),
                        withFindings),
                Panel.figure(
                        "Open findings",
                        "All that are certain, on all nodes.",
                        Unit.COUNT,
                        Levels.badFrom(1),
                        PromQl.findings(PromQl.DECIDED, List.of()).orZeroIfSeen()),
                Panel.figure(
                        "Alerts firing",
                        "Of Ringwatch's rules, for the chosen nodes. \"None\" means nothing if the"
                                + " rules are not loaded into this Prometheus.",
                        Unit.COUNT,
                        Levels.badFrom(1),
                        new Look.State("none", "green"),
                        PromQl.alerts(List.of())));
    }

    private static Panel findings() {
        return table(
                "Open findings by node, group and kind",
                "What is wrong now, and where. The node's dashboard shows what it holds;"
                        + " `ringwatch leaks` on the node names processes, sockets and rings. Of"
                        + " very many, the "
                        + MOST_ROWS
                        + " with the most findings.",
                new Table(
                        new Value("Open", Unit.COUNT, Levels.NEUTRAL),
                        new Name("instance", "Node", Link.NODE),
                        new Name("group", "Group", Link.GROUP),
                        new Name("kind", "Kind")),
                PromQl.each(Merge.SUM, FINDINGS).nonZero().top(MOST_ROWS));
    }

    private static Panel alerts() {
        return table(
                "Firing alerts",
                "Each has a runbook, which its notification links to.",
                new Table(
                        new Name("alertname", "Alert"),
                        new Name("severity", "Severity"),
                        new Name("instance", "Node", Link.NODE),
                        new Name("group", "Group")),
                PromQl.alerts(List.of("alertname", "severity", "instance", "group"))
                        .top(MOST_ROWS));
    }

    private static Panel agentsInTrouble() {
        return table(
                "Agents of which not all is well",
                "While an agent does not see everything, leaks on its node can go unnoticed."
                        + " `ringwatch doctor` on the node names the cure, if there is one. Sources"
                        + " that only some kernels have are on the agent's dashboard.",
                new Table(
                        new Name("instance", "Agent", Link.AGENT),
                        new Name("trouble", "What it lacks")),
                PromQl.agentsInTrouble(PromQl.MAIN_SOURCES).top(MOST_ROWS));
    }

    private static Panel versions() {
        return table(
                "Agents by version",
                BUILD_INFO.help() + " More than one: an update has not reached every node.",
                new Table(
                        new Value("Agents", Unit.COUNT, Levels.NEUTRAL),
                        new Name("version", "Version")),
                PromQl.by(Merge.COUNT, BUILD_INFO, List.of("version")));
    }

    private static Line topHeld() {
        return Line.tables(
                top(
                        "Most descriptors in flight",
                        UNIX_INFLIGHT_FDS,
                        "A group that stays at the top does not receive what is sent to it.",
                        new Value("In flight", Unit.COUNT, Levels.NEUTRAL),
                        PromQl.by(Merge.SUM, UNIX_INFLIGHT_FDS, NODE_AND_GROUP)),
                top(
                        "Longest in flight",
                        "How long the descriptors that wait longest have been in flight, at the least.",
                        new Value("Waits for", Unit.SECONDS, Levels.NEUTRAL),
                        PromQl.age(UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS, NODE_AND_GROUP)),
                top(
                        "Most registered-only files",
                        URING_REGISTERED_ONLY_FILES,
                        "Normal for servers with direct descriptors; compare with their load.",
                        new Value("Files", Unit.COUNT, Levels.NEUTRAL),
                        PromQl.by(Merge.SUM, URING_REGISTERED_ONLY_FILES, NODE_AND_GROUP)));
    }

    private static Line topNearLimits() {
        return Line.tables(
                top(
                        "Nearest to the limit in flight",
                        UNIX_WORST_INFLIGHT_LIMIT_RATIO,
                        "",
                        new Value("Of the limit", Unit.RATIO, Levels.rising(0.8, 1)),
                        PromQl.by(Merge.MAX, UNIX_WORST_INFLIGHT_LIMIT_RATIO, NODE_AND_GROUP)),
                top(
                        "Fullest file tables",
                        URING_WORST_FILE_TABLE_USAGE_RATIO,
                        "A table that is made for a fixed set of files is always full; one that"
                                + " takes accepted connections must not be.",
                        new Value("Occupied", Unit.RATIO, Levels.NEUTRAL),
                        PromQl.by(Merge.MAX, URING_WORST_FILE_TABLE_USAGE_RATIO, NODE_AND_GROUP)),
                top(
                        "Most waiting for the collector",
                        UNIX_GC_WAIT_SECONDS_TOTAL,
                        "Shown as time in each second. Empty where it cannot be measured; near 0 where"
                                + " the collector has a worker.",
                        new Value("Waits", Unit.SECONDS, Levels.NEUTRAL),
                        PromQl.rate(UNIX_GC_WAIT_SECONDS_TOTAL, NODE_AND_GROUP)));
    }

    /** The groups of all nodes that have most of something. */
    private static Panel top(
            String title, MetricCatalogue metric, String reading, Value value, Query query) {
        return top(title, Panel.describe(metric, reading), value, query);
    }

    private static Panel top(String title, String description, Value value, Query query) {
        return table(
                title,
                description + " The first " + TOP + " of all nodes.",
                new Table(
                        value,
                        new Name("instance", "Node", Link.NODE),
                        new Name("group", "Group", Link.GROUP)),
                query.nonZero().top(TOP));
    }

    private static Panel table(String title, String description, Table table, Query query) {
        Unit unit = table.value().map(Value::unit).orElse(Unit.COUNT);
        return new Panel(title, description, unit, table, query);
    }

    private static Line overTime() {
        return Line.graphs(
                Panel.lines(
                        "Open findings by kind",
                        FINDINGS,
                        "Of all nodes together.",
                        Unit.COUNT,
                        PromQl.by(Merge.SUM, FINDINGS, List.of("kind"))),
                Panel.lines(
                        "Findings opened by kind",
                        FINDINGS_OPENED_TOTAL,
                        Panel.increase(
                                "With exemplars (Prometheus started with"
                                        + " --enable-feature=exemplar-storage), a dot carries the finding's"
                                        + " leak_id and process."),
                        Unit.COUNT,
                        PromQl.growth(FINDINGS_OPENED_TOTAL, List.of("kind")).withExemplars()),
                Panel.lines(
                        "Agents",
                        "How many answer, how many do not, and how many of the first do not see everything.",
                        Unit.COUNT,
                        PromQl.agentsThatAnswer().called("up"),
                        PromQl.agentsThatDoNot().called("down"),
                        PromQl.zeros(OBSERVATION_COMPLETE, List.of())
                                .called("with an incomplete view")));
    }
}

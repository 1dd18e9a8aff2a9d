package dev.ringwatch.dashboards;

import static dev.ringwatch.agent.metrics.MetricCatalogue.*;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ringwatch.dashboards.PromQl.Merge;
import dev.ringwatch.dashboards.Variable.First;
import java.util.List;

/** The dashboard "Ringwatch / Collector": victims of the AF_UNIX collector beside offenders. */
final class CollectorDashboard {
    static final String UID = "ringwatch-collector";

    /** Lines of a graph; more cannot be told apart. */
    private static final int TOP = 10;

    private static final String FIRST_NODES = "The first " + TOP + " nodes.";

    private static final List<String> NODE_AND_GROUP = List.of("instance", "group");

    private static final String HOW_TO_READ =
            """
            The kernel's collector of AF_UNIX sockets looks for sockets in flight that nobody can \
            reach any more. Its work grows with the sockets in flight on the whole machine, whoever \
            owns them, and it is started by whoever happens to close or send. So three parties have \
            to do with it:

            | who | does what | is |
            |---|---|---|
            | **owns** | has descriptors in its queues and does not receive them | the **offender**, even if it is idle |
            | **starts** | closes or sends, and so starts runs | mostly a bystander |
            | **waits** | is held up until a run ends | the **victim** |

            A group that owns much and neither starts nor waits is the one to mend; its dashboard \
            is a click on its line away. Where the collector has a worker of its own (Linux 6.10, \
            and the stable kernels that took the change) almost nobody waits: the cost is the \
            worker's processor time. While the graph cannot be cyclic, a run ends at once.""";

    private CollectorDashboard() {}

    static ObjectNode build() {
        return new DashboardBuilder(
                        UID,
                        "Ringwatch / Collector",
                        "The kernel's AF_UNIX collector: who owns what is in flight, whose calls start"
                                + " it, who waits for it, and what it costs.")
                .variables(Variable.ofGroups(First.ALL, First.ALL))
                .row("At a glance", atAGlance())
                .row("Offenders beside victims", parties(), senders())
                .row("How to read this", howToRead())
                .row("Runs", Line.graphs(runs(), durations(), slowest()), work())
                .row("What was freed", freed())
                .build();
    }

    private static Line atAGlance() {
        return Line.figures(
                Panel.figure(
                        "Runs now",
                        UNIX_GC_RUNS_TOTAL.help() + " Shown per second.",
                        Unit.PER_SECOND,
                        Levels.NEUTRAL,
                        PromQl.rate(UNIX_GC_RUNS_TOTAL, List.of())),
                Panel.figure(
                        "Time in it now",
                        "What runs take together, in each second, on all chosen nodes: at one second a"
                                + " whole processor.",
                        Unit.SECONDS,
                        Levels.rising(0.05, 0.25),
                        PromQl.busy(UNIX_GC_DURATION_SECONDS, List.of())),
                Panel.figure(
                        "Waiting for it now",
                        UNIX_GC_WAIT_SECONDS_TOTAL.help()
                                + " Shown as time in each second, of all calls.",
                        Unit.SECONDS,
                        Levels.rising(0.01, 0.1),
                        new Look.State("not measured", "text"),
                        PromQl.rate(UNIX_GC_WAIT_SECONDS_TOTAL, List.of())),
                Panel.figure(
                        "Sockets in flight now",
                        UNIX_INFLIGHT_SOCKETS.help(),
                        Unit.COUNT,
                        Levels.NEUTRAL,
                        PromQl.total(Merge.SUM, UNIX_INFLIGHT_SOCKETS)),
                Panel.figure(
                        "May be cyclic now",
                        UNIX_GC_GRAPH_CYCLIC.help() + " On any of the chosen nodes.",
                        Unit.YES_NO,
                        new Levels("green", List.of(new Levels.Step(1, "blue"))),
                        new Look.State("not known", "text"),
                        PromQl.total(Merge.MAX, UNIX_GC_GRAPH_CYCLIC)),
                Panel.figure(
                        "Last run ago",
                        "How long ago the last run of the AF_UNIX collector ended, on the node where it is longest"
                                + " ago.",
                        Unit.SECONDS,
                        Levels.NEUTRAL,
                        PromQl.age(UNIX_GC_LAST_RUN_TIMESTAMP_SECONDS, List.of())));
    }

    private static Line parties() {
        return Line.graphs(
                Panel.lines(
                                "Owns: descriptors in flight, by owner of the queue",
                                UNIX_INFLIGHT_FDS,
                                "The offender is here. The first " + TOP + ".",
                                Unit.COUNT,
                                PromQl.by(Merge.SUM, UNIX_INFLIGHT_FDS, NODE_AND_GROUP).top(TOP))
                        .linkedTo(Link.GROUP),
                Panel.rate(
                                "Starts: runs, by whose call",
                                UNIX_GC_QUEUED_TOTAL,
                                "The first " + TOP + ".",
                                PromQl.rate(UNIX_GC_QUEUED_TOTAL, NODE_AND_GROUP).top(TOP))
                        .linkedTo(Link.GROUP),
                Panel.time(
                                "Waits: time, by whose call",
                                UNIX_GC_WAIT_SECONDS_TOTAL,
                                "The victim is here. Absent where it cannot be"
                                        + " measured. The first "
                                        + TOP
                                        + ".",
                                PromQl.rate(UNIX_GC_WAIT_SECONDS_TOTAL, NODE_AND_GROUP).top(TOP))
                        .linkedTo(Link.GROUP));
    }

    private static Line senders() {
        return Line.graphs(
                Panel.lines(
                                "Descriptors in flight, by sender",
                                UNIX_INFLIGHT_SENT_FDS,
                                "A sender keeps files open in another's queue. The first "
                                        + TOP
                                        + ".",
                                Unit.COUNT,
                                PromQl.by(Merge.SUM, UNIX_INFLIGHT_SENT_FDS, NODE_AND_GROUP)
                                        .top(TOP))
                        .linkedTo(Link.GROUP),
                Panel.lines(
                                "Sockets in flight",
                                UNIX_INFLIGHT_SOCKETS,
                                "The collector's work grows with these, not with files in flight. "
                                        + FIRST_NODES,
                                Unit.COUNT,
                                PromQl.each(Merge.SUM, UNIX_INFLIGHT_SOCKETS).top(TOP))
                        .linkedTo(Link.NODE));
    }

    private static Line howToRead() {
        return new Line(
                9,
                List.of(
                        new Tile.Note(
                                "Owner, starter, waiter",
                                "Who is who in the graphs above.",
                                HOW_TO_READ)));
    }

    private static Panel runs() {
        return Panel.rate(
                        "Runs",
                        UNIX_GC_RUNS_TOTAL,
                        FIRST_NODES,
                        PromQl.rate(UNIX_GC_RUNS_TOTAL).top(TOP))
                .linkedTo(Link.NODE);
    }

    private static Panel durations() {
        return new Panel(
                "How long runs took",
                UNIX_GC_DURATION_SECONDS.help()
                        + " The stronger the colour, the more runs; of all chosen nodes.",
                Unit.SECONDS,
                new Look.Heatmap(),
                PromQl.buckets(UNIX_GC_DURATION_SECONDS));
    }

    private static Panel slowest() {
        return Panel.lines(
                "Half and 99 of 100 runs are not longer than",
                UNIX_GC_DURATION_SECONDS.help() + " As exact as the buckets are narrow.",
                Unit.SECONDS,
                PromQl.quantile(0.5, UNIX_GC_DURATION_SECONDS).called("half"),
                PromQl.quantile(0.99, UNIX_GC_DURATION_SECONDS).called("99 of 100"));
    }

    private static Line work() {
        return Line.graphs(
                Panel.lines(
                                "Time in the collector",
                                "What runs take together, in each second: at one second a whole"
                                        + " processor. "
                                        + FIRST_NODES,
                                Unit.SECONDS,
                                PromQl.busy(UNIX_GC_DURATION_SECONDS).top(TOP))
                        .linkedTo(Link.NODE),
                new Panel(
                        "Graph may be cyclic",
                        Panel.describe(
                                UNIX_GC_GRAPH_CYCLIC,
                                "\"No\": a run ends at once. Absent where the kernel keeps no"
                                        + " addresses of its variables."),
                        Unit.YES_NO,
                        Look.States.EITHER,
                        PromQl.each(Merge.MAX, UNIX_GC_GRAPH_CYCLIC)),
                Panel.lines(
                        "Since the last run",
                        "How long ago the last run ended. The agent starts some itself, at each of its"
                                + " observations. "
                                + FIRST_NODES,
                        Unit.SECONDS,
                        PromQl.age(UNIX_GC_LAST_RUN_TIMESTAMP_SECONDS).top(TOP)));
    }

    private static Line freed() {
        return Line.graphs(
                Panel.growth(
                        "Sockets freed",
                        UNIX_GC_COLLECTED_SOCKETS_TOTAL,
                        "One or a few at each observation are the agent's own;"
                                + " more is garbage that programs leave to the kernel."),
                Panel.growth(
                        "Descriptors freed",
                        UNIX_GC_COLLECTED_FDS_TOTAL,
                        "Files of the agent's own are among them, one or a few at"
                                + " each observation."));
    }
}

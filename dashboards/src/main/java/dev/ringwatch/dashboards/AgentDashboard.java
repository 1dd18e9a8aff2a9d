package dev.ringwatch.dashboards;

import static dev.ringwatch.agent.metrics.MetricCatalogue.*;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ringwatch.dashboards.Look.Name;
import dev.ringwatch.dashboards.Look.Table;
import dev.ringwatch.dashboards.Look.Value;
import dev.ringwatch.dashboards.PromQl.Merge;
import dev.ringwatch.dashboards.Variable.First;
import java.util.List;

/** The dashboard "Ringwatch / Agent": whether the agents see what they should, and their cost. */
final class AgentDashboard {
    static final String UID = "ringwatch-agent";

    private AgentDashboard() {}

    static ObjectNode build() {
        return new DashboardBuilder(
                        UID,
                        "Ringwatch / Agent",
                        "Whether the agents run, see everything they look for and lose nothing; and"
                                + " what they cost.")
                .variables(Variable.ofAgents(First.ONE))
                .row("Reachable", reachable(), tables())
                .row("What it sees", Line.ofGraphs(sees()))
                .row("Limits", Line.ofGraphs(limits()))
                .row("BPF", Line.ofGraphs(bpf()))
                .row("JVM and process", Line.ofGraphs(process()))
                .build();
    }

    private static Line reachable() {
        return Line.graphs(
                new Panel(
                        "Agent scraped",
                        "Whether Prometheus could scrape the agent.",
                        Unit.YES_NO,
                        Look.States.GOOD_WHEN_ONE,
                        PromQl.up()),
                Panel.lines(
                        "Duration of a scrape",
                        OwnMetric.SCRAPE_DURATION.help()
                                + " A scrape starts no observation; it shows the last one.",
                        Unit.SECONDS,
                        PromQl.own(Merge.MAX, OwnMetric.SCRAPE_DURATION)),
                Panel.lines(
                        "Series of a scrape",
                        OwnMetric.SCRAPE_SAMPLES.help() + " It grows with the number of groups.",
                        Unit.COUNT,
                        PromQl.own(Merge.MAX, OwnMetric.SCRAPE_SAMPLES)));
    }

    private static Line tables() {
        return Line.tables(
                new Panel(
                        "What it lacks",
                        "Everything that is not well with the chosen agents. `ringwatch doctor` on the"
                                + " node names the cure, if there is one.",
                        Unit.COUNT,
                        new Table(
                                new Name("instance", "Agent", Link.NODE),
                                new Name("trouble", "What it lacks")),
                        PromQl.agentsInTrouble(PromQl.ALL_SOURCES)),
                new Panel(
                        "Versions",
                        BUILD_INFO.help(),
                        Unit.COUNT,
                        new Table(
                                new Name("instance", "Agent", Link.NODE),
                                new Name("version", "Version")),
                        PromQl.each(Merge.COUNT, BUILD_INFO)),
                new Panel(
                        "Runs for",
                        "How long the agent's process has run. Ages of what it sees are not longer.",
                        Unit.SECONDS,
                        new Table(
                                new Value("Runs for", Unit.SECONDS, Levels.NEUTRAL),
                                new Name("instance", "Agent", Link.NODE)),
                        PromQl.ownAge(OwnMetric.START_TIME)));
    }

    private static List<Panel> sees() {
        return List.of(
                Panel.states(
                        "Observation complete",
                        OBSERVATION_COMPLETE,
                        "While it is not, no news is not good news.",
                        Look.States.GOOD_WHEN_ONE),
                Panel.states(
                        "Sources",
                        SOURCE_UP,
                        "Metrics of a source that is down are absent.",
                        Look.States.GOOD_WHEN_ONE),
                Panel.states(
                        "Features",
                        FEATURE_ENABLED,
                        "`ringwatch doctor` names the cure for each that is off.",
                        Look.States.OFF_OR_ON),
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
                Panel.states(
                        "Configuration read",
                        CONFIG_LAST_RELOAD_SUCCESSFUL,
                        "While it is not, what was read before holds.",
                        Look.States.GOOD_WHEN_ONE));
    }

    private static List<Panel> limits() {
        return List.of(
                Panel.states(
                        "Limits reached",
                        LIMIT_REACHED,
                        "What lies beyond the limit was not looked at, and a finding that depends"
                                + " on it is undecided.",
                        Look.States.BAD_WHEN_ONE),
                Panel.growth(
                        "Events lost",
                        BPF_EVENTS_LOST_TOTAL,
                        "What was lost is in no counter: they are too low from then on."),
                Panel.lines(
                        "Groups",
                        "Groups that have series of their own, and groups beyond the limit, which"
                                + " are counted together as ~other. Sums stay exact.",
                        Unit.COUNT,
                        PromQl.each(Merge.SUM, GROUPS).called("own series"),
                        PromQl.each(Merge.SUM, GROUPS_FOLDED).called("folded")),
                Panel.growth(
                        "Limits of the agent's server",
                        HTTP_LIMIT_HITS_TOTAL,
                        "Requests beyond a limit were refused or cut short."));
    }

    private static List<Panel> bpf() {
        return List.of(
                Panel.time(
                        "Cost of BPF programs",
                        BPF_PROGRAM_RUN_SECONDS_TOTAL,
                        "Of one processor. No lines: that sysctl is 0.",
                        PromQl.rate(BPF_PROGRAM_RUN_SECONDS_TOTAL)),
                Panel.rate(
                        "Runs of BPF programs",
                        BPF_PROGRAM_RUNS_TOTAL,
                        "",
                        PromQl.rate(BPF_PROGRAM_RUNS_TOTAL)),
                Panel.lines(
                        "Cost of a run",
                        "What one run of a BPF program takes on average, while the sysctl"
                                + " kernel.bpf_stats_enabled is on.",
                        Unit.SECONDS,
                        PromQl.ratio(BPF_PROGRAM_RUN_SECONDS_TOTAL, BPF_PROGRAM_RUNS_TOTAL)),
                Panel.lines(
                        "BPF map memory",
                        BPF_MAP_MEMORY_BYTES,
                        "No lines: the agent works without BPF.",
                        Unit.BYTES,
                        PromQl.each(Merge.SUM, BPF_MAP_MEMORY_BYTES)),
                Panel.sum("BPF map capacity", BPF_MAP_ENTRIES, ""));
    }

    private static List<Panel> process() {
        return List.of(
                Panel.lines(
                        "Processor",
                        OwnMetric.CPU_SECONDS.help()
                                + " Shown as time in each second: at one second a whole processor.",
                        Unit.SECONDS,
                        PromQl.ownRate(OwnMetric.CPU_SECONDS)),
                Panel.lines(
                        "Memory used",
                        OwnMetric.MEMORY_USED.help() + " Its native libraries' comes on top.",
                        Unit.BYTES,
                        PromQl.own(Merge.SUM, OwnMetric.MEMORY_USED, "area")),
                Panel.lines(
                        "Memory reserved",
                        OwnMetric.MEMORY_COMMITTED.help(),
                        Unit.BYTES,
                        PromQl.own(Merge.SUM, OwnMetric.MEMORY_COMMITTED, "area")),
                Panel.lines(
                        "Buffers outside the heap",
                        OwnMetric.BUFFER_MEMORY.help(),
                        Unit.BYTES,
                        PromQl.own(Merge.SUM, OwnMetric.BUFFER_MEMORY)),
                Panel.lines(
                        "Open files",
                        OwnMetric.OPEN_FILES.help() + " The limit is beside it.",
                        Unit.COUNT,
                        PromQl.own(Merge.SUM, OwnMetric.OPEN_FILES).called("open"),
                        PromQl.own(Merge.SUM, OwnMetric.MAX_FILES).called("limit")),
                Panel.lines(
                        "Threads",
                        OwnMetric.THREADS.help(),
                        Unit.COUNT,
                        PromQl.own(Merge.SUM, OwnMetric.THREADS)));
    }
}

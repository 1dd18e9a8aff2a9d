package dev.ringwatch.agent.metrics;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Renders one tracked observation: every series of a scrape comes from it and from nothing else. */
public final class Exposition {
    private static final double NANOS = 1e9;

    private final Tracked tracked;
    private final Observation observation;
    private final ReferenceGraph graph;
    private final Groups groups;
    private final GroupFold fold;
    private final Series series = new Series();

    private Exposition(Tracked tracked, int maxGroups) {
        this.tracked = tracked;
        observation = tracked.observation();
        graph = observation.graph();
        groups = tracked.groups();
        fold = new GroupFold(maxGroups);
    }

    /**
     * The whole exposition.
     *
     * @param maxGroups how many groups may have series of their own
     * @param now for the age of the observation
     */
    public static MetricSnapshots of(
            Tracked tracked, AgentStatus status, int maxGroups, Instant now) {
        return new Exposition(tracked, maxGroups).render(status, now);
    }

    /** What can be said before the first observation, and when one failed: only about the agent. */
    public static MetricSnapshots withoutObservation(
            AgentStatus status, List<SourceReport> sources) {
        Series series = new Series();
        addStatus(series, status);
        addSources(series, sources);
        return series.snapshots();
    }

    private MetricSnapshots render(AgentStatus status, Instant now) {
        List<Runnable> additions = new ArrayList<>();
        observation.rings().forEach(ring -> addRing(ring, additions));
        addRegisteredOnly(additions);
        observation.sockets().forEach(socket -> addSocket(socket, additions));
        tracked.findings().forEach(finding -> addFinding(finding, additions));
        fold.decide();
        additions.forEach(Runnable::run);
        observation.processes().values().forEach(this::addLimit);
        addEvents();
        observation.activity().ifPresent(this::addActivity);
        addTotals();
        addSources(series, observation.sources());
        addStatus(series, status);
        Duration age = Duration.between(observation.takenAt(), now);
        series.add(MetricCatalogue.OBSERVATION_AGE_SECONDS, Math.max(0, seconds(age)));
        series.set(MetricCatalogue.OBSERVATION_COMPLETE, observation.complete());
        return series.snapshots();
    }

    private void addRing(RingFacts ring, List<Runnable> additions) {
        String group = groups.of(ring.file());
        fold.weigh(group, 1 + ring.registeredFiles().orElse(0));
        additions.add(() -> addRing(ring, fold.of(group)));
    }

    private void addRing(RingFacts ring, String group) {
        series.add(MetricCatalogue.URING_RINGS, 1, group);
        if (!ring.readable()) {
            series.add(MetricCatalogue.URING_UNREADABLE_RINGS, 1, group);
        }
        add(MetricCatalogue.URING_REGISTERED_FILES, ring.registeredFiles(), group);
        add(MetricCatalogue.URING_FILE_TABLE_SLOTS, ring.fileTableSlots(), group);
        add(MetricCatalogue.URING_REGISTERED_BUFFERS, ring.registeredBuffers(), group);
        add(MetricCatalogue.URING_REGISTERED_BUFFER_BYTES, ring.registeredBufferBytes(), group);
        add(MetricCatalogue.URING_INFLIGHT_REQUESTS, ring.inflightRequests(), group);
        add(MetricCatalogue.URING_CQ_OVERFLOW_ENTRIES, ring.overflowEntries(), group);
        if (ring.registeredFiles().isPresent() && ring.fileTableSlots().orElse(0) > 0) {
            double used = ring.registeredFiles().getAsInt();
            series.max(
                    MetricCatalogue.URING_WORST_FILE_TABLE_USAGE_RATIO,
                    used / ring.fileTableSlots().getAsInt(),
                    group);
        }
    }

    private void add(MetricCatalogue metric, OptionalInt value, String group) {
        value.ifPresent(v -> series.add(metric, v, group));
    }

    private void add(MetricCatalogue metric, OptionalLong value, String group) {
        value.ifPresent(v -> series.add(metric, (double) v, group));
    }

    /** From eBPF only: /proc names files by a text that two of them may share. */
    private void addRegisteredOnly(List<Runnable> additions) {
        if (observation.sources().stream().noneMatch(s -> s.source() == Source.BPF && s.up())) {
            return;
        }
        for (RingFacts ring : observation.rings()) {
            if (ring.readable()) {
                String group = groups.of(ring.file());
                additions.add(
                        () ->
                                series.add(
                                        MetricCatalogue.URING_REGISTERED_ONLY_FILES,
                                        0,
                                        fold.of(group)));
            }
        }
        for (int file = 0; file < graph.fileCount(); file++) {
            if (graph.outsideReferences(file) == 0 && inTable(file)) {
                String group = groups.of(file);
                fold.weigh(group, 1);
                additions.add(
                        () ->
                                series.add(
                                        MetricCatalogue.URING_REGISTERED_ONLY_FILES,
                                        1,
                                        fold.of(group)));
            }
        }
    }

    private boolean inTable(int file) {
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            if (graph.by(graph.holderReference(i)) == By.SLOT) {
                return true;
            }
        }
        return false;
    }

    private void addSocket(SocketFacts socket, List<Runnable> additions) {
        int inflight = socket.inflight().orElse(0);
        if (inflight == 0) {
            return;
        }
        String group = groups.of(socket.file());
        fold.weigh(group, inflight);
        Instant since = tracked.queueSince().get(socket.file());
        additions.add(
                () -> {
                    series.add(MetricCatalogue.UNIX_INFLIGHT_FDS, inflight, fold.of(group));
                    if (since != null) {
                        series.min(
                                MetricCatalogue.UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS,
                                since.toEpochMilli() / 1000.0,
                                fold.of(group));
                    }
                });
    }

    /** Of groups that hold something; the others have no series. */
    private void addLimit(ProcessFacts process) {
        String group = groups.ofProcess(process.pid());
        if (fold.knows(group)) {
            process.inflight()
                    .ifPresent(
                            i ->
                                    series.max(
                                            MetricCatalogue.UNIX_WORST_INFLIGHT_LIMIT_RATIO,
                                            i.ratio(),
                                            fold.of(group)));
        }
    }

    private void addFinding(Finding finding, List<Runnable> additions) {
        fold.weigh(finding.group(), 1);
        additions.add(
                () ->
                        series.add(
                                MetricCatalogue.FINDINGS,
                                1,
                                fold.of(finding.group()),
                                finding.kind().label()));
    }

    /** Counters keep their group for good: they are folded where they are counted. */
    private void addEvents() {
        tracked.events()
                .forEach((kind, groups) -> groups.forEach((group, n) -> addEvent(kind, n, group)));
    }

    private void addEvent(EventKind kind, long n, String group) {
        switch (kind) {
            case RINGS_CREATED ->
                    series.add(MetricCatalogue.URING_RINGS_CREATED_TOTAL, (double) n, group);
            case RINGS_RELEASED ->
                    series.add(MetricCatalogue.URING_RINGS_RELEASED_TOTAL, (double) n, group);
            case CQ_OVERFLOWS ->
                    series.add(MetricCatalogue.URING_CQ_OVERFLOW_EVENTS_TOTAL, (double) n, group);
            case IOWQ_PUNTS ->
                    series.add(MetricCatalogue.URING_IOWQ_PUNTS_TOTAL, (double) n, group);
            case COLLECTOR_RUNS_QUEUED ->
                    series.add(MetricCatalogue.UNIX_GC_QUEUED_TOTAL, (double) n, group);
            case COLLECTOR_WAIT_NANOS ->
                    series.add(MetricCatalogue.UNIX_GC_WAIT_SECONDS_TOTAL, n / NANOS, group);
        }
    }

    private void addActivity(Activity activity) {
        activity.teardowns()
                .ifPresent(d -> series.histogram(MetricCatalogue.URING_TEARDOWN_SECONDS, d));
        activity.collector().ifPresent(this::addCollector);
    }

    private void addCollector(Activity.CollectorRuns runs) {
        series.add(MetricCatalogue.UNIX_GC_RUNS_TOTAL, (double) runs.durations().count());
        series.histogram(MetricCatalogue.UNIX_GC_DURATION_SECONDS, runs.durations());
        runs.freedSockets()
                .ifPresent(
                        n ->
                                series.add(
                                        MetricCatalogue.UNIX_GC_COLLECTED_SOCKETS_TOTAL,
                                        (double) n));
        runs.freedFds()
                .ifPresent(
                        n -> series.add(MetricCatalogue.UNIX_GC_COLLECTED_FDS_TOTAL, (double) n));
        runs.lastRun()
                .ifPresent(
                        at ->
                                series.add(
                                        MetricCatalogue.UNIX_GC_LAST_RUN_TIMESTAMP_SECONDS,
                                        at.toEpochMilli() / 1000.0));
        runs.cyclic().ifPresent(c -> series.set(MetricCatalogue.UNIX_GC_GRAPH_CYCLIC, c));
    }

    private void addTotals() {
        observation
                .inFlightSockets()
                .ifPresent(n -> series.add(MetricCatalogue.UNIX_INFLIGHT_SOCKETS, n));
        for (FindingKind kind : FindingKind.values()) {
            series.add(
                    MetricCatalogue.FINDINGS_OPENED_TOTAL,
                    tracked.opened().getOrDefault(kind, 0L),
                    kind.label());
        }
        series.add(MetricCatalogue.GROUPS, fold.kept());
        series.add(MetricCatalogue.GROUPS_FOLDED, fold.folded());
    }

    private static void addSources(Series series, List<SourceReport> sources) {
        for (SourceReport report : sources) {
            String source = report.source().label();
            series.set(MetricCatalogue.SOURCE_UP, report.up(), source);
            if (report.up()) {
                series.add(
                        MetricCatalogue.OBSERVATION_DURATION_SECONDS,
                        seconds(report.took()),
                        source);
            }
        }
    }

    private static void addStatus(Series series, AgentStatus status) {
        series.add(MetricCatalogue.BUILD_INFO, 1, status.version());
        status.features()
                .forEach((name, on) -> series.set(MetricCatalogue.FEATURE_ENABLED, on, name));
        status.limits()
                .forEach((name, met) -> series.set(MetricCatalogue.LIMIT_REACHED, met, name));
        status.files()
                .forEach(
                        (name, good) ->
                                series.set(
                                        MetricCatalogue.CONFIG_LAST_RELOAD_SUCCESSFUL, good, name));
        status.httpLimits()
                .forEach(
                        (name, hits) ->
                                series.add(
                                        MetricCatalogue.HTTP_LIMIT_HITS_TOTAL,
                                        (double) hits,
                                        name));
        for (AgentStatus.BpfMap map : status.maps()) {
            series.add(MetricCatalogue.BPF_MAP_ENTRIES, (double) map.entries(), map.name());
            series.add(MetricCatalogue.BPF_MAP_MEMORY_BYTES, (double) map.bytes(), map.name());
        }
        for (AgentStatus.BpfProgram p : status.programs()) {
            series.add(MetricCatalogue.BPF_PROGRAM_RUNS_TOTAL, (double) p.runs(), p.name());
            series.add(MetricCatalogue.BPF_PROGRAM_RUN_SECONDS_TOTAL, seconds(p.took()), p.name());
        }
        status.eventsLost()
                .ifPresent(n -> series.add(MetricCatalogue.BPF_EVENTS_LOST_TOTAL, (double) n));
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }
}

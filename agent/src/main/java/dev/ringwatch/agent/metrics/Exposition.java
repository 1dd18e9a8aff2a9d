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
import dev.ringwatch.agent.track.GroupSeries;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Renders one tracked observation: every series of a scrape comes from it and from nothing else. */
public final class Exposition {
    private static final double NANOS = 1e9;

    private final Tracked tracked;
    private final Observation observation;
    private final ReferenceGraph graph;
    private final Groups groups;
    private final GroupSeries fold;
    private final Series series = new Series();

    private Exposition(Tracked tracked) {
        this.tracked = tracked;
        observation = tracked.observation();
        graph = observation.graph();
        groups = tracked.groups();
        fold = tracked.series();
    }

    /**
     * The whole exposition.
     *
     * @param now for the age of the observation
     */
    public static MetricSnapshots of(Tracked tracked, AgentStatus status, Instant now) {
        return new Exposition(tracked).render(status, now);
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
        addGroups();
        observation.rings().forEach(this::addRing);
        addRegisteredOnly();
        observation.workers().ifPresent(this::addWorkers);
        observation.sockets().forEach(this::addSocket);
        observation.sent().ifPresent(this::addSent);
        tracked.findings().forEach(this::addFinding);
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

    /** A group keeps its series for a while when it holds nothing any more. */
    private void addGroups() {
        fold.own()
                .forEach(
                        (group, named) -> {
                            series.add(
                                    MetricCatalogue.GROUP_INFO,
                                    1,
                                    group,
                                    named.namespace(),
                                    named.pod(),
                                    named.container(),
                                    named.cgroup(),
                                    named.comm());
                        });
        if (observation.complete()) {
            for (String group : fold.empty()) {
                series.add(MetricCatalogue.URING_RINGS, 0, group);
                series.add(MetricCatalogue.UNIX_INFLIGHT_FDS, 0, group);
            }
        }
    }

    private void addRing(RingFacts ring) {
        String group = fold.of(groups.of(ring.file()));
        Instant oldest = tracked.oldestRequests().get(ring.file());
        if (oldest != null) {
            series.min(
                    MetricCatalogue.URING_OLDEST_REQUEST_START_TIMESTAMP_SECONDS,
                    oldest.toEpochMilli() / 1000.0,
                    group);
        }
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
    private void addRegisteredOnly() {
        if (observation.sources().stream().noneMatch(s -> s.source() == Source.BPF && s.up())) {
            return;
        }
        for (RingFacts ring : observation.rings()) {
            if (ring.readable()) {
                addRegisteredOnly(ring.file(), 0);
            }
        }
        for (int file = 0; file < graph.fileCount(); file++) {
            if (graph.outsideReferences(file) == 0 && inTable(file)) {
                addRegisteredOnly(file, 1);
            }
        }
    }

    private void addRegisteredOnly(int file, int n) {
        series.add(MetricCatalogue.URING_REGISTERED_ONLY_FILES, n, fold.of(groups.of(file)));
    }

    private boolean inTable(int file) {
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            if (graph.by(graph.holderReference(i)) == By.SLOT) {
                return true;
            }
        }
        return false;
    }

    /** 0 for who has a ring and no worker. */
    private void addWorkers(Map<Integer, Integer> workers) {
        for (RingFacts ring : observation.rings()) {
            add(MetricCatalogue.URING_IOWQ_WORKERS, groups.of(ring.file()), 0);
        }
        workers.forEach(
                (pid, n) -> add(MetricCatalogue.URING_IOWQ_WORKERS, groups.ofProcess(pid), n));
    }

    private void addSent(Map<Integer, Integer> sent) {
        sent.forEach((file, n) -> add(MetricCatalogue.UNIX_INFLIGHT_SENT_FDS, groups.of(file), n));
    }

    private void add(MetricCatalogue metric, String group, int value) {
        series.add(metric, value, fold.of(group));
    }

    private void addSocket(SocketFacts socket) {
        int inflight = socket.inflight().orElse(0);
        if (inflight == 0) {
            return;
        }
        String group = fold.of(groups.of(socket.file()));
        series.add(MetricCatalogue.UNIX_INFLIGHT_FDS, inflight, group);
        Instant since = tracked.queueSince().get(socket.file());
        if (since != null) {
            series.min(
                    MetricCatalogue.UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS,
                    since.toEpochMilli() / 1000.0,
                    group);
        }
    }

    /** Of groups with series; processes of the others hold nothing or little. */
    private void addLimit(ProcessFacts process) {
        String group = groups.ofProcess(process.pid());
        if (fold.own().containsKey(group)) {
            process.inflight()
                    .ifPresent(
                            i ->
                                    series.max(
                                            MetricCatalogue.UNIX_WORST_INFLIGHT_LIMIT_RATIO,
                                            i.ratio(),
                                            group));
        }
    }

    private void addFinding(Finding finding) {
        series.add(MetricCatalogue.FINDINGS, 1, fold.of(finding.group()), finding.kind().label());
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
            case SENDS_REJECTED ->
                    series.add(MetricCatalogue.UNIX_SEND_REJECTED_TOTAL, (double) n, group);
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
        tracked.lastOpened().forEach(this::addExemplar);
        series.add(MetricCatalogue.GROUPS, fold.own().size());
        series.add(MetricCatalogue.GROUPS_FOLDED, fold.folded());
    }

    private void addExemplar(FindingKind kind, Tracked.Opening opening) {
        Labels labels = Labels.of("leak_id", opening.id());
        series.exemplar(
                MetricCatalogue.FINDINGS_OPENED_TOTAL,
                Exemplar.builder()
                        .value(1)
                        .timestampMillis(opening.at().toEpochMilli())
                        .labels(
                                opening.pid().isPresent()
                                        ? labels.add(
                                                "pid", Integer.toString(opening.pid().getAsInt()))
                                        : labels)
                        .build(),
                kind.label());
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

package dev.ringwatch.agent.metrics;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.track.Figure;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.GroupSeries;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Held;
import dev.ringwatch.agent.track.Tracked;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Renders one tracked observation: every series of a scrape comes from it and from nothing else. */
public final class Exposition {
    private static final double NANOS = 1e9;

    private final Tracked tracked;
    private final Observation observation;
    private final Groups groups;
    private final GroupSeries fold;
    private final Series series = new Series();

    private Exposition(Tracked tracked) {
        this.tracked = tracked;
        observation = tracked.observation();
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
        tracked.holdings().byGroup().forEach(this::addHeld);
        observation.rings().forEach(this::addRing);
        observation.workers().ifPresent(this::addWorkers);
        observation.sent().ifPresent(this::addSent);
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
    }

    private void addHeld(String group, Held held) {
        held.figures().forEach((figure, n) -> addFigure(figure, n, group));
        held.findings()
                .forEach((kind, n) -> series.add(MetricCatalogue.FINDINGS, n, group, kind.label()));
        add(MetricCatalogue.URING_FILE_TABLE_SLOTS, held.fileTableSlots(), group);
        add(MetricCatalogue.URING_WORST_FILE_TABLE_USAGE_RATIO, held.worstTableUsage(), group);
        add(MetricCatalogue.UNIX_WORST_INFLIGHT_LIMIT_RATIO, held.worstLimitRatio(), group);
        add(
                MetricCatalogue.URING_OLDEST_REQUEST_START_TIMESTAMP_SECONDS,
                held.oldestRequest(),
                group);
        add(MetricCatalogue.UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS, held.oldestInflight(), group);
    }

    private void addFigure(Figure figure, long n, String group) {
        switch (figure) {
            case RINGS -> series.add(MetricCatalogue.URING_RINGS, (double) n, group);
            case REGISTERED_FILES ->
                    series.add(MetricCatalogue.URING_REGISTERED_FILES, (double) n, group);
            case REGISTERED_ONLY_FILES ->
                    series.add(MetricCatalogue.URING_REGISTERED_ONLY_FILES, (double) n, group);
            case INFLIGHT_FDS -> series.add(MetricCatalogue.UNIX_INFLIGHT_FDS, (double) n, group);
            case INFLIGHT_REQUESTS ->
                    series.add(MetricCatalogue.URING_INFLIGHT_REQUESTS, (double) n, group);
            case FINDINGS -> {} // told by kind
        }
    }

    /** What is told of rings in the metrics only. */
    private void addRing(RingFacts ring) {
        String group = fold.of(groups.of(ring.file()));
        if (!ring.readable()) {
            series.add(MetricCatalogue.URING_UNREADABLE_RINGS, 1, group);
        }
        add(MetricCatalogue.URING_REGISTERED_BUFFERS, ring.registeredBuffers(), group);
        add(MetricCatalogue.URING_REGISTERED_BUFFER_BYTES, ring.registeredBufferBytes(), group);
        add(MetricCatalogue.URING_CQ_OVERFLOW_ENTRIES, ring.overflowEntries(), group);
    }

    private void add(MetricCatalogue metric, OptionalDouble value, String group) {
        value.ifPresent(v -> series.add(metric, v, group));
    }

    private void add(MetricCatalogue metric, Optional<Instant> value, String group) {
        value.ifPresent(at -> series.add(metric, at.toEpochMilli() / 1000.0, group));
    }

    private void add(MetricCatalogue metric, OptionalInt value, String group) {
        value.ifPresent(v -> series.add(metric, v, group));
    }

    private void add(MetricCatalogue metric, OptionalLong value, String group) {
        value.ifPresent(v -> series.add(metric, (double) v, group));
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

package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.core.graph.HoldingPath;
import dev.ringwatch.core.leak.Judgement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One observation and what is known beyond it. Immutable.
 *
 * @param observations how many there were, this one included
 * @param confirmed everything that was seen twice in a row, however young, in the order of kind and
 *     age
 * @param opened how many findings of each kind were opened since the tracker began
 * @param lastOpened for each kind of which one was, the one that was opened last
 * @param queueSince for each socket with descriptors in its queue, by file, since when the same
 *     packet is the first
 * @param oldestRequests for each ring with requests in flight that could be listed, by file, when the
 *     oldest was first seen; it may be older
 * @param series which groups have series of their own
 * @param holdings what each of these groups holds
 * @param events what the processes of each group have done since the tracker began, of each kind
 *     that is measured
 */
public record Tracked(
        Observation observation,
        Judgement judgement,
        Groups groups,
        int observations,
        List<Finding> confirmed,
        Map<FindingKind, Long> opened,
        Map<FindingKind, Opening> lastOpened,
        Map<Integer, Instant> queueSince,
        Map<Integer, Instant> oldestRequests,
        GroupSeries series,
        Holdings holdings,
        Map<EventKind, Map<String, Long>> events) {
    public Tracked {
        events = Map.copyOf(events);
        confirmed = List.copyOf(confirmed);
        opened = Map.copyOf(opened);
        lastOpened = Map.copyOf(lastOpened);
        queueSince = Map.copyOf(queueSince);
        oldestRequests = Map.copyOf(oldestRequests);
    }

    /**
     * That a finding was opened.
     *
     * @param pid the process that it belonged to, if any did
     */
    public record Opening(String id, OptionalInt pid, Instant at) {}

    /** What is old enough to be a finding. */
    public List<Finding> findings() {
        return oldEnough(confirmed);
    }

    static List<Finding> oldEnough(List<Finding> confirmed) {
        return confirmed.stream().filter(f -> f.atLeast(f.threshold())).toList();
    }

    /** What is at least so old, of any kind; what is ordinary while young only if it is old. */
    public List<Finding> findings(Duration olderThan) {
        return confirmed.stream().filter(f -> f.atLeast(wanted(f, olderThan))).toList();
    }

    /** {@link #findings()}, and as undecided what was there already when looking began. */
    public List<Finding> findingsOrUndecided() {
        return orUndecided(Finding::threshold);
    }

    /**
     * {@link #findings(Duration)}, and as undecided what was there already when looking began: it
     * may in truth be old enough.
     */
    public List<Finding> findingsOrUndecided(Duration olderThan) {
        return orUndecided(f -> wanted(f, olderThan));
    }

    /** No age at all asks for everything. */
    private static Duration wanted(Finding f, Duration olderThan) {
        boolean waits = f.story().innocent() && !olderThan.isZero();
        return waits && f.threshold().compareTo(olderThan) > 0 ? f.threshold() : olderThan;
    }

    private List<Finding> orUndecided(Function<Finding, Duration> wanted) {
        return confirmed.stream()
                .filter(f -> mayBeOldEnough(f) || f.atLeast(wanted.apply(f)))
                .map(f -> f.atLeast(wanted.apply(f)) ? f : f.undecided())
                .toList();
    }

    private static boolean mayBeOldEnough(Finding f) {
        return f.maybeOlder() && !f.story().innocent();
    }

    /** Whether a process holds a file of a finding, or one on the path to it, or has used a ring there. */
    public boolean concerns(Finding finding, int pid) {
        Stream<Integer> onPath = finding.path().steps().stream().map(HoldingPath.Step::file);
        return Stream.concat(finding.files().stream(), onPath)
                .anyMatch(file -> groups.process(file).orElse(-1) == pid || hasOrUsed(pid, file));
    }

    private boolean hasOrUsed(int pid, int file) {
        boolean has =
                observation.graph().outsideHolders(file).stream()
                        .anyMatch(holder -> Groups.process(holder).orElse(-1) == pid);
        return has || groups.users(file).contains(pid);
    }
}

package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.core.graph.HoldingPath;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.leak.Evidence;
import dev.ringwatch.core.leak.Judgement;
import dev.ringwatch.core.leak.LeakFinder;
import dev.ringwatch.core.leak.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows verdicts from observation to observation. A verdict becomes a finding when it was given
 * twice in a row and is as old as its kind's threshold; so nothing that is merely in motion is
 * reported. For one thread.
 *
 * <p>Things are recognised by the identity of their files. Garbage that was seen before has since
 * outlived one more run of the collector: every observation ends with the close of an AF_UNIX
 * socket while another is in flight, which starts one (unix_release_sock, unix_gc).
 */
public final class Tracker {
    private final Thresholds thresholds;
    private final boolean tellYoung;
    private final Map<FindingKind, Long> opened = new EnumMap<>(FindingKind.class);

    private Map<Key, Sighting> sightings = new HashMap<>();
    private Map<Long, Integer> unreachableRuns = new HashMap<>();
    private long nextId = 1;

    private Tracker(Thresholds thresholds, boolean tellYoung) {
        this.thresholds = thresholds;
        this.tellYoung = tellYoung;
        for (FindingKind kind : FindingKind.values()) {
            opened.put(kind, 0L);
        }
    }

    /** A tracker that waits until something is old enough. */
    public static Tracker following(Thresholds thresholds) {
        return new Tracker(thresholds, false);
    }

    /**
     * A tracker for whoever looks only for a moment: what is not old enough yet, and may be so all
     * the same, is told as undecided.
     */
    public static Tracker glancing(Thresholds thresholds) {
        return new Tracker(thresholds, true);
    }

    /** Takes in an observation, later than all before it. */
    public Tracked accept(Observation observation) {
        HoldingPaths paths = HoldingPaths.of(observation.graph());
        Judgement judgement =
                LeakFinder.judge(
                        observation.graph(),
                        file -> unreachableRuns.getOrDefault(identity(observation, file), 0));
        Groups groups = new Groups(observation, paths);
        Map<Key, Sighting> seen = new HashMap<>();
        List<Finding> findings = new ArrayList<>();
        for (Verdict verdict : judgement.verdicts()) {
            Candidate candidate = candidate(observation, verdict);
            Sighting sighting = sight(candidate.key, observation.takenAt(), seen);
            if (candidate.reported && sighting.times > 1) {
                report(candidate, sighting, observation.takenAt(), groups, findings);
            }
        }
        Map<Integer, Instant> queueSince = queueSince(observation, seen);
        countRuns(observation, judgement);
        sightings = seen;
        findings.sort(Comparator.comparing(Finding::kind).thenComparing(Finding::since));
        return new Tracked(observation, judgement, groups, findings, opened, queueSince);
    }

    /** What a verdict would be reported as. */
    private record Candidate(
            Key key, FindingKind kind, boolean reported, List<Integer> files, Evidence evidence) {}

    /** Recognises the same thing in a later observation. */
    private record Key(String what, long identity, long detail) {}

    private static final class Sighting {
        final Instant since;
        int times;
        String id = "";

        Sighting(Instant since) {
            this.since = since;
        }
    }

    private Candidate candidate(Observation o, Verdict verdict) {
        int file = verdict.files().getFirst();
        return switch (verdict) {
            case Verdict.Leaked v -> candidate(o, v, FindingKind.LEAKED, lowest(o, v.files()), 0);
            case Verdict.Undecided v ->
                    candidate(o, v, FindingKind.UNDECIDED, lowest(o, v.files()), 0);
            case Verdict.PinnedByRing v ->
                    candidate(
                            o,
                            v,
                            FindingKind.PINNED_BY_RING,
                            identity(o, file),
                            identity(o, v.ring()));
            case Verdict.OrphanRing v ->
                    candidate(o, v, FindingKind.ORPHAN_RING, identity(o, file), 0);
            case Verdict.NeverReceived v ->
                    candidate(
                            o,
                            v,
                            FindingKind.NEVER_RECEIVED,
                            identity(o, file),
                            o.firstPackets().getOrDefault(file, 0L));
            case Verdict.Collectable v ->
                    new Candidate(
                            new Key("collectable", lowest(o, v.files()), 0),
                            FindingKind.UNDECIDED,
                            false,
                            v.files(),
                            v.evidence());
        };
    }

    private static Candidate candidate(
            Observation o, Verdict verdict, FindingKind kind, long identity, long detail) {
        List<Integer> files =
                verdict instanceof Verdict.NeverReceived v
                        ? with(v.socket(), v.held())
                        : verdict.files();
        return new Candidate(
                new Key(kind.label(), identity, detail), kind, true, files, verdict.evidence());
    }

    private static List<Integer> with(int first, List<Integer> rest) {
        List<Integer> all = new ArrayList<>(rest.size() + 1);
        all.add(first);
        all.addAll(rest);
        return all;
    }

    private Sighting sight(Key key, Instant now, Map<Key, Sighting> seen) {
        Sighting before = sightings.get(key);
        Sighting sighting = before == null ? new Sighting(now) : before;
        sighting.times++;
        seen.put(key, sighting);
        return sighting;
    }

    private void report(
            Candidate c, Sighting sighting, Instant now, Groups groups, List<Finding> findings) {
        Duration age = Duration.between(sighting.since, now);
        boolean oldEnough = age.compareTo(thresholds.of(c.kind)) >= 0;
        if (!oldEnough && !tellYoung) {
            return;
        }
        FindingKind kind = oldEnough ? c.kind : FindingKind.UNDECIDED;
        if (sighting.id.isEmpty()) {
            sighting.id = "f" + nextId++;
            opened.merge(kind, 1L, Long::sum);
        }
        int file = c.files.getFirst();
        HoldingPath path = c.evidence.path();
        String because =
                oldEnough
                        ? c.evidence.because()
                        : c.evidence.because()
                                + " It was seen for "
                                + age.toMillis() / 1000.0
                                + " s only: whether for long enough to be "
                                + c.kind.label()
                                + " is not known.";
        findings.add(
                new Finding(
                        sighting.id,
                        kind,
                        groups.of(file),
                        sighting.since,
                        c.files,
                        path,
                        because));
    }

    private Map<Integer, Instant> queueSince(Observation o, Map<Key, Sighting> seen) {
        Map<Integer, Instant> since = new HashMap<>();
        for (SocketFacts socket : o.sockets()) {
            if (socket.inflight().orElse(0) > 0) {
                long packet = o.firstPackets().getOrDefault(socket.file(), 0L);
                Key key = new Key("queue", identity(o, socket.file()), packet);
                since.put(socket.file(), sight(key, o.takenAt(), seen).since);
            }
        }
        return since;
    }

    private void countRuns(Observation o, Judgement judgement) {
        Map<Long, Integer> runs = new HashMap<>();
        ReferenceGraph graph = o.graph();
        for (int file = 0; file < graph.fileCount(); file++) {
            Judgement.State state = judgement.state(file);
            if (state == Judgement.State.COLLECTABLE || state == Judgement.State.LEAKED) {
                long identity = identity(o, file);
                runs.put(identity, unreachableRuns.getOrDefault(identity, 0) + 1);
            }
        }
        unreachableRuns = runs;
    }

    private static long lowest(Observation o, List<Integer> files) {
        return files.stream().mapToLong(file -> identity(o, file)).min().orElseThrow();
    }

    private static long identity(Observation o, int file) {
        return o.files().get(file).identity();
    }
}

package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.core.graph.HoldingPaths;
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
 * twice in a row, so that nothing that is merely in motion is reported. For one thread.
 *
 * <p>Things are recognised by the identity of their files. For garbage it is followed how many runs of
 * the kernel's collector it has outlived: {@link CollectorHistory}.
 */
public final class Tracker {
    private Thresholds thresholds;
    private final Identity identity;
    private final EventTotals events;
    private final CollectorHistory collector = new CollectorHistory();
    private final Map<FindingKind, Long> opened = new EnumMap<>(FindingKind.class);

    private Map<Key, Sighting> sightings = new HashMap<>();
    private long nextId = 1;
    private int observations;

    /** With the default rules for groups. */
    public Tracker(Thresholds thresholds) {
        this(thresholds, GroupRules.DEFAULT);
    }

    /**
     * @param thresholds from what age something counts as opened
     */
    public Tracker(Thresholds thresholds, GroupRules rules) {
        this.thresholds = thresholds;
        identity = new Identity(rules);
        events = new EventTotals(identity, rules.max());
        for (FindingKind kind : FindingKind.values()) {
            opened.put(kind, 0L);
        }
    }

    /** Judges ages by these from the next observation on; what was seen stays seen. */
    public void use(Thresholds others) {
        thresholds = others;
    }

    /** Takes in an observation, later than all before it. */
    public Tracked accept(Observation observation) {
        HoldingPaths paths = HoldingPaths.of(observation.graph());
        Judgement judgement = LeakFinder.judge(observation.graph(), collector.at(observation));
        Groups groups = new Groups(observation, paths, judgement, identity);
        Map<Key, Sighting> seen = new HashMap<>();
        List<Finding> findings = new ArrayList<>();
        for (Verdict verdict : judgement.verdicts()) {
            Candidate candidate = candidate(observation, verdict);
            Sighting sighting = sight(candidate.key, observation, seen);
            if (candidate.reported && sighting.times > 1) {
                findings.add(finding(candidate, sighting, observation, groups));
            }
        }
        for (SocketFacts socket : observation.sockets()) {
            if (onlyCounted(observation, socket) && paths.reachable(socket.file())) {
                Candidate candidate = counted(observation, socket, paths);
                Sighting sighting = sight(candidate.key, observation, seen);
                sighting.restartIfFewer(socket.queuedFds().orElse(0), observation);
                if (sighting.times > 1) {
                    findings.add(finding(candidate, sighting, observation, groups));
                }
            }
        }
        Map<Integer, Instant> queueSince = queueSince(observation, seen);
        observation.activity().ifPresent(events::accept);
        collector.accept(observation, judgement);
        sightings = seen;
        observations++;
        findings.sort(Comparator.comparing(Finding::kind).thenComparing(Finding::since));
        return new Tracked(
                observation,
                judgement,
                groups,
                observations,
                findings,
                thresholds,
                opened,
                queueSince,
                events.byGroup());
    }

    /** What a verdict would be reported as. */
    private record Candidate(
            Key key, FindingKind kind, boolean reported, List<Integer> files, Evidence evidence) {}

    /** Recognises the same thing in a later observation. */
    private record Key(String what, long identity, long detail) {}

    private static final class Sighting {
        Instant since;
        long sinceNanos;
        boolean fromTheBeginning;
        int times;
        int waiting;
        String id = "";
        boolean opened;

        Sighting(Observation first, boolean fromTheBeginning) {
            since = first.takenAt();
            sinceNanos = first.nanos();
            this.fromTheBeginning = fromTheBeginning;
        }

        /** Of a queue that is only counted: one that lost descriptors moves, and is young again. */
        void restartIfFewer(int nowWaiting, Observation now) {
            if (nowWaiting < waiting) {
                since = now.takenAt();
                sinceNanos = now.nanos();
                fromTheBeginning = false;
                times = 1;
            }
            waiting = nowWaiting;
        }
    }

    private Candidate candidate(Observation o, Verdict verdict) {
        int file = verdict.files().getFirst();
        return switch (verdict) {
            case Verdict.Leaked v ->
                    new Candidate(garbage(o, v), FindingKind.LEAKED, true, v.files(), v.evidence());
            case Verdict.Undecided v ->
                    candidate(v, FindingKind.UNDECIDED, lowest(o, v.files()), 0);
            case Verdict.PinnedByRing v ->
                    candidate(
                            v,
                            FindingKind.PINNED_BY_RING,
                            identity(o, file),
                            identity(o, v.ring()));
            case Verdict.OrphanRing v ->
                    candidate(v, FindingKind.ORPHAN_RING, identity(o, file), 0);
            case Verdict.NeverReceived v ->
                    candidate(
                            v,
                            FindingKind.NEVER_RECEIVED,
                            identity(o, file),
                            o.firstPackets().getOrDefault(file, 0L));
            case Verdict.Collectable v ->
                    new Candidate(
                            garbage(o, v), FindingKind.UNDECIDED, false, v.files(), v.evidence());
        };
    }

    /** One key for both verdicts on garbage: what was collectable and stayed is leaked. */
    private static Key garbage(Observation o, Verdict verdict) {
        return new Key("garbage", lowest(o, verdict.files()), 0);
    }

    /** From /proc: how many descriptors wait is known, which is not, so no verdict speaks of them. */
    private static boolean onlyCounted(Observation o, SocketFacts socket) {
        boolean withBpf = o.sources().stream().anyMatch(s -> s.source() == Source.BPF && s.up());
        return !withBpf && socket.queued().isEmpty() && socket.queuedFds().orElse(0) > 0;
    }

    private static Candidate counted(Observation o, SocketFacts socket, HoldingPaths paths) {
        Evidence evidence =
                new Evidence(
                        paths.path(socket.file()),
                        "The kernel counts descriptors in this socket's queue that nobody has"
                                + " received.");
        return new Candidate(
                new Key("counted", identity(o, socket.file()), 0),
                FindingKind.NEVER_RECEIVED,
                true,
                List.of(socket.file()),
                evidence);
    }

    private static Candidate candidate(
            Verdict verdict, FindingKind kind, long identity, long detail) {
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

    private Sighting sight(Key key, Observation now, Map<Key, Sighting> seen) {
        Sighting already = seen.get(key);
        if (already != null) {
            return already; // two that cannot be told apart are one, seen once
        }
        Sighting before = sightings.get(key);
        Sighting sighting = before == null ? new Sighting(now, observations == 0) : before;
        sighting.times++;
        seen.put(key, sighting);
        return sighting;
    }

    private Finding finding(Candidate c, Sighting sighting, Observation now, Groups groups) {
        if (sighting.id.isEmpty()) {
            sighting.id = "finding-" + nextId++;
        }
        Duration age = Duration.ofNanos(now.nanos() - sighting.sinceNanos);
        if (!sighting.opened && age.compareTo(thresholds.of(c.kind)) >= 0) {
            sighting.opened = true;
            opened.merge(c.kind, 1L, Long::sum);
        }
        return new Finding(
                sighting.id,
                c.kind,
                groups.of(c.files.getFirst()),
                sighting.since,
                age,
                sighting.fromTheBeginning,
                c.files,
                c.evidence.path(),
                c.evidence.because());
    }

    private Map<Integer, Instant> queueSince(Observation o, Map<Key, Sighting> seen) {
        Map<Integer, Instant> since = new HashMap<>();
        for (SocketFacts socket : o.sockets()) {
            if (socket.inflight().orElse(0) > 0) {
                long packet = o.firstPackets().getOrDefault(socket.file(), 0L);
                Key key = new Key("queue", identity(o, socket.file()), packet);
                since.put(socket.file(), sight(key, o, seen).since);
            }
        }
        return since;
    }

    private static long lowest(Observation o, List<Integer> files) {
        return files.stream().mapToLong(file -> identity(o, file)).min().orElseThrow();
    }

    private static long identity(Observation o, int file) {
        return o.files().get(file).identity();
    }
}

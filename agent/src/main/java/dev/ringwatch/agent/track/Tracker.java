package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.leak.Judgement;
import dev.ringwatch.core.leak.LeakFinder;
import dev.ringwatch.core.leak.RingView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

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
    private final RequestAges requests = new RequestAges();
    private final NearLimits limits = new NearLimits();
    private final GroupCap cap;
    private final FindingIds ids = new FindingIds();
    private final Map<FindingKind, Long> opened = new EnumMap<>(FindingKind.class);
    private final Map<FindingKind, Tracked.Opening> lastOpened = new EnumMap<>(FindingKind.class);

    /**
     * What was seen last with eBPF (true) and from /proc: each tells files apart in its own way, and
     * one look from /proc in between must not make everything young.
     */
    private final Map<Boolean, Map<SightingKey, Sighting>> sightings = new HashMap<>();

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
        cap = new GroupCap(rules);
        events = new EventTotals(identity, rules);
        for (FindingKind kind : FindingKind.values()) {
            opened.put(kind, 0L);
        }
    }

    /** Judges by these from the next observation on; what was seen and counted stays. */
    public void use(Thresholds others, GroupRules rules) {
        thresholds = others;
        identity.use(rules);
        cap.use(rules);
        events.use(rules);
    }

    /** Takes in an observation, later than all before it. */
    public Tracked accept(Observation observation) {
        HoldingPaths paths = HoldingPaths.of(observation.graph());
        Judgement judgement =
                LeakFinder.judge(
                        observation.graph(), collector.at(observation), users(observation));
        Groups groups = new Groups(observation, paths, judgement, identity);
        Turn turn = new Turn(observation, groups);
        candidates(observation, paths, judgement, groups).forEach(turn::see);
        countedQueues(observation, paths, turn);
        Map<Integer, Instant> queueSince = queueSince(observation, turn);
        observation.activity().ifPresent(a -> events.accept(observation.nanos(), a));
        collector.accept(observation, judgement);
        turn.end();
        observations++;
        List<Finding> findings = turn.findings;
        findings.sort(Comparator.comparing(Finding::kind).thenComparing(Finding::since));
        Map<Integer, Instant> oldestRequests = requests.accept(observation);
        GroupSeries series =
                cap.accept(
                        observation.nanos(),
                        GroupWeights.of(observation, groups, findings),
                        groups.common());
        return new Tracked(
                observation,
                judgement,
                groups,
                observations,
                findings,
                opened,
                lastOpened,
                queueSince,
                oldestRequests,
                series,
                HoldingsCount.of(
                        observation,
                        groups,
                        series,
                        Tracked.oldEnough(findings),
                        observations > 1,
                        queueSince,
                        oldestRequests),
                events.byGroup());
    }

    private List<Candidate> candidates(
            Observation o, HoldingPaths paths, Judgement judgement, Groups groups) {
        Candidates candidates = new Candidates(o, paths, thresholds);
        List<Candidate> all = new ArrayList<>();
        judgement.verdicts().forEach(verdict -> all.add(candidates.of(verdict)));
        all.addAll(limits.accept(o, paths, groups, thresholds.nearLimit()));
        return all;
    }

    private void countedQueues(Observation o, HoldingPaths paths, Turn turn) {
        Candidates candidates = new Candidates(o, paths, thresholds);
        for (SocketFacts socket : o.sockets()) {
            if (onlyCounted(o, socket) && paths.reachable(socket.file())) {
                Candidate candidate = candidates.counted(socket);
                turn.sight(candidate.key()).restartIfFewer(socket.queuedFds().orElse(0), o);
                turn.see(candidate);
            }
        }
    }

    private static RingView users(Observation o) {
        if (!withBpf(o)) {
            return RingView.UNKNOWN;
        }
        Map<Integer, List<Integer>> users = new HashMap<>();
        for (RingFacts ring : o.rings()) {
            users.put(ring.file(), ring.users());
        }
        return ring -> Optional.ofNullable(users.get(ring));
    }

    private static boolean withBpf(Observation o) {
        return o.sources().stream().anyMatch(s -> s.source() == Source.BPF && s.up());
    }

    private static boolean onlyCounted(Observation o, SocketFacts socket) {
        return !withBpf(o) && socket.queued().isEmpty() && socket.queuedFds().orElse(0) > 0;
    }

    private Map<Integer, Instant> queueSince(Observation o, Turn turn) {
        Map<Integer, Instant> since = new HashMap<>();
        for (SocketFacts socket : o.sockets()) {
            if (socket.inflight().orElse(0) > 0) {
                long packet = o.firstPackets().getOrDefault(socket.file(), 0L);
                long file = o.files().get(socket.file()).identity();
                since.put(socket.file(), turn.sight(new SightingKey("queue", file, packet)).since);
            }
        }
        return since;
    }

    private static final class Sighting {
        Instant since;
        long sinceNanos;
        boolean fromTheBeginning;
        int times;
        int waiting;
        FindingIds.@Nullable Id id;
        @Nullable Instant opened;

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
                opened = null;
            }
            waiting = nowWaiting;
        }
    }

    /** One observation taken in. */
    private final class Turn {
        private final Observation now;
        private final Groups groups;
        private final Map<SightingKey, Sighting> last;
        private final Map<SightingKey, Sighting> seen = new HashMap<>();
        private final List<Finding> findings = new ArrayList<>();

        Turn(Observation now, Groups groups) {
            this.now = now;
            this.groups = groups;
            last = sightings.getOrDefault(withBpf(now), Map.of());
        }

        void see(Candidate candidate) {
            Sighting sighting = sight(candidate.key());
            if (candidate.reported() && sighting.times > 1) {
                findings.add(finding(candidate, sighting));
            }
        }

        Sighting sight(SightingKey key) {
            Sighting already = seen.get(key);
            if (already != null) {
                return already; // two that cannot be told apart are one, seen once
            }
            Sighting before = last.get(key);
            Sighting sighting = before == null ? new Sighting(now, observations == 0) : before;
            sighting.times++;
            seen.put(key, sighting);
            return sighting;
        }

        private Finding finding(Candidate c, Sighting sighting) {
            int file = c.files().getFirst();
            String group = groups.of(file);
            FindingIds.Id id = sighting.id;
            if (id == null) {
                id = ids.give(c.kind(), group, c.subject());
                sighting.id = id;
            }
            Duration age = Duration.ofNanos(now.nanos() - sighting.sinceNanos);
            if (sighting.opened == null && age.compareTo(c.threshold()) >= 0) {
                sighting.opened = now.takenAt();
                open(c.kind(), id.text(), groups.process(file));
            }
            return new Finding(
                    id.text(),
                    c.kind(),
                    group,
                    sighting.since,
                    age,
                    sighting.fromTheBeginning,
                    c.threshold(),
                    Optional.ofNullable(sighting.opened),
                    c.files(),
                    c.path(),
                    c.story());
        }

        private void open(FindingKind kind, String id, OptionalInt pid) {
            opened.merge(kind, 1L, Long::sum);
            lastOpened.put(kind, new Tracked.Opening(id, pid, now.takenAt()));
        }

        /** What was not seen again is forgotten, and its name is free. */
        void end() {
            last.forEach(
                    (key, sighting) -> {
                        FindingIds.Id id = sighting.id;
                        if (id != null && !seen.containsKey(key)) {
                            ids.giveBack(id);
                        }
                    });
            sightings.put(withBpf(now), seen);
        }
    }
}

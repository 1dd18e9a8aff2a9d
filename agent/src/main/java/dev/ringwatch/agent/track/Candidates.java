package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RequestFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.leak.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the verdicts on one observation would be reported as. */
final class Candidates {
    private final Observation o;
    private final HoldingPaths paths;
    private final Thresholds thresholds;
    private final Subjects subjects;
    private final Map<Integer, SocketFacts> sockets = new HashMap<>();
    private final Map<Integer, RingFacts> rings = new HashMap<>();

    Candidates(Observation o, HoldingPaths paths, Thresholds thresholds) {
        this.o = o;
        this.paths = paths;
        this.thresholds = thresholds;
        subjects = new Subjects(o);
        o.sockets().forEach(s -> sockets.put(s.file(), s));
        o.rings().forEach(r -> rings.put(r.file(), r));
    }

    Candidate of(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Leaked v ->
                    garbage(v, FindingKind.LEAKED, true, Stories.leaked(v, isUninhabited(v)));
            case Verdict.Collectable v ->
                    garbage(v, FindingKind.UNDECIDED, false, Stories.undecided(v));
            case Verdict.Undecided v -> undecided(v);
            case Verdict.PinnedByRing v -> pinned(v);
            case Verdict.NeverReceived v -> neverReceived(v);
            case Verdict.OrphanRing v ->
                    candidate(
                            v,
                            new SightingKey("orphan", identity(v.ring()), 0),
                            FindingKind.ORPHAN_RING,
                            v.keeper() + " " + subjects.of(v.ring()),
                            thresholds.orphan(),
                            with(v.ring(), v.holds()),
                            Stories.orphan(v));
            case Verdict.DetachedRing v -> detached(v);
            case Verdict.StuckRequest v ->
                    candidate(
                            v,
                            new SightingKey("stuck", identity(v.file()), request(v)),
                            FindingKind.STUCK_REQUEST,
                            v.opcode() + " " + subjects.of(v.file()),
                            thresholds.stuckRequest(),
                            v.files(),
                            Stories.stuck(v));
        };
    }

    /** From /proc: how many descriptors wait is known, which is not, so no verdict speaks of them. */
    Candidate counted(SocketFacts socket) {
        return new Candidate(
                new SightingKey("counted", identity(socket.file()), 0),
                FindingKind.NEVER_RECEIVED,
                true,
                subjects.of(socket.file()),
                thresholds.neverReceived(),
                List.of(socket.file()),
                paths.path(socket.file()),
                Stories.neverReceived(
                        "The kernel counts descriptors in this socket's queue that nobody has"
                                + " received.",
                        listens(socket.file())));
    }

    private Candidate undecided(Verdict.Undecided v) {
        return candidate(
                v,
                new SightingKey("undecided", lowest(v.files()), 0),
                FindingKind.UNDECIDED,
                subjects.of(v.files().getFirst()),
                Duration.ZERO,
                v.files(),
                Stories.undecided(v));
    }

    private Candidate pinned(Verdict.PinnedByRing v) {
        return candidate(
                v,
                new SightingKey("pinned", identity(v.file()), identity(v.ring())),
                FindingKind.PINNED_BY_RING,
                subjects.slot(v.evidence().path()) + " " + subjects.of(v.file()),
                thresholds.pinned(),
                v.files(),
                Stories.pinned(v));
    }

    private Candidate neverReceived(Verdict.NeverReceived v) {
        return candidate(
                v,
                new SightingKey(
                        "unread",
                        identity(v.socket()),
                        o.firstPackets().getOrDefault(v.socket(), 0L)),
                FindingKind.NEVER_RECEIVED,
                subjects.of(v.socket()),
                thresholds.neverReceived(),
                with(v.socket(), v.held()),
                Stories.neverReceived(v, listens(v.socket())));
    }

    /** One that takes something in begins anew; one whose requests are counted and not listed is busy. */
    private Candidate detached(Verdict.DetachedRing v) {
        RingFacts ring = rings.get(v.ring());
        boolean idle = ring != null && ring.inflightRequests().orElse(0) == 0;
        int submissions = ring == null ? 0 : ring.submissions().orElse(0);
        return new Candidate(
                new SightingKey("detached", identity(v.ring()), submissions),
                FindingKind.ORPHAN_RING,
                idle,
                v.how() + " " + subjects.of(v.ring()),
                thresholds.idleRing(),
                with(v.ring(), v.holds()),
                v.evidence().path(),
                Stories.detached(v));
    }

    /** One key for both verdicts on garbage: what was collectable and stayed is leaked. */
    private Candidate garbage(Verdict v, FindingKind kind, boolean reported, Finding.Story story) {
        return new Candidate(
                new SightingKey("garbage", lowest(v.files()), 0),
                kind,
                reported,
                reported ? subjects.of(v.files()) : "",
                Duration.ZERO,
                v.files(),
                v.evidence().path(),
                story);
    }

    private static Candidate candidate(
            Verdict verdict,
            SightingKey key,
            FindingKind kind,
            String subject,
            Duration threshold,
            List<Integer> files,
            Finding.Story story) {
        return new Candidate(
                key, kind, true, subject, threshold, files, verdict.evidence().path(), story);
    }

    private boolean listens(int file) {
        SocketFacts socket = sockets.get(file);
        return socket != null && socket.state() == SocketFacts.State.LISTENING;
    }

    /** The request itself, as far as it can be told: nothing could make another one on that file. */
    private long request(Verdict.StuckRequest v) {
        return o.requests().stream()
                .filter(r -> r.file().orElse(-1) == v.file() && r.opcode() == v.opcode())
                .mapToLong(RequestFacts::identity)
                .min()
                .orElse(0);
    }

    /** Whether all sockets are in network namespaces that no task is in. */
    private boolean isUninhabited(Verdict verdict) {
        return !o.inhabited().isEmpty()
                && verdict.files().stream()
                        .filter(f -> o.graph().kind(f) == FileKind.UNIX_SOCKET)
                        .allMatch(this::isUninhabited);
    }

    private boolean isUninhabited(int file) {
        SocketFacts socket = sockets.get(file);
        return socket != null
                && socket.netns().isPresent()
                && !o.inhabited().contains(socket.netns().getAsLong());
    }

    private static List<Integer> with(int first, List<Integer> rest) {
        List<Integer> all = new ArrayList<>(rest.size() + 1);
        all.add(first);
        all.addAll(rest);
        return all;
    }

    private long lowest(List<Integer> files) {
        return files.stream().mapToLong(this::identity).min().orElseThrow();
    }

    private long identity(int file) {
        return o.files().get(file).identity();
    }
}

package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.track.Finding.Story;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * What is limited and nearly used up. Remembers how empty tables have been: one that was always full
 * was made for what is in it. For one thread.
 */
final class NearLimits {
    /** Descriptors in flight and locked memory, as a share of their limits. */
    private static final double NEARLY = 0.8;

    /** Slots of a table. */
    private static final double NEARLY_FULL = 0.9;

    private static final int SMALL_TABLE = 16;
    private static final int MOST_QUEUES = 10;

    private Duration threshold = Duration.ZERO;
    private Map<Long, Table> tables = new HashMap<>();

    private record Table(int slots, int least) {}

    /** Who sends to a queue. */
    private enum Sender {
        USER,
        UNKNOWN,
        OTHER
    }

    /**
     * What is near its limit; takes the observation in.
     *
     * @param age from what age it is a finding
     */
    List<Candidate> accept(Observation o, HoldingPaths paths, Groups groups, Duration age) {
        threshold = age;
        List<Candidate> found = new ArrayList<>();
        worst(o, p -> p.inflight().filter(i -> !i.exempt()).map(ProcessFacts.Inflight::ratio))
                .forEach((uid, process) -> addInFlight(o, paths, groups, process, found));
        worst(o, p -> p.locked().filter(l -> !l.exempt()).map(ProcessFacts.Locked::ratio))
                .forEach((uid, process) -> addLocked(o, paths, groups, process, found));
        addTables(o, paths, found);
        return found;
    }

    /** By user, the process that is nearest to the limit, if it is near. */
    private static Map<Integer, ProcessFacts> worst(
            Observation o, Function<ProcessFacts, Optional<Double>> ratio) {
        Map<Integer, ProcessFacts> worst = new HashMap<>();
        o.processes().values().stream()
                .filter(p -> ratio.apply(p).orElse(0.0) >= NEARLY)
                .sorted(Comparator.comparingInt(ProcessFacts::pid))
                .forEach(
                        p ->
                                worst.merge(
                                        p.uid(),
                                        p,
                                        (a, b) ->
                                                ratio.apply(b).orElse(0.0)
                                                                > ratio.apply(a).orElse(0.0)
                                                        ? b
                                                        : a));
        return worst;
    }

    private void addInFlight(
            Observation o,
            HoldingPaths paths,
            Groups groups,
            ProcessFacts process,
            List<Candidate> found) {
        ProcessFacts.Inflight use = process.inflight().orElseThrow();
        List<Integer> queues = fullest(o, groups, process.uid());
        if (queues.isEmpty()) {
            return; // they were received meanwhile
        }
        Story story =
                new Story(
                        ("The processes of user %d have %d descriptors in flight, and the limit of open"
                                        + " files of %s is %d: above it, its sends fail with"
                                        + " ETOOMANYREFS. The fullest queue that they send to comes"
                                        + " first, as far as it is known who sends.")
                                .formatted(process.uid(), use.count(), comm(process), use.limit()),
                        "sendmsg(2) with SCM_RIGHTS, and the recvmsg(2) that does not keep up",
                        "Let the owners of the fullest queues receive; where so many are meant to be in"
                                + " flight, raise the limit of open files (RLIMIT_NOFILE) of the"
                                + " sender.",
                        false,
                        Optional.of(Limit.IN_FLIGHT));
        found.add(
                candidate(
                        "in flight", process.uid(), "user " + process.uid(), queues, paths, story));
    }

    /**
     * Queues with descriptors in flight, the fullest first: those that a user's processes send to
     * before those whose sender is not known, and others' only if there are no such. The kernel counts
     * what is in flight by who sent it; the sender of a queue is whose the other end is.
     */
    private static List<Integer> fullest(Observation o, Groups groups, int uid) {
        Map<Sender, List<SocketFacts>> queues =
                o.sockets().stream()
                        .filter(s -> s.inflight().orElse(0) > 0)
                        .sorted(Comparator.comparingInt(s -> -s.inflight().orElse(0)))
                        .collect(Collectors.groupingBy(s -> sender(o, groups, s.file(), uid)));
        List<SocketFacts> likely = new ArrayList<>(queues.getOrDefault(Sender.USER, List.of()));
        likely.addAll(queues.getOrDefault(Sender.UNKNOWN, List.of()));
        return (likely.isEmpty() ? queues.getOrDefault(Sender.OTHER, List.of()) : likely)
                .stream().limit(MOST_QUEUES).map(SocketFacts::file).toList();
    }

    private static Sender sender(Observation o, Groups groups, int queue, int uid) {
        int peer = o.graph().peer(queue);
        OptionalInt pid = peer == ReferenceGraph.NONE ? OptionalInt.empty() : groups.process(peer);
        ProcessFacts process = pid.isPresent() ? o.processes().get(pid.getAsInt()) : null;
        if (process == null) {
            return Sender.UNKNOWN;
        }
        return process.uid() == uid ? Sender.USER : Sender.OTHER;
    }

    private void addLocked(
            Observation o,
            HoldingPaths paths,
            Groups groups,
            ProcessFacts process,
            List<Candidate> found) {
        ProcessFacts.Locked use = process.locked().orElseThrow();
        ToLongFunction<RingFacts> bytes = r -> r.registeredBufferBytes().orElse(0);
        List<Integer> rings =
                o.rings().stream()
                        .filter(r -> bytes.applyAsLong(r) > 0)
                        .filter(r -> belongs(o, groups.process(r.file()), process.uid()))
                        .sorted(Comparator.comparingLong(r -> -bytes.applyAsLong(r)))
                        .map(RingFacts::file)
                        .toList();
        if (rings.isEmpty()) {
            return; // whatever locks it, no ring does
        }
        Story story =
                new Story(
                        ("The processes of user %d have %d bytes locked through rings and what counts"
                                        + " like them, and the limit of locked memory of %s is %d: above"
                                        + " it, registering buffers fails with ENOMEM.")
                                .formatted(process.uid(), use.bytes(), comm(process), use.limit()),
                        "io_uring_register(2) with IORING_REGISTER_BUFFERS",
                        "Register fewer or smaller buffers, or raise the limit of locked memory"
                                + " (RLIMIT_MEMLOCK, LimitMEMLOCK= of a service).",
                        false,
                        Optional.of(Limit.LOCKED_MEMORY));
        found.add(candidate("locked", process.uid(), "user " + process.uid(), rings, paths, story));
    }

    private static boolean belongs(Observation o, OptionalInt pid, int uid) {
        ProcessFacts process = pid.isPresent() ? o.processes().get(pid.getAsInt()) : null;
        return process != null && process.uid() == uid;
    }

    private void addTables(Observation o, HoldingPaths paths, List<Candidate> found) {
        Map<Long, Table> now = new HashMap<>();
        Subjects subjects = new Subjects(o);
        for (RingFacts ring : o.rings()) {
            int slots = ring.fileTableSlots().orElse(0);
            if (ring.registeredFiles().isEmpty() || slots < SMALL_TABLE) {
                continue;
            }
            int used = ring.registeredFiles().getAsInt();
            long identity = o.files().get(ring.file()).identity();
            Table before = tables.get(identity);
            int least =
                    before == null || before.slots != slots ? used : Math.min(before.least, used);
            now.put(identity, new Table(slots, least));
            if (used >= NEARLY_FULL * slots && least < NEARLY_FULL * slots) {
                found.add(
                        candidate(
                                "table",
                                identity,
                                subjects.of(ring.file()),
                                List.of(ring.file()),
                                paths,
                                fullTable(used, slots)));
            }
        }
        tables = now;
    }

    private static Story fullTable(int used, int slots) {
        return new Story(
                ("%d of the %d slots of this ring's file table are taken, and it was seen emptier:"
                                + " without a free slot, a direct accept or open fails with ENFILE.")
                        .formatted(used, slots),
                "a direct accept, open or socket, and the close of its slot that does not come",
                "Close direct descriptors when their connection ends; where so many are meant to be"
                        + " open, register a larger table.",
                false,
                Optional.of(Limit.FILE_TABLE));
    }

    private Candidate candidate(
            String what,
            long identity,
            String subject,
            List<Integer> files,
            HoldingPaths paths,
            Story story) {
        return new Candidate(
                new SightingKey("near_limit " + what, identity, 0),
                FindingKind.NEAR_LIMIT,
                true,
                what + " " + subject,
                threshold,
                files,
                paths.path(files.getFirst()),
                story);
    }

    private static String comm(ProcessFacts process) {
        return Identity.clean(process.comm(), 64) + " (pid " + process.pid() + ")";
    }
}

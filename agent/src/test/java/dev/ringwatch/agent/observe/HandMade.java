package dev.ringwatch.agent.observe;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An observation made by hand. Files are recognised in later ones by an identity that is their
 * number and one hundred; the kernel's counts are given with each file.
 */
public final class HandMade {
    private static final Optional<ProcessFacts.Inflight> INFLIGHT =
            Optional.of(new ProcessFacts.Inflight(256, 1024, false));

    private static final int IDENTITY = 100;

    private final ReferenceGraph.Builder graph = new ReferenceGraph.Builder();
    private final Map<Integer, ProcessFacts> processes = new HashMap<>();
    private final List<FileFacts> files = new ArrayList<>();
    private final List<RingFacts> rings = new ArrayList<>();
    private final List<SocketFacts> sockets = new ArrayList<>();
    private final Set<Long> inhabited = new HashSet<>();
    private int submissions = 9;
    private OptionalLong netns = OptionalLong.empty();
    private final List<RequestFacts> requests = new ArrayList<>();
    private final Map<Integer, Long> firstPackets = new HashMap<>();
    private final List<String> incomplete = new ArrayList<>();
    private final Map<Integer, Integer> sent = new HashMap<>();
    private final Map<Integer, Integer> workers = new HashMap<>();
    private Source source = Source.BPF;
    private Optional<Activity> activity = Optional.empty();
    private OptionalInt inFlightSockets = OptionalInt.empty();
    private boolean collectorRan = true;

    /** Where references are added. */
    public ReferenceGraph.Builder graph() {
        return graph;
    }

    /** A process that belongs to no service. */
    public HandMade process(int pid, String comm) {
        processes.put(
                pid, new ProcessFacts(pid, comm, 0, pid, List.of(), INFLIGHT, Optional.empty()));
        return this;
    }

    /** A process whose user has so many bytes locked. */
    public HandMade lockedProcess(int pid, String comm, long bytes, long limit) {
        var locked = Optional.of(new ProcessFacts.Locked(bytes, limit, false));
        processes.put(pid, new ProcessFacts(pid, comm, 0, pid, List.of(), INFLIGHT, locked));
        return this;
    }

    /** A process of a service. */
    public HandMade process(int pid, String comm, String unit) {
        processes.put(
                pid,
                new ProcessFacts(
                        pid,
                        comm,
                        0,
                        pid,
                        List.of("/system.slice/" + unit),
                        INFLIGHT,
                        Optional.empty()));
        return this;
    }

    /** Some file, and whether it is deleted. */
    public int file(FileKind kind, long count, boolean deleted) {
        files.add(new FileFacts(kind, IDENTITY + files.size(), files.size(), 0, ""));
        return graph.file(kind, count, deleted);
    }

    /** A ring with a table of so many slots, so many of them occupied. */
    public int ring(long count, int registered, int slots, int... users) {
        int file = file(FileKind.RING, count, false);
        rings.add(
                new RingFacts(
                        file,
                        true,
                        OptionalInt.of(registered),
                        OptionalInt.of(slots),
                        OptionalInt.of(2),
                        OptionalLong.of(8192),
                        OptionalInt.of(5),
                        OptionalInt.of(1),
                        OptionalInt.of(submissions),
                        OptionalInt.of(4),
                        OptionalInt.of(8),
                        OptionalInt.empty(),
                        Arrays.stream(users).boxed().toList()));
        return file;
    }

    /** A ring of one user, process 1, without requests. */
    public int idleRing(int registered, int slots) {
        int file = file(FileKind.RING, 1, false);
        rings.add(
                new RingFacts(
                        file,
                        true,
                        OptionalInt.of(registered),
                        OptionalInt.of(slots),
                        OptionalInt.of(0),
                        OptionalLong.of(0),
                        OptionalInt.of(0),
                        OptionalInt.of(0),
                        OptionalInt.of(submissions),
                        OptionalInt.of(4),
                        OptionalInt.of(8),
                        OptionalInt.empty(),
                        List.of(1)));
        return file;
    }

    /** A ring that could not be read. */
    public int unreadableRing() {
        int file = file(FileKind.RING, ReferenceGraph.UNKNOWN, false);
        rings.add(RingFacts.unreadable(file, List.of()));
        return file;
    }

    /** A socket with so many descriptors seen in its queue. */
    public int socket(long count, int queued) {
        return socket(count, OptionalInt.of(queued), OptionalInt.of(queued));
    }

    /** A socket of which /proc tells, or does not, how many descriptors are in its queue. */
    public int countedSocket(OptionalInt queued) {
        return socket(ReferenceGraph.UNKNOWN, queued, OptionalInt.empty());
    }

    /** A socket in flight with so many descriptors in its queue, and what the collector has of it. */
    public int socketInFlight(long count, int queued, int component) {
        return socket(
                count,
                OptionalInt.of(queued),
                OptionalInt.of(queued),
                Optional.of(new CollectorFacts((int) count, OptionalInt.of(component))));
    }

    private int socket(long count, OptionalInt queuedFds, OptionalInt queued) {
        return socket(count, queuedFds, queued, Optional.empty());
    }

    private int socket(
            long count,
            OptionalInt queuedFds,
            OptionalInt queued,
            Optional<CollectorFacts> collector) {
        int file = file(FileKind.UNIX_SOCKET, count, false);
        sockets.add(
                new SocketFacts(
                        file,
                        1000 + file,
                        SocketFacts.Type.STREAM,
                        SocketFacts.State.CONNECTED,
                        Optional.empty(),
                        netns,
                        queuedFds,
                        queued,
                        collector));
        return file;
    }

    /** A request of a ring that is known by its number. */
    public HandMade request(int ring, int file, int opcode) {
        requests.add(
                new RequestFacts(ring, OptionalInt.of(file), opcode, IDENTITY + requests.size()));
        return this;
    }

    /** Rings made from now on have taken in so many entries. */
    public HandMade submissions(int n) {
        submissions = n;
        return this;
    }

    /** Sockets made from now on are in this network namespace. */
    public HandMade in(long namespace) {
        netns = OptionalLong.of(namespace);
        return this;
    }

    /** A task is in this network namespace. */
    public HandMade inhabited(long namespace) {
        inhabited.add(namespace);
        return this;
    }

    /** A process has a descriptor. */
    public HandMade descriptor(int pid, int file) {
        graph.outside(file, new Holder.DescriptorSlot(pid, 3 + file));
        return this;
    }

    /** Which packet is the first in a queue. */
    public HandMade firstPacket(int socket, long packet) {
        firstPackets.put(socket, packet);
        return this;
    }

    /** Where it comes from. */
    public HandMade from(Source where) {
        source = where;
        return this;
    }

    /** How many of the descriptors in flight a socket has sent. */
    public HandMade sent(int socket, int n) {
        sent.put(socket, n);
        return this;
    }

    /** How many threads of a process do its rings' requests. */
    public HandMade workers(int pid, int n) {
        workers.put(pid, n);
        return this;
    }

    /** How many sockets are in flight. */
    public HandMade inFlightSockets(int n) {
        inFlightSockets = OptionalInt.of(n);
        return this;
    }

    /** The collector is not known to have run since the observation before. */
    public HandMade withoutRun() {
        collectorRan = false;
        return this;
    }

    /** What was counted. */
    public HandMade activity(Activity counted) {
        activity = Optional.of(counted);
        return this;
    }

    /** Why something may be missing. */
    public HandMade incomplete(String reason) {
        incomplete.add(reason);
        return this;
    }

    /** What was put together so far, as if it had been seen then. */
    public Observation seenAt(Instant at) {
        return new Observation(
                at,
                at.getEpochSecond() * 1_000_000_000 + at.getNano(),
                Duration.ofMillis(125),
                List.of(new SourceReport(source, true, Duration.ofMillis(125), "by hand")),
                incomplete,
                processes,
                files,
                rings,
                sockets,
                requests,
                inhabited,
                firstPackets,
                inFlightSockets,
                Optional.of(sent),
                Optional.of(workers),
                collectorRan,
                activity,
                graph.build(),
                Map.of());
    }
}

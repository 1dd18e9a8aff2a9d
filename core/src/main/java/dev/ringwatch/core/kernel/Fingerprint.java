package dev.ringwatch.core.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A state as text in which the names of things do not matter: two states with the same fingerprint
 * go on in the same way, whatever happens, but for the numbers of descriptors, requests and processes.
 *
 * <p>Files, sockets and rings are numbered in an order that comes from what they are and how they are
 * connected, and only where that does not tell them apart from the order of their making. So states
 * that differ in names alone nearly always have the same fingerprint; states that differ in more
 * never do.
 */
public final class Fingerprint {
    private static final int ROUNDS = 3; // as far as one thing is from another in small states
    private static final long PRIME = 1_000_003;
    private static final int NONE = -1;

    private final KernelState kernel;
    private final Map<Object, Long> colours = new HashMap<>();
    private final Map<Object, Integer> numbers = new HashMap<>();
    private final List<Object> things = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();

    private Fingerprint(KernelState kernel) {
        this.kernel = kernel;
    }

    /** The fingerprint; none while the collector runs, which has a state of its own. */
    public static Optional<String> of(KernelState kernel) {
        if (kernel.collecting()) {
            return Optional.empty();
        }
        Fingerprint fingerprint = new Fingerprint(kernel);
        fingerprint.find();
        fingerprint.number();
        fingerprint.write();
        return Optional.of(fingerprint.text.toString());
    }

    // ---- what there is ----

    private void find() {
        Deque<Object> pending = new ArrayDeque<>(kernel.files);
        pending.addAll(kernel.rings);
        kernel.names.values().forEach(pending::add);
        for (Work piece : kernel.work()) {
            pending.addAll(targets(piece));
        }
        for (Object thing = pending.poll(); thing != null; thing = pending.poll()) {
            if (colours.putIfAbsent(thing, 0L) == null) {
                things.add(thing);
                pending.addAll(neighbours(thing));
            }
        }
    }

    private static List<Object> targets(Work piece) {
        return switch (piece) {
            case Work.Collect() -> List.of();
            case Work.Release(OpenFile file) -> List.of(file);
            case Work.TearDown(Ring ring) -> List.of(ring);
            case Work.Fire(Ring ring, int _) -> List.of(ring);
            case Work.FinishConnect(UnixSocket embryo) -> List.of(embryo);
        };
    }

    private static List<Object> neighbours(Object thing) {
        List<Object> neighbours = new ArrayList<>();
        switch (thing) {
            case OpenFile file -> {
                add(neighbours, file.socket());
                add(neighbours, file.ring());
                add(neighbours, file.pipe());
            }
            case UnixSocket socket -> addSocket(neighbours, socket);
            case Ring ring -> addRing(neighbours, ring);
            case PipeEnd pipe -> {
                add(neighbours, pipe.buffer.reader);
                add(neighbours, pipe.buffer.writer);
            }
            default -> throw new IllegalStateException("what is " + thing);
        }
        return neighbours;
    }

    private static void add(List<Object> things, @Nullable Object thing) {
        if (thing != null) {
            things.add(thing);
        }
    }

    private static void addSocket(List<Object> neighbours, UnixSocket socket) {
        add(neighbours, socket.file);
        add(neighbours, socket.peer);
        add(neighbours, socket.listener);
        for (Packet packet : socket.queue) {
            add(neighbours, packet.embryo);
            add(neighbours, packet.madeBy);
            PassedFiles passed = packet.passed();
            if (passed != null) {
                neighbours.addAll(passed.files());
            }
        }
    }

    private static void addRing(List<Object> neighbours, Ring ring) {
        add(neighbours, ring.file());
        add(neighbours, ring.socket);
        ring.slots().forEach(file -> add(neighbours, file));
        ring.leaving.forEach(node -> add(neighbours, node.file));
        ring.pending.values().forEach(request -> add(neighbours, request.file));
    }

    // ---- in which order ----

    private void number() {
        Map<Object, Long> places = places();
        for (Object thing : things) {
            long local = local(thing).hashCode();
            colours.put(thing, local * PRIME + places.getOrDefault(thing, 0L));
        }
        for (int round = 0; round < ROUNDS; round++) {
            refine();
        }
        List<Object> order = new ArrayList<>(things);
        order.sort(
                Comparator.<Object>comparingLong(thing -> colours.getOrDefault(thing, 0L))
                        .thenComparing(Fingerprint::made));
        for (Object thing : order) {
            numbers.put(thing, numbers.size());
        }
    }

    /** Where it stands in the kernel's own lists, and how often processes hold it. */
    private Map<Object, Long> places() {
        Map<Object, Long> places = new HashMap<>();
        for (Task task : kernel.tasks.values()) {
            task.descriptors.values().forEach(file -> places.merge(file, 1L, Long::sum));
            task.mappings.values().forEach(file -> places.merge(file, 100L, Long::sum));
            task.registeredRings().values().forEach(file -> places.merge(file, 10_000L, Long::sum));
        }
        long place = 1_000_000;
        for (UnixSocket socket : kernel.collector.order()) {
            places.merge(socket, place, Long::sum);
            place += 1_000_000;
        }
        return places;
    }

    private void refine() {
        Map<Object, Long> before = new HashMap<>(colours);
        Map<Object, Long> incoming = new HashMap<>();
        for (Object thing : things) {
            long colour = before.getOrDefault(thing, 0L);
            long place = 1;
            for (Object neighbour : neighbours(thing)) {
                colour = colour * PRIME + before.getOrDefault(neighbour, 0L);
                long arrow = before.getOrDefault(thing, 0L) * PRIME + place++;
                incoming.merge(neighbour, arrow * arrow, Long::sum);
            }
            colours.put(thing, colour);
        }
        incoming.forEach((thing, sum) -> colours.merge(thing, sum, (a, b) -> a * PRIME + b));
    }

    private static int made(Object thing) {
        return switch (thing) {
            case OpenFile file -> file.id();
            case UnixSocket socket -> socket.id();
            case Ring ring -> ring.id();
            default -> 0;
        };
    }

    // ---- the text ----

    private void write() {
        List<Object> order = new ArrayList<>(things);
        order.sort(Comparator.comparingInt(this::number));
        for (Object thing : order) {
            text.append(number(thing)).append(local(thing)).append(' ');
            details(thing);
            text.append('\n');
        }
        writeKernel();
        writeCollector();
    }

    private int number(@Nullable Object thing) {
        return thing == null ? NONE : numbers.getOrDefault(thing, NONE);
    }

    private List<Integer> numbers(Iterable<? extends @Nullable Object> some) {
        List<Integer> all = new ArrayList<>();
        some.forEach(thing -> all.add(number(thing)));
        return all;
    }

    /** What can be said of a thing without others. */
    private static String local(Object thing) {
        return switch (thing) {
            case OpenFile file -> "file" + file.references() + (file.released() ? "gone" : "");
            case UnixSocket s ->
                    "socket"
                            + s.type()
                            + s.state
                            + s.address
                            + s.backlog
                            + s.receiveShutdown
                            + s.sendShutdown
                            + s.dead
                            + s.error
                            + s.queuedFds
                            + s.queuedSockets
                            + '/'
                            + s.inFlight()
                            + '/'
                            + s.queue.size();
            case Ring ring ->
                    "ring"
                            + ring.slots().size()
                            + '/'
                            + ring.hint
                            + '/'
                            + ring.pending.size()
                            + '/'
                            + ring.completions.size()
                            + '/'
                            + ring.current.requests
                            + ring.ended;
            case PipeEnd pipe -> "pipe" + pipe.writes + pipe.buffer.bytes;
            default -> throw new IllegalStateException("what is " + thing);
        };
    }

    private void details(Object thing) {
        switch (thing) {
            case OpenFile file -> {
                text.append(numbers(neighbours(file)));
                for (PendingRequest request : file.waiting) {
                    text.append('w').append(number(request.ring())).append(kind(request));
                }
            }
            case UnixSocket socket -> {
                text.append(List.of(number(socket.file), number(socket.peer)))
                        .append(number(socket.listener));
                for (Packet packet : socket.queue) {
                    packet(packet);
                    text.append(packet == socket.oob ? "oob" : "");
                }
            }
            case Ring ring -> ring(ring);
            default -> text.append(numbers(neighbours(thing)));
        }
    }

    private void packet(Packet packet) {
        text.append('p')
                .append(packet.bytes)
                .append(List.of(number(packet.embryo), number(packet.madeBy)));
        PassedFiles passed = packet.passed();
        if (passed != null) {
            text.append(numbers(passed.files()))
                    .append(passed.user.uid())
                    .append(passed.inFlight)
                    .append(passed.dead);
        }
    }

    private void ring(Ring ring) {
        text.append(List.of(number(ring.file()), number(ring.socket)));
        List<Ring.@Nullable Node> table = ring.table;
        if (table != null) {
            table.forEach(this::node);
        }
        text.append("leaving");
        ring.leaving.forEach(this::node);
        for (PendingRequest request : ring.pending.values()) {
            text.append('r')
                    .append(kind(request))
                    .append(number(request.file))
                    .append(table == null ? NONE : table.indexOf(request.node))
                    .append(new ArrayList<>(ring.leaving).indexOf(request.node))
                    .append(request.packet != null);
        }
    }

    /** The descriptor does not matter any more once the file was looked up. */
    private static String kind(PendingRequest request) {
        return switch (request.operation()) {
            case Request.Poll _ -> "poll";
            case Request.PollHangUp _ -> "poll for the end";
            case Request.Read _ -> "read";
            case Request.Nop _,
                    Request.SocketDirect _,
                    Request.OpenDirect _,
                    Request.AcceptDirect _,
                    Request.CloseDirect _,
                    Request.Install _,
                    Request.SendFd _,
                    Request.Cancel _,
                    Request.AfterTimeout _ ->
                    request.operation().toString();
        };
    }

    private void node(Ring.@Nullable Node node) {
        text.append('n');
        if (node != null) {
            text.append(number(node.file)).append(node.requests).append(node.packet != null);
        }
    }

    private void writeKernel() {
        for (Task task : kernel.tasks.values()) {
            text.append("task")
                    .append(sorted(task.descriptors.values()))
                    .append(sorted(task.mappings.values()))
                    .append(sorted(task.registeredRings().values()))
                    .append(task.user.uid())
                    .append(task.capable)
                    .append(task.descriptorLimit);
        }
        for (User user : kernel.users()) {
            text.append("user").append(user.uid()).append('/').append(user.inFlight);
        }
        text.append("names").append(sorted(kernel.names.values()));
        text.append("rings").append(numbers(kernel.rings));
        for (Work piece : kernel.work()) {
            text.append(piece.getClass().getSimpleName()).append(numbers(targets(piece)));
        }
        text.append(kernel.isStepwise());
    }

    private List<Integer> sorted(Iterable<? extends Object> some) {
        return numbers(some).stream().sorted().toList();
    }

    /** Component indices matter as far as they are the same, and new ones are greater than all. */
    private void writeCollector() {
        text.append("collector").append(kernel.graphState()).append(kernel.inFlight);
        TreeSet<Long> indices = new TreeSet<>(kernel.recycledIndices());
        indices.add(0L); // what memory holds that was never used
        for (Vertex vertex : kernel.vertices()) {
            indices.add(vertex.componentIndex);
        }
        kernel.recycledIndices().forEach(index -> text.append(indices.headSet(index).size()));
        for (UnixSocket socket : kernel.collector.order()) {
            text.append(' ').append(number(socket));
            Vertex vertex = socket.vertex;
            if (vertex != null) {
                text.append('i').append(indices.headSet(vertex.componentIndex).size());
                for (Edge edge : vertex.edges) {
                    text.append('e').append(number(edge.successor()));
                }
                for (Vertex member : vertex.component) {
                    text.append('c').append(number(member.socket()));
                }
            }
        }
    }
}

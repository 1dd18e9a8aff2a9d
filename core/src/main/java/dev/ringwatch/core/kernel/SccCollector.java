package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.KernelEra.Indices;
import dev.ringwatch.core.kernel.KernelEra.Repair;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The collector of components, step by step as {@code net/unix/garbage.c} has it since 6.10.
 *
 * <p>The sockets in flight are the vertices of a graph; each entry of a queued list is an edge from
 * the socket that was sent to the one that would receive it, so an edge points the opposite way of
 * the reference. A run walks the graph once, depth first, after Tarjan: a vertex gets the next
 * position as its {@code index} and as its component index, and the component index becomes the
 * least of those of the vertices that it leads to and that are still on the stack. One that is left
 * with its own position is the first of its component, which is everything above it on the stack.
 *
 * <p>A component is dead if every edge of every member leads to a vertex with the same component
 * index, and every reference to every member is one in flight. The queues of a dead component are
 * emptied; the files in them go, and with them, step by step, whatever only they held. Components
 * that lead into others are left for a later run, which the first releases start.
 *
 * <p>While no packet comes or goes that could close a cycle, later runs trust the components of the
 * last walk and only judge them again.
 *
 * <p>A low link is not the same for all members of a component when it is cut, and here it is the
 * low link that is compared: some dead components are never found to be dead. The model keeps that
 * to the letter, list orders included, unless the era says otherwise ({@link Indices}).
 */
final class SccCollector implements GarbageCollector {
    private static final long FIRST_INDEX = 2; // UNIX_VERTEX_INDEX_START; 0 and 1 are the marks

    private final KernelState kernel;

    /** Not visited by the walk under way; in between walks, all. Walks begin with the first. */
    private LinkedHashSet<Vertex> unvisited = new LinkedHashSet<>();

    GraphState state = GraphState.NOT_CYCLIC;
    private long unvisitedMark;
    private long groupedMark = 1;
    private long maxComponentIndex = FIRST_INDEX;
    private int peeks;
    private boolean running;

    SccCollector(KernelState kernel) {
        this.kernel = kernel;
    }

    GraphState state() {
        return state;
    }

    /** The vertices in the order in which a walk begins with them. */
    List<Vertex> vertices() {
        return List.copyOf(unvisited);
    }

    @Override
    public void queued(PassedFiles passed, UnixSocket receiver) {
        for (OpenFile file : passed.files()) {
            UnixSocket socket = kernel.socketOf(file);
            if (socket != null) {
                Edge edge = new Edge(socket, receiver);
                passed.edges.add(edge);
                vertexOf(socket).edges.add(edge);
                touch(edge.next());
            }
        }
        receiver.queuedSockets += passed.edges.size();
        kernel.inFlight += passed.edges.size();
    }

    private Vertex vertexOf(UnixSocket socket) {
        Vertex vertex = socket.vertex;
        if (vertex == null) {
            vertex = new Vertex(socket);
            vertex.index = unvisitedMark;
            vertex.componentIndex =
                    kernel.era().has(Repair.FRESH_INDICES)
                            ? ++maxComponentIndex
                            : kernel.recycledIndex();
            unvisited.add(vertex);
            socket.vertex = vertex;
        }
        return vertex;
    }

    /** Passing a socket to one that is not in flight closes no cycle. */
    private void touch(@Nullable Vertex receiver) {
        if (receiver != null) {
            state = GraphState.MAYBE_CYCLIC;
        }
    }

    @Override
    public void unqueued(PassedFiles passed) {
        for (Edge edge : passed.edges) {
            if (!passed.dead) {
                touch(edge.next());
            }
            remove(edge);
        }
        if (!passed.dead && !passed.edges.isEmpty()) {
            passed.edges.getFirst().successor().queuedSockets -= passed.edges.size();
        }
        kernel.inFlight -= passed.edges.size();
        passed.edges.clear();
    }

    private void remove(Edge edge) {
        UnixSocket socket = edge.predecessor();
        Vertex vertex = socket.vertex;
        if (vertex == null || !vertex.edges.remove(edge)) {
            throw new IllegalStateException(socket + " has lost an edge");
        }
        if (vertex.edges.isEmpty()) {
            socket.vertex = null;
            unvisited.remove(vertex);
            vertex.component.remove(vertex);
            kernel.recycle(vertex.componentIndex);
        }
    }

    @Override
    public void accepted(UnixSocket embryo) {
        if (embryo.queuedSockets > 0 && embryo.listener != null) {
            touch(embryo.listener.vertex);
        }
        embryo.listener = null;
    }

    @Override
    public void peeked(PassedFiles passed) {
        if (running && kernel.era().has(Repair.PEEK) && hasSocket(passed)) {
            peeks++;
        }
    }

    private boolean hasSocket(PassedFiles passed) {
        for (OpenFile file : passed.files()) {
            if (kernel.socketOf(file) != null) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean wantsRun() {
        return kernel.era().run() == KernelEra.Run.WORKER_IF_CYCLIC
                ? state != GraphState.NOT_CYCLIC
                : kernel.inFlight > 0;
    }

    @Override
    public List<UnixSocket> order() {
        return unvisited.stream().map(Vertex::socket).toList();
    }

    @Override
    public CollectorRun start() {
        running = true;
        return new Run(state);
    }

    /** One vertex being explored. */
    private record Frame(Vertex vertex, Iterator<Edge> edges) {}

    private final class Run implements CollectorRun {
        private final boolean full;
        private final Deque<Frame> frames = new ArrayDeque<>();
        private final Deque<Vertex> stack = new ArrayDeque<>();
        private final LinkedHashSet<Vertex> visited = new LinkedHashSet<>();
        private final List<Packet> hits = new ArrayList<>();
        private final Deque<Packet> purge = new ArrayDeque<>();
        private long lastIndex = FIRST_INDEX;
        private boolean cyclic;
        private boolean locked;

        // The component being judged.
        private @Nullable List<Vertex> judged;
        private int next;
        private boolean dead;
        private int peeksBefore;

        Run(GraphState before) {
            full = before == GraphState.MAYBE_CYCLIC;
            locked = before != GraphState.NOT_CYCLIC;
            if (!locked) {
                kernel.log(() -> "collector: no socket in flight lies on a cycle, nothing to do");
                running = false;
                return;
            }
            kernel.log(
                    () ->
                            full
                                    ? "collector: the graph changed, walks it anew"
                                    : "collector: the graph is unchanged, judges its components"
                                            + " again");
            if (full) {
                maxComponentIndex = FIRST_INDEX;
            }
        }

        @Override
        public boolean locked() {
            return locked;
        }

        @Override
        public boolean step() {
            if (locked) {
                walkStep();
                return true;
            }
            Packet packet = purge.poll();
            if (packet != null) {
                kernel.free(packet);
                if (purge.isEmpty()) {
                    running = false;
                }
                return true;
            }
            return false;
        }

        private void walkStep() {
            if (judged != null) {
                judgeNext(judged);
            } else if (!frames.isEmpty()) {
                advance(frames.peek());
            } else if (unvisited.isEmpty()) {
                finish();
            } else if (full) {
                enter(unvisited.getFirst());
            } else {
                judge(new ArrayList<>(unvisited.getFirst().component));
            }
        }

        private void enter(Vertex vertex) {
            stack.push(vertex);
            vertex.index = lastIndex;
            vertex.componentIndex = lastIndex++;
            frames.push(new Frame(vertex, vertex.edges.iterator()));
        }

        private void advance(Frame frame) {
            Vertex vertex = frame.vertex;
            while (frame.edges.hasNext()) {
                Vertex successor = frame.edges.next().next();
                if (successor == null) {
                    continue;
                }
                if (successor.index == unvisitedMark) {
                    enter(successor);
                    return;
                }
                if (successor.index != groupedMark) {
                    lower(vertex, successor);
                }
                // Otherwise it is in a component already cut: nothing is learnt from it.
            }
            leave(vertex);
        }

        private void leave(Vertex vertex) {
            frames.pop();
            if (vertex.index == vertex.componentIndex) {
                judge(cut(vertex));
            }
            Frame parent = frames.peek();
            if (parent != null) {
                lower(parent.vertex, vertex);
            }
        }

        /** The kernel takes the successor's component index, where Tarjan takes its index. */
        private void lower(Vertex vertex, Vertex successor) {
            vertex.componentIndex = Math.min(vertex.componentIndex, successor.componentIndex);
        }

        /** Takes the component whose first member this is from the stack: that one first. */
        private List<Vertex> cut(Vertex first) {
            List<Vertex> members = new ArrayList<>();
            while (members.isEmpty() || !members.getFirst().equals(first)) {
                members.addFirst(stack.pop());
            }
            LinkedHashSet<Vertex> component = new LinkedHashSet<>(members);
            for (Vertex member : members) {
                member.component = component;
                if (kernel.era().indices() == Indices.ASSIGNED_BEFORE_JUDGING) {
                    member.componentIndex = first.componentIndex;
                }
            }
            return members;
        }

        private void judge(List<Vertex> members) {
            judged = members;
            next = 0;
            dead = true;
            peeksBefore = peeks;
        }

        private void judgeNext(List<Vertex> members) {
            if (next == members.size()) {
                conclude(members);
                return;
            }
            Vertex vertex = members.get(next++);
            unvisited.remove(vertex);
            visited.add(vertex);
            if (full) {
                vertex.index = groupedMark;
                if (kernel.era().indices() == Indices.ASSIGNED_WHILE_JUDGING) {
                    vertex.componentIndex = members.getFirst().componentIndex;
                }
            }
            if (dead) {
                dead = dead(vertex);
            }
        }

        private boolean dead(Vertex vertex) {
            for (Edge edge : vertex.edges) {
                Vertex successor = edge.next();
                if (successor == null) {
                    kernel.log(
                            () ->
                                    "collector: %s is alive: %s, which is not in flight, can receive it"
                                            .formatted(vertex.socket(), edge.successor()));
                    return false;
                }
                if (successor.componentIndex != vertex.componentIndex) {
                    kernel.log(() -> differs(vertex, successor));
                    return false;
                }
            }
            OpenFile file = vertex.socket().file;
            if (file == null || file.references() != vertex.outDegree()) {
                kernel.log(
                        () ->
                                "collector: %s is alive: %d references, %d of them in flight"
                                        .formatted(
                                                vertex.socket(),
                                                file == null ? 0 : file.references(),
                                                vertex.outDegree()));
                return false;
            }
            return true;
        }

        private String differs(Vertex vertex, Vertex successor) {
            boolean same = vertex.component.contains(successor);
            return "collector: %s (index %d) is taken for alive: it is queued on %s (index %d)%s"
                    .formatted(
                            vertex.socket(),
                            vertex.componentIndex,
                            successor.socket(),
                            successor.componentIndex,
                            same
                                    ? ", although both are of one component"
                                    : ", which is of another component");
        }

        private void conclude(List<Vertex> members) {
            judged = null;
            if (dead && peeks == peeksBefore) {
                kernel.log(() -> "collector: dead: " + names(members));
                collect(members);
                return;
            }
            if (dead) {
                kernel.log(() -> "collector: MSG_PEEK came between, leaves " + names(members));
            }
            if (full) {
                maxComponentIndex = Math.max(maxComponentIndex, members.getFirst().componentIndex);
            }
            cyclic |= isCyclic(members);
        }

        private void collect(List<Vertex> members) {
            for (Vertex member : members) {
                for (UnixSocket receiver : member.socket().receivers()) {
                    kernel.checkCollectable(member.socket(), receiver);
                    hits.addAll(receiver.queue);
                    receiver.queue.clear();
                    receiver.oob = null;
                }
            }
        }

        private void finish() {
            unvisited = new LinkedHashSet<>(visited);
            if (full) {
                long mark = unvisitedMark;
                unvisitedMark = groupedMark;
                groupedMark = mark;
            }
            state = cyclic ? GraphState.CYCLIC : GraphState.NOT_CYCLIC;
            locked = false;
            for (Packet packet : hits) {
                PassedFiles passed = packet.passed();
                if (passed != null) {
                    passed.dead = true;
                }
            }
            purge.addAll(hits);
            running = !purge.isEmpty();
        }
    }

    private static boolean isCyclic(List<Vertex> members) {
        if (members.size() > 1) {
            return true;
        }
        Vertex only = members.getFirst();
        for (Edge edge : only.edges) {
            if (only.equals(edge.next())) {
                return true;
            }
        }
        return false;
    }

    private static String names(List<Vertex> members) {
        StringBuilder names = new StringBuilder();
        for (Vertex member : members) {
            names.append(names.isEmpty() ? "" : ", ").append(member.socket());
        }
        return names.toString();
    }
}

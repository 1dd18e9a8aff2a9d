package dev.ringwatch.core.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether the collector of components would free what is in flight wherever its walk begins.
 *
 * <p>It judges a component by the low links of its members, which may differ, and then it never
 * frees the component. Which they are depends on the member that the walk reaches first, and on the
 * order of each member's edges; nothing outside of the component changes them. So a component that
 * comes out even from each of its members is freed whatever else goes on in the machine: what a test
 * wants to know before it makes one on a kernel that it does not own.
 */
public final class AnyOrder {
    private final Map<Vertex, long[]> indices = new HashMap<>();
    private final Deque<Vertex> stack = new ArrayDeque<>();
    private long next;

    private AnyOrder() {}

    /**
     * A component that the collector might never free, were all descriptors closed now: its sockets;
     * or null where there is none.
     */
    public static @Nullable List<UnixSocket> uneven(KernelState kernel) {
        for (Vertex start : kernel.vertices()) {
            List<UnixSocket> uneven = new AnyOrder().walkFrom(start);
            if (uneven != null) {
                return uneven;
            }
        }
        return null;
    }

    /** The component of the start if its low links differ. */
    private @Nullable List<UnixSocket> walkFrom(Vertex start) {
        Deque<Frame> frames = new ArrayDeque<>();
        frames.push(visit(start));
        List<Vertex> component = List.of();
        while (!frames.isEmpty()) {
            Frame frame = frames.element();
            Vertex entered = frame.step();
            if (entered != null) {
                frames.push(visit(entered));
                continue;
            }
            frames.remove();
            long[] own = index(frame.vertex);
            if (own[INDEX] == own[LOW]) {
                component = pop(frame.vertex);
            }
            if (!frames.isEmpty()) {
                frames.element().lower(own[LOW]);
            }
        }
        long low = index(start)[LOW];
        boolean even = component.stream().allMatch(member -> index(member)[LOW] == low);
        return even ? null : component.stream().map(Vertex::socket).toList();
    }

    private static final int INDEX = 0;
    private static final int LOW = 1;
    private static final int GROUPED = 2;

    private long[] index(Vertex vertex) {
        long[] of = indices.get(vertex);
        if (of == null) {
            throw new IllegalStateException(vertex.socket() + " was not visited");
        }
        return of;
    }

    private Frame visit(Vertex vertex) {
        long index = next++;
        indices.put(vertex, new long[] {index, index, 0});
        stack.push(vertex);
        return new Frame(vertex);
    }

    private List<Vertex> pop(Vertex root) {
        List<Vertex> component = new ArrayList<>();
        Vertex member;
        do {
            member = stack.pop();
            index(member)[GROUPED] = 1;
            component.add(member);
        } while (member != root);
        return component;
    }

    /** One vertex on its way. */
    private final class Frame {
        private final Vertex vertex;
        private final java.util.Iterator<Edge> edges;

        Frame(Vertex vertex) {
            this.vertex = vertex;
            edges = List.copyOf(vertex.edges).iterator();
        }

        /** Follows edges up to one that leads to a vertex not visited yet; null at the end. */
        @Nullable Vertex step() {
            while (edges.hasNext()) {
                Vertex to = edges.next().next();
                if (to == null) {
                    continue;
                }
                long[] there = indices.get(to);
                if (there == null) {
                    return to;
                }
                if (there[GROUPED] == 0) {
                    lower(there[LOW]);
                }
            }
            return null;
        }

        void lower(long low) {
            long[] own = index(vertex);
            own[LOW] = Math.min(own[LOW], low);
        }
    }
}

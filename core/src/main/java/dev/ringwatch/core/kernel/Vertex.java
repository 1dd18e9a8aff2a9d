package dev.ringwatch.core.kernel;

import java.util.LinkedHashSet;
import java.util.List;

/** A socket in flight, as the collector of components sees it: {@code unix_vertex}. */
public final class Vertex {
    private final UnixSocket socket;

    /** One for each entry of a queued list that names the socket, oldest first. */
    final LinkedHashSet<Edge> edges = new LinkedHashSet<>();

    /** Its position in the walk, or one of the two marks. */
    long index;

    /** By which the collector tells components apart: {@code scc_index}. */
    long componentIndex;

    /** The members of its component, in the order in which they were first visited. */
    LinkedHashSet<Vertex> component = new LinkedHashSet<>();

    Vertex(UnixSocket socket) {
        this.socket = socket;
        component.add(this);
    }

    /** The socket. */
    public UnixSocket socket() {
        return socket;
    }

    /** How often it is in flight: {@code out_degree}. */
    public int outDegree() {
        return edges.size();
    }

    /** The index that the collector compares: {@code scc_index}. */
    public long componentIndex() {
        return componentIndex;
    }

    /** The members of its component, as the last walk found them. */
    public List<Vertex> component() {
        return List.copyOf(component);
    }
}

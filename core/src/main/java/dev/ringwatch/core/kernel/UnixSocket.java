package dev.ringwatch.core.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An AF_UNIX socket: the kernel's {@code unix_sock}. */
public final class UnixSocket {
    /** What it is connected to or listens for. */
    public enum State {
        /** Not connected, or closed. */
        CLOSE,
        /** Waits for connections. */
        LISTEN,
        /** Connected. */
        ESTABLISHED
    }

    private final int id;
    private final SocketType type;

    State state = State.CLOSE;

    /** The open file that it is behind; null for an embryo and after release. */
    @Nullable OpenFile file;

    /** The other end: a reference to the socket and never to its file. */
    @Nullable UnixSocket peer;

    /** An embryo's listener. */
    @Nullable UnixSocket listener;

    /** The name it is bound to; an accepted connection shares its listener's. */
    @Nullable String address;

    /** Messages to be received; of a listener, announcements of its embryos. */
    final Deque<Packet> queue = new ArrayDeque<>();

    /** The out-of-band byte's packet, which is in the queue too. */
    @Nullable Packet oob;

    int backlog;
    boolean receiveShutdown;
    boolean sendShutdown;
    boolean dead;
    @Nullable Errno error;

    /** {@code scm_stat.nr_fds}: what fdinfo shows as {@code scm_fds}; may stay too high. */
    int queuedFds;

    /** {@code scm_stat.nr_unix_fds}. */
    int queuedSockets;

    /** Classic collector: how often it is in flight, {@code unix_sock.inflight}. */
    int inFlight;

    /** Classic collector: a candidate of the run under way. */
    boolean candidate;

    /** Classic collector: it may lie on a cycle. */
    boolean maybeCycle;

    /** Collector of components: there while it is in flight. */
    @Nullable Vertex vertex;

    UnixSocket(int id, SocketType type) {
        this.id = id;
        this.type = type;
    }

    /** Its number, in the order of making. */
    public int id() {
        return id;
    }

    /** Its type. */
    public SocketType type() {
        return type;
    }

    /** What it is connected to or listens for. */
    public State state() {
        return state;
    }

    /** The open file that it is behind; null for an embryo and after release. */
    public @Nullable OpenFile file() {
        return file;
    }

    /** The other end, or null. */
    public @Nullable UnixSocket peer() {
        return peer;
    }

    /** The listener of an embryo, a connection that nobody has accepted; else null. */
    public @Nullable UnixSocket listener() {
        return listener;
    }

    /** What is queued on it, oldest first. */
    public List<Packet> queue() {
        return List.copyOf(queue);
    }

    /** The vertex of a socket in flight under the collector of components, or null. */
    public @Nullable Vertex vertex() {
        return vertex;
    }

    /** How often it is in flight, as the era's collector counts. */
    public int inFlight() {
        return vertex == null ? inFlight : vertex.outDegree();
    }

    /** What its fdinfo would show as {@code scm_fds}. */
    public int scmFds() {
        if (state != State.LISTEN) {
            return state == State.ESTABLISHED || type == SocketType.DGRAM ? queuedFds : 0;
        }
        int sum = 0;
        for (Packet packet : queue) {
            sum += packet.embryo == null ? 0 : packet.embryo.queuedFds;
        }
        return sum;
    }

    /** The queues whose packets count as this socket's: its own, or those of its embryos. */
    List<UnixSocket> receivers() {
        if (state != State.LISTEN) {
            return List.of(this);
        }
        List<UnixSocket> embryos = new ArrayList<>(queue.size());
        for (Packet packet : queue) {
            if (packet.embryo != null) {
                embryos.add(packet.embryo);
            }
        }
        return embryos;
    }

    /** {@code unix_poll}: what is told to whoever asks for nothing but the end. */
    boolean hungUp() {
        return receiveShutdown || error != null || (type.connects() && state == State.CLOSE);
    }

    boolean readable() {
        return !queue.isEmpty() || hungUp();
    }

    @Override
    public String toString() {
        if (file != null) {
            return file.label();
        }
        return listener == null
                ? "a socket elsewhere"
                : "connection %d to %s".formatted(id, listener);
    }
}

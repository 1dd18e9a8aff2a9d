package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.FileFacts;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says what files are in words that are the same when the watched process or the agent was started
 * anew: by what they are bound to, called, or shaped like, never by an address, a number of a process
 * or an inode.
 */
final class Subjects {
    /** A leak may be of millions of files; so many tell it from others. */
    private static final int MOST = 1000;

    private final Observation observation;
    private final Map<Integer, SocketFacts> sockets = new HashMap<>();
    private final Map<Integer, RingFacts> rings = new HashMap<>();

    Subjects(Observation observation) {
        this.observation = observation;
        observation.sockets().forEach(s -> sockets.put(s.file(), s));
        observation.rings().forEach(r -> rings.put(r.file(), r));
    }

    /** One file. */
    String of(int file) {
        FileFacts facts = observation.files().get(file);
        return switch (facts.kind()) {
            case RING -> ring(rings.get(file));
            case UNIX_SOCKET -> socket(sockets.get(file));
            case SOCKET -> "network socket";
            case OTHER -> "file " + facts.device() + " " + facts.name();
        };
    }

    /** Several files, however many of each sort. */
    String of(List<Integer> files) {
        TreeMap<String, Integer> sorts = new TreeMap<>();
        files.stream().limit(MOST).forEach(file -> sorts.merge(of(file), 1, Integer::sum));
        return sorts.toString();
    }

    /** The slot at the end of a path, with its ring. */
    String slot(HoldingPath path) {
        if (path.steps().isEmpty()) {
            return "";
        }
        Holder last = path.steps().getLast().holder();
        return last instanceof Holder.RingSlot s ? "slot " + s.slot() + " of " + of(s.ring()) : "";
    }

    private static String ring(@Nullable RingFacts ring) {
        return ring == null
                ? "ring"
                : "ring "
                        + number(ring.entries())
                        + " "
                        + number(ring.completionEntries())
                        + " "
                        + number(ring.fileTableSlots());
    }

    private String socket(@Nullable SocketFacts socket) {
        if (socket == null) {
            return "unix";
        }
        return "unix " + socket.type() + " " + socket.state() + " " + name(socket);
    }

    /** Its own name, or after an arrow that of the other end. */
    private String name(SocketFacts socket) {
        int peer = observation.graph().peer(socket.file());
        SocketFacts other = peer == ReferenceGraph.NONE ? null : sockets.get(peer);
        return socket.name()
                .orElseGet(() -> other == null ? "" : other.name().map(n -> "> " + n).orElse(""));
    }

    private static String number(OptionalInt n) {
        return n.isPresent() ? Integer.toString(n.getAsInt()) : "?";
    }
}

package dev.ringwatch.agent.report;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Draws a snapshot in the language of Graphviz: processes, rings, sockets and files, an arrow from
 * what holds to what is held. Only what rings and queues hold, and who holds that, is drawn; many
 * references between the same two are one arrow with their number.
 */
public final class DotReport {
    private final Observation observation;
    private final ReferenceGraph graph;
    private final Names names;
    private final TreeSet<Integer> files = new TreeSet<>();
    private final TreeSet<Integer> found = new TreeSet<>();
    private final Map<String, Integer> arrows = new TreeMap<>();
    private final TreeSet<Integer> processes = new TreeSet<>();

    private DotReport(Tracked tracked, List<Finding> findings) {
        observation = tracked.observation();
        graph = observation.graph();
        names = new Names(observation, tracked.groups());
        findings.forEach(f -> found.addAll(f.files()));
    }

    /** The picture as a text that {@code dot -Tsvg} draws. */
    public static String snapshot(Tracked tracked, List<Finding> findings) {
        return new DotReport(tracked, findings).draw();
    }

    private String draw() {
        choose();
        files.forEach(this::addArrows);
        StringBuilder b = new StringBuilder("digraph ringwatch {\n");
        b.append("  rankdir=LR;\n  node [fontname=\"sans-serif\", shape=box];\n");
        b.append("  edge [fontname=\"sans-serif\", fontsize=10];\n");
        for (int pid : processes) {
            b.append(
                    "  \"pid:%d\" [label=%s, shape=ellipse];\n"
                            .formatted(pid, quoted(names.process(pid))));
        }
        for (int file : files) {
            b.append(
                    "  \"%s\" [label=%s%s];\n"
                            .formatted(
                                    Names.id(file),
                                    quoted(names.file(file)).replace(" of ", "\\n"),
                                    style(file)));
        }
        arrows.forEach((arrow, n) -> b.append("  ").append(arrow.formatted(times(n))).append('\n'));
        files.forEach(file -> addPeer(file, b));
        return b.append("}\n").toString();
    }

    private void choose() {
        for (int file = 0; file < graph.fileCount(); file++) {
            boolean edge =
                    graph.heldBegin(file) < graph.heldEnd(file)
                            || graph.holdersBegin(file) < graph.holdersEnd(file);
            if (edge || graph.kind(file) == FileKind.RING) {
                files.add(file);
            }
        }
        for (SocketFacts socket : observation.sockets()) {
            if (socket.inflight().orElse(0) > 0) {
                files.add(socket.file());
            }
        }
    }

    private void addArrows(int file) {
        for (Holder holder : graph.holders(file)) {
            switch (holder) {
                case Holder.DescriptorSlot d -> fromProcess(d.pid(), file, "descriptor");
                case Holder.MemoryMapping m -> fromProcess(m.pid(), file, "mapping");
                case Holder.TaskRegistration t -> fromProcess(t.pid(), file, "registration");
                case Holder.QueuedPacket q -> arrow(Names.id(q.socket()), file, "queue", "red");
                case Holder.RingSlot s -> arrow(Names.id(s.ring()), file, "slot", "blue");
                case Holder.PendingRequest r ->
                        arrow(Names.id(r.ring()), file, "request", "orange");
            }
        }
    }

    /** Connected sockets: a peer holds no reference, so the line has no head. */
    private void addPeer(int file, StringBuilder b) {
        int peer = graph.peer(file);
        if (peer > file && files.contains(peer)) {
            b.append(
                    "  \"%s\" -> \"%s\" [label=connected, style=dashed, dir=none, constraint=false];\n"
                            .formatted(Names.id(file), Names.id(peer)));
        }
    }

    private void fromProcess(int pid, int file, String by) {
        processes.add(pid);
        arrow("pid:" + pid, file, by, "gray40");
    }

    private void arrow(String from, int file, String by, String color) {
        String text =
                "\"%s\" -> \"%s\" [label=\"%s%%s\", color=%s];"
                        .formatted(from, Names.id(file), by, color);
        arrows.merge(text, 1, Integer::sum);
    }

    private String style(int file) {
        String fill = found.contains(file) ? ", style=filled, fillcolor=mistyrose" : "";
        return graph.kind(file) == FileKind.RING ? ", peripheries=2" + fill : fill;
    }

    private static String times(int n) {
        return n == 1 ? "" : " ×" + n;
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}

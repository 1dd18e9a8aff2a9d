package dev.ringwatch.agent.report;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Writes for people. */
public final class TextReport {
    private static final String UNKNOWN = "?";

    private final Tracked tracked;
    private final Observation observation;
    private final ReferenceGraph graph;
    private final Groups groups;
    private final Names names;

    private TextReport(Tracked tracked) {
        this.tracked = tracked;
        observation = tracked.observation();
        graph = observation.graph();
        groups = tracked.groups();
        names = new Names(observation, groups);
    }

    /** Rings, queues and findings, as tables. */
    public static String snapshot(Tracked tracked, List<Finding> findings) {
        TextReport report = new TextReport(tracked);
        return report.rings()
                + "\n"
                + report.queues()
                + "\n"
                + report.findings(findings)
                + report.tail();
    }

    /** Findings with their evidence. */
    public static String leaks(Tracked tracked, List<Finding> findings) {
        TextReport report = new TextReport(tracked);
        return report.findings(findings) + report.tail();
    }

    private String rings() {
        Table table =
                new Table(
                        "RING", "PID", "GROUP", "FILES", "SLOTS", "BUFFERS", "REQUESTS", "HELD BY");
        for (RingFacts ring : observation.rings()) {
            OptionalInt pid = groups.process(ring.file());
            table.row(
                    Names.id(ring.file()),
                    pid.isPresent() ? pid.getAsInt() : UNKNOWN,
                    groups.of(ring.file()),
                    known(ring.registeredFiles()),
                    known(ring.fileTableSlots()),
                    known(ring.registeredBuffers()),
                    known(ring.inflightRequests()),
                    heldBy(ring));
        }
        return table.isEmpty() ? "No rings.\n" : table.text();
    }

    /** {@code 1 descriptor, 2 mappings}: what holds a ring, by kind. */
    private String heldBy(RingFacts ring) {
        TreeMap<String, Integer> kinds = new TreeMap<>();
        for (Holder holder : graph.holders(ring.file())) {
            String kind =
                    switch (holder) {
                        case Holder.DescriptorSlot d -> "descriptor";
                        case Holder.MemoryMapping m -> "mapping";
                        case Holder.TaskRegistration t -> "registration";
                        case Holder.QueuedPacket q -> "packet";
                        case Holder.RingSlot s -> "slot";
                        case Holder.PendingRequest r -> "request";
                    };
            kinds.merge(kind, 1, Integer::sum);
        }
        if (kinds.isEmpty()) {
            return ring.users().isEmpty() ? "nothing found" : "used by a task only";
        }
        List<String> parts = new ArrayList<>();
        kinds.forEach((kind, n) -> parts.add(n + " " + kind + (n == 1 ? "" : "s")));
        return String.join(", ", parts);
    }

    private String queues() {
        List<SocketFacts> waiting =
                observation.sockets().stream()
                        .filter(s -> s.inflight().orElse(0) > 0)
                        .sorted(Comparator.comparingInt((SocketFacts s) -> -s.inflight().orElse(0)))
                        .toList();
        if (waiting.isEmpty()) {
            long unknown =
                    observation.sockets().stream().filter(s -> s.inflight().isEmpty()).count();
            return "No descriptors in flight in %d sockets%s.\n"
                    .formatted(
                            observation.sockets().size() - unknown,
                            unknown == 0 ? "" : "; " + unknown + " could not be read");
        }
        Table table =
                new Table("SOCKET", "PID", "GROUP", "KIND", "STATE", "IN FLIGHT", "FIRST SEEN");
        for (SocketFacts socket : waiting) {
            OptionalInt pid = groups.process(socket.file());
            var since = tracked.queueSince().get(socket.file());
            table.row(
                    socket.inode(),
                    pid.isPresent() ? pid.getAsInt() : "-",
                    groups.of(socket.file()),
                    socket.type().name().toLowerCase(Locale.ROOT),
                    socket.state().name().toLowerCase(Locale.ROOT),
                    known(socket.inflight()),
                    since == null ? "" : since);
        }
        return table.text();
    }

    private String findings(List<Finding> findings) {
        if (findings.isEmpty()) {
            return observation.complete()
                    ? "No leak found.\n"
                    : "No leak found in what could be seen.\n";
        }
        StringBuilder b = new StringBuilder();
        for (Finding finding : findings) {
            b.append(finding(finding)).append('\n');
        }
        return b.toString();
    }

    private String finding(Finding finding) {
        FindingWords words = FindingWords.of(tracked, finding, names);
        StringBuilder b = new StringBuilder();
        b.append(words.kind().label()).append(": ").append(words.what());
        b.append(", group ").append(words.group()).append('\n');
        b.append("  id      ").append(words.id()).append('\n');
        b.append("  since   at least ").append(age(finding)).append('\n');
        b.append("  why     ").append(words.because()).append('\n');
        String head = "  held by ";
        for (String step : words.path()) {
            b.append(head).append(step).append('\n');
            head = "          ";
        }
        int more = words.pathSteps() - words.path().size();
        if (more > 0) {
            b.append(head).append("and ").append(more).append(" more\n");
        }
        callers(words, b);
        b.append("  call    ").append(words.call()).append('\n');
        return b.append("  cure    ").append(words.advice()).append('\n').toString();
    }

    private static void callers(FindingWords words, StringBuilder b) {
        for (FindingWords.Call call : words.calls()) {
            b.append("  ").append(call.who()).append(" at ");
            b.append(call.at().truncatedTo(ChronoUnit.MILLIS)).append('\n');
            call.frames().forEach(frame -> b.append("          ").append(frame).append('\n'));
            for (String note : call.notes()) {
                String label = call.frames().isEmpty() ? "" : "note: ";
                b.append("          ").append(label).append(note).append('\n');
            }
        }
        int more = words.callsMade() - words.calls().size();
        if (more > 0) {
            b.append("  and ").append(more).append(" more calls\n");
        }
    }

    private static String age(Finding finding) {
        Duration age = finding.age();
        return age.compareTo(Duration.ofSeconds(10)) < 0
                ? "%.1f s".formatted(age.toMillis() / 1000.0)
                : age.truncatedTo(ChronoUnit.SECONDS)
                        .toString()
                        .substring(2)
                        .toLowerCase(Locale.ROOT);
    }

    private String tail() {
        StringBuilder b = new StringBuilder();
        for (String reason : observation.incomplete()) {
            b.append("Not complete: ").append(reason).append(".\n");
        }
        return b.toString();
    }

    private static String known(OptionalInt value) {
        return value.isPresent() ? Integer.toString(value.getAsInt()) : UNKNOWN;
    }
}

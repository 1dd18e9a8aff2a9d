package dev.ringwatch.agent.report;

import dev.ringwatch.agent.observe.Attribution;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.stacks.Frame;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
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
    private static final int MAX_STEPS = 16;
    private static final int MAX_CALLS = 4;
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
        StringBuilder b = new StringBuilder();
        b.append(finding.kind().label())
                .append(": ")
                .append(names.file(finding.files().getFirst()))
                .append(finding.files().size() > 1 ? others(finding) : "")
                .append(", group ")
                .append(finding.group())
                .append('\n');
        b.append("  id      ").append(finding.id()).append('\n');
        b.append("  since   at least ").append(age(finding)).append('\n');
        b.append("  why     ").append(finding.because()).append('\n');
        List<HoldingPath.Step> steps = finding.path().steps();
        String head = "  held by ";
        for (HoldingPath.Step step : steps.subList(0, Math.min(MAX_STEPS, steps.size()))) {
            b.append(head)
                    .append(names.holder(step.holder()))
                    .append(" has ")
                    .append(names.file(step.file()))
                    .append('\n');
            head = "          ";
        }
        if (steps.size() > MAX_STEPS) {
            b.append(head).append("and ").append(steps.size() - MAX_STEPS).append(" more\n");
        }
        callers(finding, b);
        b.append("  call    ").append(finding.call()).append('\n');
        return b.append("  cure    ").append(finding.advice()).append('\n').toString();
    }

    private void callers(Finding finding, StringBuilder b) {
        List<Attribution> calls = Callers.of(observation, finding);
        for (Attribution call : calls.subList(0, Math.min(MAX_CALLS, calls.size()))) {
            b.append("  ")
                    .append(call.kind().words())
                    .append(" thread ")
                    .append(Names.clean(call.thread()))
                    .append(" (tid ")
                    .append(call.tid())
                    .append(") of ")
                    .append(names.process(call.pid()))
                    .append(" at ")
                    .append(call.at().truncatedTo(ChronoUnit.MILLIS))
                    .append('\n');
            stack(call, b);
        }
        if (calls.size() > MAX_CALLS) {
            b.append("  and ").append(calls.size() - MAX_CALLS).append(" more calls\n");
        }
    }

    private static void stack(Attribution call, StringBuilder b) {
        if (call.stack().isEmpty()) {
            b.append("          no stack is known of it\n");
            return;
        }
        for (Frame frame : call.stack().get().frames()) {
            b.append("          ").append(Names.frame(frame)).append('\n');
        }
        for (String note : call.stack().get().notes()) {
            b.append("          note: ").append(Names.note(note)).append('\n');
        }
    }

    private static String others(Finding finding) {
        return " and " + (finding.files().size() - 1) + " more";
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

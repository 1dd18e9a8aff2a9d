package dev.ringwatch.agent.top;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Tracked;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Sums an observation up by group or by process. Only who has a ring or a full queue has a row. */
final class Rows {
    private static final int NOBODY = -1;

    private final Tracked tracked;
    private final Observation observation;
    private final Groups groups;
    private final boolean byProcess;
    private final Map<String, Sum> sums = new LinkedHashMap<>();

    private Rows(Tracked tracked, boolean byProcess) {
        this.tracked = tracked;
        this.byProcess = byProcess;
        observation = tracked.observation();
        groups = tracked.groups();
    }

    static List<Row> byGroup(Tracked tracked) {
        return new Rows(tracked, false).rows();
    }

    static List<Row> byProcess(Tracked tracked) {
        return new Rows(tracked, true).rows();
    }

    private List<Row> rows() {
        observation.rings().forEach(this::add);
        observation.sockets().forEach(this::add);
        for (Finding finding : tracked.findings()) {
            sum(finding.files().getFirst()).findings++;
        }
        return sums.values().stream().map(Sum::row).toList();
    }

    private void add(RingFacts ring) {
        Sum sum = sum(ring.file());
        sum.rings++;
        sum.files = plus(sum.files, asLong(ring.registeredFiles()));
        sum.slots = plus(sum.slots, asLong(ring.fileTableSlots()));
        sum.requests = plus(sum.requests, asLong(ring.inflightRequests()));
        sum.bufferBytes = plus(sum.bufferBytes, ring.registeredBufferBytes());
        sum.overflow = plus(sum.overflow, asLong(ring.overflowEntries()));
        if (ring.registeredFiles().isPresent() && ring.fileTableSlots().orElse(0) > 0) {
            double use =
                    (double) ring.registeredFiles().getAsInt() / ring.fileTableSlots().getAsInt();
            sum.tableUse = Optional.of(Math.max(use, sum.tableUse.orElse(0.0)));
        }
    }

    private void add(SocketFacts socket) {
        int waiting = socket.inflight().orElse(0);
        if (waiting == 0) {
            return;
        }
        Sum sum = sum(socket.file());
        sum.inflight = plus(sum.inflight, OptionalLong.of(waiting));
        Instant since = tracked.queueSince().get(socket.file());
        if (since != null && sum.oldest.map(since::isBefore).orElse(true)) {
            sum.oldest = Optional.of(since);
        }
    }

    private Sum sum(int file) {
        String group = groups.of(file);
        if (!byProcess) {
            return sums.computeIfAbsent(group, g -> new Sum(OptionalLong.empty(), g, g));
        }
        int pid = groups.process(file).orElse(NOBODY);
        return sums.computeIfAbsent(pid + " " + group, k -> new Sum(asLong(pid), name(pid), group));
    }

    private String name(int pid) {
        ProcessFacts facts = observation.processes().get(pid);
        return facts == null ? "-" : facts.comm();
    }

    private static OptionalLong asLong(int pid) {
        return pid == NOBODY ? OptionalLong.empty() : OptionalLong.of(pid);
    }

    private static OptionalLong asLong(OptionalInt value) {
        return value.isPresent() ? OptionalLong.of(value.getAsInt()) : OptionalLong.empty();
    }

    private static OptionalLong plus(OptionalLong sum, OptionalLong value) {
        return value.isEmpty() ? sum : OptionalLong.of(sum.orElse(0) + value.getAsLong());
    }

    private static final class Sum {
        private final OptionalLong pid;
        private final String name;
        private final String group;
        private long rings;
        private OptionalLong files = OptionalLong.empty();
        private OptionalLong slots = OptionalLong.empty();
        private Optional<Double> tableUse = Optional.empty();
        private OptionalLong requests = OptionalLong.empty();
        private OptionalLong bufferBytes = OptionalLong.empty();
        private OptionalLong overflow = OptionalLong.empty();
        private OptionalLong inflight = OptionalLong.empty();
        private Optional<Instant> oldest = Optional.empty();
        private long findings;

        Sum(OptionalLong pid, String name, String group) {
            this.pid = pid;
            this.name = name;
            this.group = group;
        }

        Row row() {
            return new Row(
                    pid,
                    name,
                    group,
                    rings,
                    files,
                    slots,
                    tableUse,
                    requests,
                    bufferBytes,
                    overflow,
                    inflight,
                    oldest,
                    findings);
        }
    }
}

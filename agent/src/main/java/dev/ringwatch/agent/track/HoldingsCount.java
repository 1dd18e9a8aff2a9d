package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Counts what each group holds in one observation. */
final class HoldingsCount {
    private final Observation observation;
    private final ReferenceGraph graph;
    private final Groups groups;
    private final GroupSeries fold;
    private final Map<String, Count> counts = new HashMap<>();

    private HoldingsCount(Observation observation, Groups groups, GroupSeries fold) {
        this.observation = observation;
        graph = observation.graph();
        this.groups = groups;
        this.fold = fold;
    }

    /**
     * The count of one observation.
     *
     * @param findings those that are old enough
     * @param judged whether there was an observation before
     * @param queueSince by socket, since when the same packet is the first in its queue
     * @param oldestRequests by ring, when its oldest request was first seen
     */
    static Holdings of(
            Observation observation,
            Groups groups,
            GroupSeries fold,
            List<Finding> findings,
            boolean judged,
            Map<Integer, Instant> queueSince,
            Map<Integer, Instant> oldestRequests) {
        HoldingsCount count = new HoldingsCount(observation, groups, fold);
        boolean bpf =
                observation.sources().stream().anyMatch(s -> s.source() == Source.BPF && s.up());
        count.addEmpty();
        observation.rings().forEach(r -> count.addRing(r, oldestRequests.get(r.file())));
        if (bpf) {
            count.addRegisteredOnly();
        }
        observation.sockets().forEach(s -> count.addSocket(s, queueSince.get(s.file())));
        observation.processes().values().forEach(count::addLimit);
        findings.forEach(f -> count.of(f.group()).add(f.kind()));
        Map<String, Held> held = new HashMap<>();
        count.counts.forEach((group, c) -> held.put(group, c.held()));
        return new Holdings(held, observation.complete(), bpf, judged);
    }

    private Count of(String group) {
        return counts.computeIfAbsent(fold.of(group), g -> new Count());
    }

    private Count of(int file) {
        return of(groups.of(file));
    }

    /** A group keeps its series for a while when it holds nothing any more. */
    private void addEmpty() {
        if (observation.complete()) {
            for (String group : fold.empty()) {
                of(group).add(Figure.RINGS, 0);
                of(group).add(Figure.INFLIGHT_FDS, 0);
            }
        }
    }

    private void addRing(RingFacts ring, @Nullable Instant oldest) {
        Count count = of(ring.file());
        count.add(Figure.RINGS, 1);
        count.add(Figure.REGISTERED_FILES, ring.registeredFiles());
        count.add(Figure.INFLIGHT_REQUESTS, ring.inflightRequests());
        count.oldestRequest = earlier(count.oldestRequest, oldest);
        count.addTable(ring.registeredFiles(), ring.fileTableSlots());
    }

    /** From eBPF only: /proc names files by a text that two of them may share. */
    private void addRegisteredOnly() {
        for (RingFacts ring : observation.rings()) {
            if (ring.readable()) {
                of(ring.file()).add(Figure.REGISTERED_ONLY_FILES, 0);
            }
        }
        for (int file = 0; file < graph.fileCount(); file++) {
            if (graph.outsideReferences(file) == 0 && inTable(file)) {
                of(file).add(Figure.REGISTERED_ONLY_FILES, 1);
            }
        }
    }

    private boolean inTable(int file) {
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            if (graph.by(graph.holderReference(i)) == By.SLOT) {
                return true;
            }
        }
        return false;
    }

    private void addSocket(SocketFacts socket, @Nullable Instant since) {
        int inflight = socket.inflight().orElse(0);
        if (inflight > 0) {
            Count count = of(socket.file());
            count.add(Figure.INFLIGHT_FDS, inflight);
            count.oldestInflight = earlier(count.oldestInflight, since);
        }
    }

    /** Of groups with series; processes of the others hold nothing or little. */
    private void addLimit(ProcessFacts process) {
        String group = groups.ofProcess(process.pid());
        if (fold.own().containsKey(group)) {
            process.inflight()
                    .ifPresent(
                            i -> {
                                Count count = of(group);
                                count.worstLimitRatio = larger(count.worstLimitRatio, i.ratio());
                            });
        }
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private static OptionalDouble larger(OptionalDouble one, double other) {
        return OptionalDouble.of(Math.max(one.orElse(other), other));
    }

    private static final class Count {
        private final Map<Figure, Long> figures = new EnumMap<>(Figure.class);
        private final Map<FindingKind, Integer> findings = new EnumMap<>(FindingKind.class);
        private OptionalLong slots = OptionalLong.empty();
        private @Nullable Instant oldestInflight;
        private @Nullable Instant oldestRequest;
        private OptionalDouble worstTableUsage = OptionalDouble.empty();
        private OptionalDouble worstLimitRatio = OptionalDouble.empty();

        void add(Figure figure, long n) {
            figures.merge(figure, n, Long::sum);
        }

        void add(Figure figure, OptionalInt n) {
            n.ifPresent(value -> add(figure, value));
        }

        void add(FindingKind kind) {
            add(Figure.FINDINGS, 1);
            findings.merge(kind, 1, Integer::sum);
        }

        void addTable(OptionalInt occupied, OptionalInt all) {
            all.ifPresent(n -> slots = OptionalLong.of(slots.orElse(0) + n));
            if (occupied.isPresent() && all.orElse(0) > 0) {
                double used = occupied.getAsInt();
                worstTableUsage = larger(worstTableUsage, used / all.getAsInt());
            }
        }

        Held held() {
            return new Held(
                    figures,
                    slots,
                    findings,
                    Optional.ofNullable(oldestInflight),
                    Optional.ofNullable(oldestRequest),
                    worstTableUsage,
                    worstLimitRatio);
        }
    }
}

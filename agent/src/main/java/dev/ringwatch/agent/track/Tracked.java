package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.core.leak.Judgement;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One observation and what is known beyond it. Immutable.
 *
 * @param findings in the order of their kind, then of their age
 * @param opened how many findings of each kind were opened since the tracker began
 * @param queueSince for each socket with descriptors in its queue, by file, since when the same
 *     packet is the first
 */
public record Tracked(
        Observation observation,
        Judgement judgement,
        Groups groups,
        List<Finding> findings,
        Map<FindingKind, Long> opened,
        Map<Integer, Instant> queueSince) {
    public Tracked {
        findings = List.copyOf(findings);
        opened = Map.copyOf(opened);
        queueSince = Map.copyOf(queueSince);
    }
}

package dev.ringwatch.agent.track;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What one group was seen to hold. Immutable. A figure is there if anything was counted for it; what
 * is absent is nothing or unknown, and {@link Holdings#of} tells which.
 *
 * @param figures the sums, of what could be read
 * @param fileTableSlots slots of file tables, occupied or not
 * @param findings how many of each kind are old enough
 * @param oldestInflight since when the same packet is the first in the queue where that is longest
 * @param oldestRequest when the oldest request in flight was first seen; it may be older
 * @param worstTableUsage occupied by all slots, of the fullest table: 0 to 1
 * @param worstLimitRatio descriptors in flight by the limit, of the user that is nearest to it; 1 and
 *     more: sends are refused
 */
public record Held(
        Map<Figure, Long> figures,
        OptionalLong fileTableSlots,
        Map<FindingKind, Integer> findings,
        Optional<Instant> oldestInflight,
        Optional<Instant> oldestRequest,
        OptionalDouble worstTableUsage,
        OptionalDouble worstLimitRatio) {
    /** Of which nothing was counted. */
    static final Held NOTHING =
            new Held(
                    Map.of(),
                    OptionalLong.empty(),
                    Map.of(),
                    Optional.empty(),
                    Optional.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty());

    public Held {
        figures = Map.copyOf(figures);
        findings = Map.copyOf(findings);
    }

    /** The sum that was counted, if anything was. */
    public OptionalLong counted(Figure figure) {
        Long sum = figures.get(figure);
        return sum == null ? OptionalLong.empty() : OptionalLong.of(sum);
    }
}

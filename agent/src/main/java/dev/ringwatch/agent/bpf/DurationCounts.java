package dev.ringwatch.agent.bpf;

import java.util.List;

/**
 * How long things took.
 *
 * @param bounds the upper bound of each bucket but the last, in nanoseconds; one that took just so
 *     long is in it
 * @param counts of each bucket, one more than there are bounds
 * @param sum in nanoseconds
 */
public record DurationCounts(List<Long> bounds, List<Long> counts, long sum) {
    public DurationCounts {
        bounds = List.copyOf(bounds);
        counts = List.copyOf(counts);
    }
}

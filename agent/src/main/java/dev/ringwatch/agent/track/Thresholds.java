package dev.ringwatch.agent.track;

import java.time.Duration;

/**
 * From what age something is a finding. Ages count from when it was first seen.
 *
 * @param neverReceived how long descriptors may wait in a queue that does not move
 * @param pinned how long a useless file may stay in a ring's table
 * @param orphan how long a ring may stay when only requests hold it; its teardown takes moments
 */
public record Thresholds(Duration neverReceived, Duration pinned, Duration orphan) {
    /** Five minutes for a queue, as the alert has it; one for a table, ten seconds for teardown. */
    public static final Thresholds DEFAULT =
            new Thresholds(Duration.ofMinutes(5), Duration.ofMinutes(1), Duration.ofSeconds(10));

    /** Whether findings of a kind count from the first moment: their verdicts wait by themselves. */
    static boolean ageless(FindingKind kind) {
        return kind == FindingKind.LEAKED || kind == FindingKind.UNDECIDED;
    }

    Duration of(FindingKind kind) {
        return switch (kind) {
            case NEVER_RECEIVED -> neverReceived;
            case PINNED_BY_RING -> pinned;
            case ORPHAN_RING -> orphan;
            case LEAKED, UNDECIDED -> Duration.ZERO;
        };
    }
}

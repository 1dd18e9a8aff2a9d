package dev.ringwatch.agent.track;

import java.time.Duration;

/**
 * From what age something is a finding. Ages count from when it was first seen.
 *
 * @param neverReceived how long descriptors may wait in a queue that does not move
 * @param pinned how long a useless file may stay in a ring's table
 * @param orphan how long a ring may stay when only requests hold it; its teardown takes moments
 * @param idleRing how long a ring with files in its table may do nothing while no descriptor of its
 *     users holds it; a program may want it so
 * @param stuckRequest how long a request may hold a file that nothing else holds
 * @param nearLimit how long something may be close to its limit
 */
public record Thresholds(
        Duration neverReceived,
        Duration pinned,
        Duration orphan,
        Duration idleRing,
        Duration stuckRequest,
        Duration nearLimit) {
    /**
     * Five minutes for a queue, as the alert has it; one for a table and for a limit; ten seconds for
     * teardown; ten minutes for a request, which a slow client may need; an hour for an idle ring.
     */
    public static final Thresholds DEFAULT =
            new Thresholds(
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(10),
                    Duration.ofHours(1),
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(1));

    /** The same age for everything. */
    public static Thresholds all(Duration age) {
        return new Thresholds(age, age, age, age, age, age);
    }
}

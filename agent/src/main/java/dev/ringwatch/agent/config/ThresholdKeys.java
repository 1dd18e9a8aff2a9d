package dev.ringwatch.agent.config;

import dev.ringwatch.agent.track.Thresholds;
import java.time.Duration;

/** The keys of {@link Thresholds}. */
final class ThresholdKeys {
    private static final Duration MOST = Duration.ofDays(365);

    private ThresholdKeys() {}

    static Thresholds read(Keys keys) {
        Thresholds d = Thresholds.DEFAULT;
        return new Thresholds(
                age(
                        keys,
                        "never_received",
                        "Descriptors in a queue that does not move.",
                        d.neverReceived()),
                age(keys, "pinned_by_ring", "A useless file in a ring's table.", d.pinned()),
                age(keys, "orphan_ring", "A ring that only requests hold.", d.orphan()),
                age(
                        keys,
                        "idle_ring",
                        "A ring with files in its table that does nothing and that no descriptor of"
                                + " its users holds; told as orphan_ring.",
                        d.idleRing()),
                age(
                        keys,
                        "stuck_request",
                        "A request that holds a file which nothing else holds.",
                        d.stuckRequest()),
                age(keys, "near_limit", "What is nearly used up.", d.nearLimit()));
    }

    private static Duration age(Keys keys, String name, String help, Duration unset) {
        return keys.duration(name, help, Duration.ZERO, MOST, unset);
    }
}

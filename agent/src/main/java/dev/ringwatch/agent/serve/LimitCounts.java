package dev.ringwatch.agent.serve;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** How often each limit was hit. Safe for any thread. */
final class LimitCounts {
    private final AtomicLongArray hits = new AtomicLongArray(Limit.values().length);

    void hit(Limit limit) {
        hits.incrementAndGet(limit.ordinal());
    }

    Map<Limit, Long> snapshot() {
        Map<Limit, Long> counts = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            counts.put(limit, hits.get(limit.ordinal()));
        }
        return counts;
    }
}

package dev.ringwatch.agent.web;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A token bucket: so many requests at once, and one more in each interval. Safe for any thread. */
final class RateLimit {
    private final double perNano;
    private final int burst;
    private final LongSupplier nanoTime;
    private double tokens;
    private long last;

    /**
     * A full bucket.
     *
     * @param interval zero: everything is allowed
     */
    RateLimit(Duration interval, int burst, LongSupplier nanoTime) {
        this.perNano = interval.isZero() ? 0 : 1.0 / interval.toNanos();
        this.burst = burst;
        this.nanoTime = nanoTime;
        tokens = burst;
        last = nanoTime.getAsLong();
    }

    synchronized boolean allows() {
        if (perNano == 0) {
            return true;
        }
        long now = nanoTime.getAsLong();
        tokens = Math.min(burst, tokens + (now - last) * perNano);
        last = now;
        if (tokens < 1) {
            return false;
        }
        tokens -= 1;
        return true;
    }
}

package dev.ringwatch.agent.fleet;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that goes on by a scrape interval when told to, so that hours pass in seconds. For one thread. */
final class SteppedClock implements InstantSource {
    static final Duration STEP = Duration.ofSeconds(15);

    private Instant now;

    SteppedClock(Instant begin) {
        now = begin;
    }

    void step() {
        now = now.plus(STEP);
    }

    @Override
    public Instant instant() {
        return now;
    }
}

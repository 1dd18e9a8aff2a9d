package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.EventCounter;

/** What is counted of a process. */
public enum EventKind {
    /** Rings made. */
    RINGS_CREATED(EventCounter.RINGS_CREATED),
    /** Rings whose last reference went. */
    RINGS_RELEASED(EventCounter.RINGS_RELEASED),
    /** Completions that found a full queue. */
    CQ_OVERFLOWS(EventCounter.CQ_OVERFLOWS),
    /** Requests given to a worker thread. */
    IOWQ_PUNTS(EventCounter.IOWQ_PUNTS),
    /** Runs of the AF_UNIX collector that its calls queued. */
    COLLECTOR_RUNS_QUEUED(EventCounter.COLLECTOR_RUNS_QUEUED),
    /** Nanoseconds that its calls waited for the collector. */
    COLLECTOR_WAIT_NANOS(EventCounter.COLLECTOR_WAIT_NANOS),
    /** Sends refused with ETOOMANYREFS. */
    SENDS_REJECTED(EventCounter.SENDS_REJECTED);

    private final EventCounter counter;

    EventKind(EventCounter counter) {
        this.counter = counter;
    }

    EventCounter counter() {
        return counter;
    }
}

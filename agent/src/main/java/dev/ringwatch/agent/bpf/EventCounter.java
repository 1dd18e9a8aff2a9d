package dev.ringwatch.agent.bpf;

/** What is counted of a process, by an object; its place there is that in the object's enum. */
public enum EventCounter {
    /** Rings made. */
    RINGS_CREATED(EventSource.LIFECYCLE, 0),
    /** Rings whose last reference went. */
    RINGS_RELEASED(EventSource.LIFECYCLE, 1),
    /** Completions that found a full queue. */
    CQ_OVERFLOWS(EventSource.LIFECYCLE, 2),
    /** Requests given to a worker thread. */
    IOWQ_PUNTS(EventSource.LIFECYCLE, 3),
    /** Runs of the collector that its calls queued. */
    COLLECTOR_RUNS_QUEUED(EventSource.COLLECTOR, 0),
    /** Nanoseconds that its calls waited for the collector. */
    COLLECTOR_WAIT_NANOS(EventSource.WAITS, 0),
    /** Sends refused with ETOOMANYREFS. */
    SENDS_REJECTED(EventSource.HOT, 0);

    private final EventSource source;
    private final int place;

    EventCounter(EventSource source, int place) {
        this.source = source;
        this.place = place;
    }

    /** The object that counts it. */
    public EventSource source() {
        return source;
    }

    int place() {
        return place;
    }
}

package dev.ringwatch.agent.track;

/** What is counted of each group. */
public enum Figure {
    /** Rings. */
    RINGS("rings"),
    /** Occupied slots of file tables. */
    REGISTERED_FILES("registered_files"),
    /** Files in file tables of which no process has a descriptor. */
    REGISTERED_ONLY_FILES("registered_only_files"),
    /** Descriptors in receive queues, by the owner of the queue. */
    INFLIGHT_FDS("inflight_fds"),
    /** Requests that are not completed. */
    INFLIGHT_REQUESTS("inflight_requests"),
    /** Findings of every kind that are old enough. */
    FINDINGS("findings");

    private final String label;

    Figure(String label) {
        this.label = label;
    }

    /** Its stable name in JSON. */
    public String label() {
        return label;
    }
}

package dev.ringwatch.agent.track;

/** What is counted of the machine as a whole. */
public enum MachineFigure {
    /** AF_UNIX sockets that are themselves in flight. */
    INFLIGHT_SOCKETS("inflight_sockets", 1),
    /** Runs of the kernel's AF_UNIX collector since the agent began. */
    COLLECTOR_RUNS("gc_runs", 1),
    /** How long these took together, in seconds. */
    COLLECTOR_SECONDS("gc_seconds", 1_000_000_000);

    private final String label;
    private final long unit;

    MachineFigure(String label, long unit) {
        this.label = label;
        this.unit = unit;
    }

    /** Its stable name in JSON. */
    public String label() {
        return label;
    }

    /** What it is kept in for each one that is told: seconds are kept as nanoseconds. */
    long unit() {
        return unit;
    }
}

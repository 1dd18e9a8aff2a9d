package dev.ringwatch.agent.bpf;

/** The bounds that a walk in the kernel has; the bits are those of {@code enum bound}. */
enum Bound {
    TASK_RINGS(1, "the rings that a task has used"),
    QUEUE(2, "the packets of a queue"),
    REQUESTS(4, "the requests of a ring"),
    TABLE(8, "the slots of a ring's table"),
    OVERFLOW(16, "the overflowed completions of a ring"),
    FREE_REQUESTS(32, "the requests that a ring keeps for later");

    private final int bit;
    private final String what;

    Bound(int bit, String what) {
        this.bit = bit;
        this.what = what;
    }

    boolean in(int bits) {
        return (bits & bit) != 0;
    }

    String what() {
        return what;
    }
}

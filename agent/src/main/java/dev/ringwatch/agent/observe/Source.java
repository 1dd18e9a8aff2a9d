package dev.ringwatch.agent.observe;

/** Where an observation comes from. */
public enum Source {
    /** The eBPF iterators: everything, on the whole machine. */
    BPF("bpf"),
    /** The files below /proc and sock_diag: what the agent's user may read. */
    PROC("proc"),
    /** The eBPF programs that count what happens to rings. */
    LIFECYCLE("lifecycle"),
    /** The eBPF programs that count runs of the AF_UNIX collector. */
    COLLECTOR("collector"),
    /** The eBPF program that counts what it frees. */
    FREED("freed"),
    /** The eBPF programs that count who waits for it. */
    WAITS("waits"),
    /** The eBPF programs that follow every request and every send. */
    HOT("hot");

    private final String label;

    Source(String label) {
        this.label = label;
    }

    /** The name in metrics and JSON. */
    public String label() {
        return label;
    }
}

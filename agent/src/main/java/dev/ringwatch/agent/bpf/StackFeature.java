package dev.ringwatch.agent.bpf;

/** What the programs for stacks can see on a kernel. */
public enum StackFeature {
    /** Calls that register with a ring. */
    REGISTRATIONS,
    /** Calls that send descriptors. */
    SENDS
}

package dev.ringwatch.agent.track;

/** The kinds of finding; the label is their name in metrics and JSON. */
public enum FindingKind {
    /** Files that nobody can reach and that the kernel's collector does not free. */
    LEAKED("leaked"),
    /** A file that only ring tables hold and that can no longer be of use there. */
    PINNED_BY_RING("pinned_by_ring"),
    /** Descriptors that wait in a queue and are not received. */
    NEVER_RECEIVED("never_received"),
    /** A ring that only requests hold, or an idle one that no descriptor of its users holds. */
    ORPHAN_RING("orphan_ring"),
    /** A request that holds a file which nothing else holds. */
    STUCK_REQUEST("stuck_request"),
    /** Something that is limited and nearly used up. */
    NEAR_LIMIT("near_limit"),
    /** Something looks held by nobody, and not everything could be accounted for. */
    UNDECIDED("undecided");

    private final String label;

    FindingKind(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** Whether findings of the kind count from the first moment: their verdicts wait by themselves. */
    boolean ageless() {
        return this == LEAKED || this == UNDECIDED;
    }
}

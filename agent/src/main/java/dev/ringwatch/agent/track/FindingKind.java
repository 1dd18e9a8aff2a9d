package dev.ringwatch.agent.track;

/** The kinds of finding; the label is their name in metrics and JSON. */
public enum FindingKind {
    /** Files that nobody can reach and that the kernel's collector does not free. */
    LEAKED(
            "leaked",
            "Nothing can free these but a reboot; find what sends sockets to each other in a loop"
                    + " and never receives them."),
    /** A file that only ring tables hold and that can no longer be of use there. */
    PINNED_BY_RING(
            "pinned_by_ring",
            "Unregister the slot when the file is closed (IORING_REGISTER_FILES_UPDATE with -1, or a"
                    + " close of the direct descriptor), or close the ring."),
    /** Descriptors that wait in a queue and are not received. */
    NEVER_RECEIVED(
            "never_received",
            "Let the owner receive from this socket, or close it: until then the descriptors count"
                    + " against their sender's limit and keep their files open."),
    /** A ring that only requests hold. */
    ORPHAN_RING(
            "orphan_ring",
            "Cancel the ring's pending requests before its last descriptor is closed"
                    + " (IORING_OP_ASYNC_CANCEL); it goes when the task that submitted them ends."),
    /** Something looks held by nobody, and not everything could be accounted for. */
    UNDECIDED(
            "undecided",
            "Look again, or longer: a running agent knows since when, and with more privileges every"
                    + " reference can be accounted for.");

    private final String label;
    private final String advice;

    FindingKind(String label, String advice) {
        this.label = label;
        this.advice = advice;
    }

    public String label() {
        return label;
    }

    /** What to do about such a finding, in a sentence. */
    public String advice() {
        return advice;
    }
}

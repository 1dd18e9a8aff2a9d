package dev.ringwatch.core.kernel;

/**
 * Something that may never be so, found while the model ran or when a state was checked.
 *
 * @param rule which rule is broken
 * @param detail what exactly, for people
 */
public record Violation(Rule rule, String detail) {

    /** What must hold in every state. The first five are the assumptions that the collector rests on. */
    public enum Rule {
        /** For every file with references in flight that matter there is an AF_UNIX socket. */
        SOCKET_FOR_EACH("V1"),
        /** All references in flight lie in packets that the collector can find, accepted or not. */
        IN_QUEUED_PACKETS("V2"),
        /** References in flight are counted, and the count is right. */
        COUNTED("V3"),
        /** Without the references in flight, what holds what has no loop. */
        ACYCLIC_OTHERWISE("V4"),
        /** A file without references outside of flight cannot be the object of a system call. */
        UNREACHABLE_UNUSED("V5"),
        /** Reference counts equal the holders there are. */
        REFERENCES_HELD("references"),
        /** A kernel assertion ({@code BUG_ON}, {@code WARN_ON}) fired. */
        ASSERTION("assertion"),
        /** Something that a process can still reach was taken away. */
        USE_AFTER_FREE("use after free");

        private final String label;

        Rule(String label) {
            this.label = label;
        }

        /** A short name for people. */
        public String label() {
            return label;
        }
    }

    @Override
    public String toString() {
        return rule.label() + ": " + detail;
    }
}

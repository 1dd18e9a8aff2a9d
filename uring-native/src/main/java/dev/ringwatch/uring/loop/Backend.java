package dev.ringwatch.uring.loop;

/**
 * What sockets, servers and files run on, and why.
 *
 * @param kind the means
 * @param reason why this one: what the kernel has, or why it refuses rings and what to change
 */
public record Backend(Kind kind, String reason) {
    /** The means. */
    public enum Kind {
        /** io_uring. */
        IO_URING("io_uring"),
        /** Channels of the JDK, where io_uring is refused or was not wanted. */
        JDK_CHANNELS("jdk_channels");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** Its name in meters and logs. */
        public String label() {
            return label;
        }
    }
}

package dev.ringwatch.agent.observe;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An AF_UNIX socket that has an open file.
 *
 * @param file its open file in the graph
 * @param name what it is bound to: a path, or an abstract name after {@code @}; a connection that was
 *     accepted has its listener's
 * @param netns the inode number of its network namespace, where known
 * @param queuedFds descriptors in flight in its queue, for a listener in those of its connections.
 *     The kernel's own count, which stays too high after some losses (a skipped out-of-band byte)
 * @param queued descriptors seen in its queue or in those of its connections
 * @param collector what the kernel's collector keeps of it; empty if it is not in flight, or that
 *     could not be read
 */
public record SocketFacts(
        int file,
        long inode,
        Type type,
        State state,
        Optional<String> name,
        OptionalLong netns,
        OptionalInt queuedFds,
        OptionalInt queued,
        Optional<CollectorFacts> collector) {

    /** The kind of service, as in socket(2). */
    public enum Type {
        STREAM,
        DGRAM,
        SEQPACKET,
        UNKNOWN;

        /** From the number that the kernel uses. */
        public static Type of(int number) {
            return switch (number) {
                case 1 -> STREAM;
                case 2 -> DGRAM;
                case 5 -> SEQPACKET;
                default -> UNKNOWN;
            };
        }
    }

    /** What it is doing. */
    public enum State {
        UNCONNECTED,
        CONNECTED,
        LISTENING,
        UNKNOWN;

        /** From the number of the TCP state that the kernel keeps for it. */
        public static State of(int number) {
            return switch (number) {
                case 1 -> CONNECTED;
                case 7 -> UNCONNECTED;
                case 10 -> LISTENING;
                default -> UNKNOWN;
            };
        }
    }

    /** The descriptors in flight here: those seen, or where none could be seen the kernel's count. */
    public OptionalInt inflight() {
        return queued.isPresent() ? queued : queuedFds;
    }
}

package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.RingOptions;
import java.time.Duration;

/**
 * What a loop is made with. Immutable; each {@code with} method returns a changed copy.
 *
 * @param name of the loop's thread and of its meters
 * @param entries submission entries of the ring; more operations than that in one turn cost one more
 *     enter, not an error
 * @param completions completion entries of the ring; more at once wait in the kernel (backlog)
 * @param maxOperations the most operations in flight; those beyond wait their turn
 * @param receiveBuffers buffers that all sockets of the loop receive into, a power of two up to
 *     32768
 * @param receiveBufferBytes size of each
 * @param fileSlots slots for direct descriptors; 0 for none
 * @param closeDeadline how long {@link RingLoop#close()} waits for operations in flight
 */
public record LoopOptions(
        String name,
        int entries,
        int completions,
        int maxOperations,
        int receiveBuffers,
        int receiveBufferBytes,
        int fileSlots,
        Duration closeDeadline) {
    /** Refuses what no loop can be made with. */
    public LoopOptions {
        require(
                entries >= 2 && entries <= RingOptions.MAX_ENTRIES,
                "entries",
                entries,
                "2 to " + RingOptions.MAX_ENTRIES);
        require(
                completions >= entries && completions <= 2 * RingOptions.MAX_ENTRIES,
                "completions",
                completions,
                entries + " (the entries) to " + 2 * RingOptions.MAX_ENTRIES);
        require(maxOperations >= 8, "maxOperations", maxOperations, "8 or more");
        require(
                receiveBuffers >= 2
                        && receiveBuffers <= 32768
                        && Integer.bitCount(receiveBuffers) == 1,
                "receiveBuffers",
                receiveBuffers,
                "a power of two, 2 to 32768");
        require(receiveBufferBytes >= 64, "receiveBufferBytes", receiveBufferBytes, "64 or more");
        require(fileSlots >= 0, "fileSlots", fileSlots, "0 or more");
        if (closeDeadline.isNegative()) {
            throw new IllegalArgumentException("closeDeadline is 0 or more, not " + closeDeadline);
        }
    }

    /**
     * For servers: 256 entries, 4096 completions, a million operations, 256 buffers of 4 KiB, no
     * slots, five seconds.
     */
    public static LoopOptions defaults() {
        return new LoopOptions(
                "ring-loop", 256, 4096, 1 << 20, 256, 4096, 0, Duration.ofSeconds(5));
    }

    /** With another name. */
    public LoopOptions withName(String value) {
        return new LoopOptions(
                value,
                entries,
                completions,
                maxOperations,
                receiveBuffers,
                receiveBufferBytes,
                fileSlots,
                closeDeadline);
    }

    /** With so many submission and completion entries. */
    public LoopOptions withEntries(int submissions, int completionEntries) {
        return new LoopOptions(
                name,
                submissions,
                completionEntries,
                maxOperations,
                receiveBuffers,
                receiveBufferBytes,
                fileSlots,
                closeDeadline);
    }

    /** With at most so many operations in flight. */
    public LoopOptions withMaxOperations(int count) {
        return new LoopOptions(
                name,
                entries,
                completions,
                count,
                receiveBuffers,
                receiveBufferBytes,
                fileSlots,
                closeDeadline);
    }

    /** With so many receive buffers of so many bytes. */
    public LoopOptions withReceiveBuffers(int count, int bytes) {
        return new LoopOptions(
                name, entries, completions, maxOperations, count, bytes, fileSlots, closeDeadline);
    }

    /** With so many slots for direct descriptors. */
    public LoopOptions withFileSlots(int count) {
        return new LoopOptions(
                name,
                entries,
                completions,
                maxOperations,
                receiveBuffers,
                receiveBufferBytes,
                count,
                closeDeadline);
    }

    /** With another deadline for closing. */
    public LoopOptions withCloseDeadline(Duration deadline) {
        return new LoopOptions(
                name,
                entries,
                completions,
                maxOperations,
                receiveBuffers,
                receiveBufferBytes,
                fileSlots,
                deadline);
    }

    private static void require(boolean holds, String what, int value, String range) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + range + ", not " + value);
        }
    }
}

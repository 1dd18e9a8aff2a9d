package dev.ringwatch.uring.loop;

/**
 * What a loop did since it started, and has now. Read by any thread; the figures belong to the last
 * turns and not to one instant.
 *
 * @param turns how often the loop went round
 * @param submitted operations handed to the kernel
 * @param completions completions taken; a multishot operation has many
 * @param inFlight operations in the kernel now
 * @param waiting operations that wait for room now
 * @param wakeups times a sleeping loop was woken to look into its mailbox
 * @param overflowEpisodes times completions began to wait in the kernel because their queue was full
 * @param lostCompletions completions the kernel lost for want of memory
 * @param cancellations cancellations asked for
 * @param stray completions for operations that nobody knows any more
 * @param failures callbacks that threw
 * @param limitWaits operations that had to wait because {@code maxOperations} were in flight
 * @param abandoned operations that were still the kernel's when the loop ended
 * @param leasedBuffers receive buffers with bytes that nobody read yet
 */
public record LoopStatistics(
        long turns,
        long submitted,
        long completions,
        long inFlight,
        long waiting,
        long wakeups,
        long overflowEpisodes,
        long lostCompletions,
        long cancellations,
        long stray,
        long failures,
        long limitWaits,
        long abandoned,
        long leasedBuffers) {}

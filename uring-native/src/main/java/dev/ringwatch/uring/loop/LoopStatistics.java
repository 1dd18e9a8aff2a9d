package dev.ringwatch.uring.loop;

/**
 * What a loop did since it started, and has now. Read by any thread; the figures belong to the last
 * turns and not to one instant.
 *
 * @param turns how often the loop went round
 * @param submitted operations handed to the kernel
 * @param completions completions taken; a multishot operation has many
 * @param enters io_uring_enter calls; operations and completions an enter tell how well they are
 *     batched
 * @param pushedBack enters that the kernel refused until completions were taken (EBUSY)
 * @param outOfMemory enters that found no memory for a request (EAGAIN)
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
 * @param buffersInKernel buffers of the loop's groups that the kernel may fill now
 * @param buffersLeased buffers of the loop's groups that the program holds now
 * @param slotsUsed slots of the loop's file table that hold a file now
 */
public record LoopStatistics(
        long turns,
        long submitted,
        long completions,
        long enters,
        long pushedBack,
        long outOfMemory,
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
        long buffersInKernel,
        long buffersLeased,
        long slotsUsed) {}

package dev.ringwatch.agent.observe;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An io_uring instance.
 *
 * @param file its open file in the graph
 * @param readable whether its contents could be read; if not, what follows is absent
 * @param registeredFiles occupied slots of its file table
 * @param fileTableSlots slots of its file table, occupied or not
 * @param registeredBufferBytes the size of all registered buffers
 * @param inflightRequests requests submitted and not completed
 * @param overflowEntries completions that wait outside a full completion queue
 * @param submissions how many entries it has taken in, modulo 2^32
 * @param entries the size of its submission queue
 * @param completionEntries the size of its completion queue
 * @param submitter the only task that may submit, where the ring is so bound
 * @param users processes with a task that has used it, ascending
 */
public record RingFacts(
        int file,
        boolean readable,
        OptionalInt registeredFiles,
        OptionalInt fileTableSlots,
        OptionalInt registeredBuffers,
        OptionalLong registeredBufferBytes,
        OptionalInt inflightRequests,
        OptionalInt overflowEntries,
        OptionalInt submissions,
        OptionalInt entries,
        OptionalInt completionEntries,
        OptionalInt submitter,
        List<Integer> users) {
    public RingFacts {
        users = List.copyOf(users);
    }

    /** A ring that could not be read. */
    static RingFacts unreadable(int file, List<Integer> users) {
        OptionalInt none = OptionalInt.empty();
        return new RingFacts(
                file,
                false,
                none,
                none,
                none,
                OptionalLong.empty(),
                none,
                none,
                none,
                none,
                none,
                none,
                users);
    }
}

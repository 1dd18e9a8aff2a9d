package dev.ringwatch.agent.proc;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One look at a proc tree. The parts were read one after the other while processes ran, so they fit
 * together only as well as things stood still.
 *
 * @param processes in ascending order of pid
 * @param descriptors those that name rings, sockets, and files which some ring's table names too
 * @param rings those that some readable descriptor names
 * @param unixSockets of each network namespace that was read, whether or not a descriptor names them
 * @param unreadableProcesses processes whose descriptors were not or not wholly read, among them
 *     some that are not listed because nothing of them was read
 * @param endedProcesses processes that ended during the scan and are left out
 * @param unreadableRings rings of which nothing but the descriptors is known
 * @param completeness whether the scan came to its end
 * @param peers whether peers are known
 * @param kernel empty if the release could not be read
 * @param took time the scan took
 */
public record ProcSnapshot(
        List<ProcProcess> processes,
        List<ProcDescriptor> descriptors,
        List<ProcRing> rings,
        List<ProcUnixSocket> unixSockets,
        int unreadableProcesses,
        int endedProcesses,
        int unreadableRings,
        Completeness completeness,
        PeerSource peers,
        Visibility visibility,
        Optional<KernelRelease> kernel,
        Duration took) {

    public ProcSnapshot {
        processes = List.copyOf(processes);
        descriptors = List.copyOf(descriptors);
        rings = List.copyOf(rings);
        unixSockets = List.copyOf(unixSockets);
    }

    /** Whether everything that may be read was read. */
    public boolean complete() {
        return completeness instanceof Completeness.Complete;
    }

    /** Whether the scan came to its end. */
    public sealed interface Completeness {
        /** It did. */
        record Complete() implements Completeness {}

        /**
         * It did not.
         *
         * @param reason one line: what was missed, and why
         */
        record CutShort(String reason) implements Completeness {}
    }

    /** Whether the peers of the reader's own network namespace are known. */
    public sealed interface PeerSource {
        /** They are. */
        record Known() implements PeerSource {}

        /**
         * They are not.
         *
         * @param reason one line
         */
        record Unavailable(String reason) implements PeerSource {}
    }
}

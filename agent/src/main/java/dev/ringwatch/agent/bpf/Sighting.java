package dev.ringwatch.agent.bpf;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What one look of {@link BpfWhy} found.
 *
 * @param files what was looked for, by address
 * @param sockets sockets that were looked for and have no open file
 * @param holders who refers to any of it
 * @param counts the kernel's count of references of each open file, by address
 * @param whole the kernel's own account of the mount or network namespace itself
 * @param missed records for which there was no room
 */
public record Sighting(
        Map<Long, Found> files,
        List<Found> sockets,
        List<FoundHolder> holders,
        Map<Long, Long> counts,
        Whole whole,
        int missed) {

    /**
     * The kernel's account of a mount or a network namespace.
     *
     * @param references absent where it can't be read, or nothing was found
     * @param attached whether a mount is in a namespace, and was not unmounted lazily
     * @param mountId the mount's id
     * @param childrenCount whether mounts on a mount refer to it; they keep it busy in any case
     * @param hasFile whether a namespace has a file in nsfs, which owns one reference
     */
    public record Whole(
            OptionalLong references,
            boolean attached,
            int mountId,
            boolean childrenCount,
            boolean hasFile) {}
}

package dev.ringwatch.agent.bpf;

import java.util.Map;

/**
 * A process that did something, as it was at its last event; it may have ended since.
 *
 * @param comm the name of its first thread
 * @param cgroup the number of its control group in the unified hierarchy: the inode of its directory
 * @param counts what it did since the programs were loaded
 */
public record Actor(Key key, String comm, long cgroup, Map<EventCounter, Long> counts) {
    public Actor {
        counts = Map.copyOf(counts);
    }

    /**
     * Which process.
     *
     * @param pid as the first pid namespace numbers it; 0 for the kernel's own threads together
     * @param startTime as in {@link SnapshotTable.Task}; 0 for the kernel
     */
    public record Key(int pid, long startTime) {
        /** Whether these are the kernel's own threads. */
        public boolean isKernel() {
            return pid == 0;
        }
    }
}

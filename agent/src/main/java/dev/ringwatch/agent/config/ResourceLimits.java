package dev.ringwatch.agent.config;

import dev.ringwatch.agent.bpf.BpfSnapshots;

/**
 * What the agent may take.
 *
 * @param maxTableBytes kernel memory for the tables that BPF programs fill
 */
public record ResourceLimits(long maxTableBytes) {
    public static final ResourceLimits DEFAULT =
            new ResourceLimits(BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);

    static ResourceLimits read(Keys keys) {
        return new ResourceLimits(
                mebibytes(
                        keys.number(
                                "max_table_mib",
                                "Kernel memory for the tables that BPF programs fill, in MiB.",
                                4,
                                1 << 16,
                                (int) (DEFAULT.maxTableBytes >> 20))));
    }

    private static long mebibytes(int n) {
        return (long) n << 20;
    }
}

package dev.ringwatch.agent.config;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.EventOptions;

/**
 * What the agent may take.
 *
 * @param maxTableBytes kernel memory for the tables that BPF programs fill
 * @param maxActors processes whose events each event object tells apart between two observations
 */
public record ResourceLimits(long maxTableBytes, int maxActors) {
    public static final ResourceLimits DEFAULT =
            new ResourceLimits(
                    BpfSnapshots.DEFAULT_MAX_TABLE_BYTES, EventOptions.DEFAULT_MAX_ACTORS);

    static ResourceLimits read(Keys keys) {
        return new ResourceLimits(
                mebibytes(
                        keys.number(
                                "max_table_mib",
                                "Kernel memory for the tables that BPF programs fill, in MiB.",
                                4,
                                1 << 16,
                                (int) (DEFAULT.maxTableBytes >> 20))),
                keys.number(
                        "max_actors",
                        "Processes whose events each event object tells apart between two"
                                + " observations.",
                        16,
                        1 << 16,
                        DEFAULT.maxActors));
    }

    private static long mebibytes(int n) {
        return (long) n << 20;
    }
}

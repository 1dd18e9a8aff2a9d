package dev.ringwatch.agent.metrics;

import java.util.List;
import java.util.Map;

/**
 * What the agent says about itself in its metrics.
 *
 * @param version of the agent
 * @param features by name, whether they work here
 * @param maps the BPF maps that are loaded
 * @param limits by name, whether the last observation met them
 */
public record AgentStatus(
        String version,
        Map<String, Boolean> features,
        List<BpfMap> maps,
        Map<String, Boolean> limits) {
    public AgentStatus {
        features = Map.copyOf(features);
        maps = List.copyOf(maps);
        limits = Map.copyOf(limits);
    }

    /**
     * A BPF map.
     *
     * @param entries its capacity
     */
    public record BpfMap(String name, long entries, long bytes) {}
}

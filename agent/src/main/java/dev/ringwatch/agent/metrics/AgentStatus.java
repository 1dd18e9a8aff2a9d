package dev.ringwatch.agent.metrics;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What the agent says about itself in its metrics.
 *
 * @param version of the agent
 * @param features by name, whether they work here
 * @param maps the BPF maps that are loaded
 * @param programs what BPF programs have cost, where the kernel counts that
 * @param eventsLost events in no count; empty where none are counted
 * @param limits by name, whether the last observation met them
 * @param files by name, whether a configuration file could be used when it was read last
 * @param httpLimits by name, how often a limit of the HTTP server was hit
 */
public record AgentStatus(
        String version,
        Map<String, Boolean> features,
        List<BpfMap> maps,
        List<BpfProgram> programs,
        OptionalLong eventsLost,
        Map<String, Boolean> limits,
        Map<String, Boolean> files,
        Map<String, Long> httpLimits) {
    public AgentStatus {
        features = Map.copyOf(features);
        maps = List.copyOf(maps);
        programs = List.copyOf(programs);
        limits = Map.copyOf(limits);
        files = Map.copyOf(files);
        httpLimits = Map.copyOf(httpLimits);
    }

    /** The same, with what a running service adds. */
    public AgentStatus serving(Map<String, Boolean> itsFiles, Map<String, Long> itsLimits) {
        return new AgentStatus(
                version, features, maps, programs, eventsLost, limits, itsFiles, itsLimits);
    }

    /**
     * A BPF map.
     *
     * @param entries its capacity
     */
    public record BpfMap(String name, long entries, long bytes) {}

    /** What a BPF program has cost. */
    public record BpfProgram(String name, long runs, Duration took) {}
}

package dev.ringwatch.agent.bpf;

import java.time.Duration;

/**
 * What a BPF program has cost, as the kernel counts it while the sysctl {@code
 * kernel.bpf_stats_enabled} is 1; the time that counting takes is in it.
 */
public record ProgramRuns(String name, long runs, Duration took) {}

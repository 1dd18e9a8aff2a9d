package dev.ringwatch.agent.proc;

/**
 * One line of {@code /proc/PID/cgroup}, see cgroups(7).
 *
 * @param hierarchy 0 for the unified hierarchy
 * @param controllers as printed, comma separated; empty for the unified hierarchy
 * @param path relative to the reader's cgroup namespace
 */
public record CgroupPath(int hierarchy, String controllers, String path) {}

package dev.ringwatch.agent.proc;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One line of {@code /proc/PID/cgroup}, see cgroups(7).
 *
 * @param hierarchy 0 for the unified hierarchy
 * @param controllers as printed, comma separated; empty for the unified hierarchy
 * @param path relative to the reader's cgroup namespace
 */
public record CgroupPath(int hierarchy, String controllers, String path) {
    /**
     * The lines of such a file, without those that are not of its form. A group's name has no newline
     * (cgroup_mkdir), but it may have a carriage return, which ends no line here.
     */
    public static List<CgroupPath> parse(String text) {
        return Arrays.stream(text.split("\n")).flatMap(line -> parseLine(line).stream()).toList();
    }

    private static Optional<CgroupPath> parseLine(String line) {
        String[] parts = line.split(":", 3);
        OptionalInt hierarchy = Numbers.decimalInt(parts[0]);
        return parts.length == 3 && hierarchy.isPresent()
                ? Optional.of(new CgroupPath(hierarchy.getAsInt(), parts[1], parts[2]))
                : Optional.empty();
    }
}

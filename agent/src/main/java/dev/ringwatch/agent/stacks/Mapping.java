package dev.ringwatch.agent.stacks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A range of a process's address space that holds code.
 *
 * @param offset where it begins in its file
 * @param range its name in {@code /proc/PID/map_files}
 * @param path its file, or what the kernel calls it; empty for memory without a file
 */
record Mapping(long start, long end, long offset, String range, String path) {
    private static final int FIELDS = 6;

    /**
     * Reads the executable ranges of a {@code /proc/PID/maps}, in the order of their addresses. Lines
     * that cannot be read are left out: a path may hold anything.
     *
     * <p>Source: proc_pid_maps(5).
     */
    static List<Mapping> executable(List<String> lines) {
        List<Mapping> all = new ArrayList<>();
        for (String line : lines) {
            parse(line).ifPresent(all::add);
        }
        all.sort(Comparator.comparingLong(Mapping::start));
        return all;
    }

    private static Optional<Mapping> parse(String line) {
        String[] fields = line.strip().split("\\s+", FIELDS);
        int dash = fields[0].indexOf('-');
        if (fields.length < FIELDS - 1 || dash < 0 || !fields[1].contains("x")) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new Mapping(
                            Long.parseUnsignedLong(fields[0].substring(0, dash), 16),
                            Long.parseUnsignedLong(fields[0].substring(dash + 1), 16),
                            Long.parseUnsignedLong(fields[2], 16),
                            fields[0],
                            fields.length == FIELDS ? fields[5] : ""));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    boolean contains(long address) {
        return address >= start && address < end;
    }

    /** Whether it is memory that code was written to at run time. */
    boolean madeAtRunTime() {
        return path.isEmpty()
                || path.startsWith("[anon")
                || path.startsWith("//anon")
                || path.startsWith("/memfd:")
                || path.startsWith("/dev/zero");
    }

    /** The last part of its file's name. */
    String module() {
        if (madeAtRunTime()) {
            return Frame.MADE_AT_RUN_TIME;
        }
        String plain =
                path.endsWith(" (deleted)")
                        ? path.substring(0, path.length() - " (deleted)".length())
                        : path;
        return plain.substring(plain.lastIndexOf('/') + 1);
    }
}

package dev.ringwatch.agent.stacks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The names of code that a process made at run time, as it wrote them into a file {@code
 * /tmp/perf-PID.map}: lines of address, size and name. A JVM does so when {@code jcmd PID
 * Compiler.perfmap} asks it to.
 *
 * <p>Source: tools/perf/Documentation/jit-interface.txt.
 *
 * @param file where it was read
 * @param written when the file was last written to
 */
record PerfMap(Path file, FileTime written, List<Range> ranges) {
    /** A file larger than this is not read. */
    private static final long MAX_BYTES = 16L << 20;

    /** What comes after so many has no name: a JVM has some ten thousand. */
    private static final int MAX_RANGES = 1 << 18;

    /** The code at some addresses. */
    record Range(long start, long bytes, String name) {}

    /**
     * Reads a file that belongs to a user or to root; anyone may put one there.
     *
     * @param last what was read last, which is given again if it is the same
     * @return empty if there is none that can be believed
     */
    static Optional<PerfMap> read(Path file, int uid, Optional<PerfMap> last) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (OwnedRegularFile opened = OwnedRegularFile.open(file)) {
            int owner = (Integer) Files.getAttribute(opened.path(), "unix:uid");
            boolean believed = owner == uid || owner == 0;
            if (!believed || Files.size(opened.path()) > MAX_BYTES) {
                return Optional.empty();
            }
            FileTime written = Files.getLastModifiedTime(opened.path());
            boolean same =
                    last.filter(l -> l.file.equals(file) && l.written.equals(written)).isPresent();
            return same ? last : Optional.of(new PerfMap(file, written, ranges(opened.path())));
        }
    }

    private static List<Range> ranges(Path opened) throws IOException {
        List<Range> ranges = new ArrayList<>();
        var decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPLACE)
                        .onUnmappableCharacter(CodingErrorAction.REPLACE);
        try (BufferedReader in =
                new BufferedReader(
                        new java.io.InputStreamReader(Files.newInputStream(opened), decoder))) {
            for (String line = in.readLine();
                    line != null && ranges.size() < MAX_RANGES;
                    line = in.readLine()) {
                range(line).ifPresent(ranges::add);
            }
        }
        ranges.sort(Comparator.comparingLong(Range::start)); // stable: a later line stays behind
        return List.copyOf(ranges);
    }

    /** A line that is still being written has no end yet, and one that is no line has no number. */
    static Optional<Range> range(String line) {
        String[] fields = line.split(" ", 3);
        if (fields.length < 3 || fields[2].isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Range(hex(fields[0]), hex(fields[1]), fields[2].strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static long hex(String digits) {
        return Long.parseUnsignedLong(digits.startsWith("0x") ? digits.substring(2) : digits, 16);
    }

    /** The code that an address lies in; the newest, if it was reused. */
    Optional<Range> at(long address) {
        int low = 0;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ranges.get(middle).start <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == 0) {
            return Optional.empty();
        }
        Range last = ranges.get(low - 1);
        return address - last.start < last.bytes ? Optional.of(last) : Optional.empty();
    }
}

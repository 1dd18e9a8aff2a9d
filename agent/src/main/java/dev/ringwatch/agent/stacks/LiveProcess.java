package dev.ringwatch.agent.stacks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A process that still runs, as {@code /proc} shows it. */
final class LiveProcess {
    private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 everywhere
    private static final int START_FIELD = 22;
    private static final int MAX_MAPPINGS = 1 << 17;
    private static final String PRESERVE = "-XX:+PreserveFramePointer";

    private final Path folder;
    private final int pid;
    private final List<Mapping> mappings;

    private LiveProcess(Path folder, int pid, List<Mapping> mappings) {
        this.folder = folder;
        this.pid = pid;
        this.mappings = mappings;
    }

    /**
     * Finds a process.
     *
     * @param start when it began, in nanoseconds of CLOCK_BOOTTIME
     * @return empty if it has ended, also if another has its number now
     * @throws IOException if it may not be looked at
     */
    static Optional<LiveProcess> find(Path proc, int pid, long start) throws IOException {
        Path folder = proc.resolve(Integer.toString(pid));
        try {
            if (startTicks(folder) != start / NANOS_PER_TICK) {
                return Optional.empty();
            }
            List<Mapping> mappings = mappings(folder);
            return mappings.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new LiveProcess(folder, pid, mappings));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such process")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static long startTicks(Path folder) throws IOException {
        String stat =
                new String(Files.readAllBytes(folder.resolve("stat")), StandardCharsets.ISO_8859_1);
        // The second field is the name in brackets, which may hold anything.
        String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(rest[START_FIELD - 3]);
    }

    private static List<Mapping> mappings(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        try (BufferedReader in =
                Files.newBufferedReader(folder.resolve("maps"), StandardCharsets.ISO_8859_1)) {
            for (String line = in.readLine();
                    line != null && lines.size() < MAX_MAPPINGS;
                    line = in.readLine()) {
                lines.add(line);
            }
        }
        return Mapping.executable(lines);
    }

    int pid() {
        return pid;
    }

    Optional<Mapping> at(long address) {
        return mappings.stream().filter(m -> m.contains(address)).findFirst();
    }

    boolean isJvm() {
        return mappings.stream().anyMatch(m -> m.module().equals("libjvm.so"));
    }

    /** Whether the JVM was told to keep frame pointers, as far as its command line says. */
    boolean preservesFramePointers() {
        return says("cmdline") || says("environ");
    }

    private boolean says(String what) {
        try {
            byte[] all = Files.readAllBytes(folder.resolve(what));
            return new String(all, StandardCharsets.ISO_8859_1).contains(PRESERVE);
        } catch (IOException e) {
            return false; // it has ended, or is none of ours: what is not said is not known
        }
    }

    /** The very file that was mapped, also if its name is gone or another's now. */
    FileChannel open(Mapping mapping) throws IOException {
        try {
            return FileChannel.open(folder.resolve("map_files").resolve(mapping.range()));
        } catch (IOException e) {
            // Without CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN these links may not be followed. What
            // has its name now may be anything, also what waits for a writer when it is opened.
            try (OwnedRegularFile file =
                    OwnedRegularFile.open(Path.of(folder + "/root" + mapping.path()))) {
                return FileChannel.open(file.path());
            }
        }
    }

    /** The names of code that it made at run time, if it wrote them down; the last if they are the same. */
    Optional<PerfMap> perfMap(Optional<PerfMap> last) throws IOException {
        List<String> status =
                List.of( // a name may have a carriage return, and no newline
                        new String(
                                        Files.readAllBytes(folder.resolve("status")),
                                        StandardCharsets.ISO_8859_1)
                                .split("\n"));
        String itsOwnPid = last(status, "NSpid:");
        int uid = Integer.parseInt(line(status, "Uid:").split("\\s+")[2]);
        return PerfMap.read(folder.resolve("root/tmp/perf-" + itsOwnPid + ".map"), uid, last);
    }

    private static String last(List<String> status, String name) throws IOException {
        String line = line(status, name);
        return line.substring(line.lastIndexOf('\t') + 1).strip();
    }

    private static String line(List<String> status, String name) throws IOException {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElseThrow(() -> new IOException("no line " + name));
    }
}

package dev.ringwatch.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What processes cost, from /proc. */
final class CpuTime {
    private CpuTime() {}

    /**
     * Processor time of a process, of all its threads that are alive, in nanoseconds: the scheduler's
     * own count (the first number of {@code /proc/PID/task/TID/schedstat}), which is finer than the
     * ticks of {@code /proc/PID/stat}.
     */
    static long nanos(long pid) throws IOException {
        long sum = 0;
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks.toList()) {
                sum += first(task.resolve("schedstat"));
            }
        }
        return sum;
    }

    private static long first(Path schedstat) throws IOException {
        try {
            return Long.parseLong(Files.readString(schedstat).split(" ")[0]);
        } catch (NoSuchFileException e) {
            return 0; // the thread has ended since it was listed
        }
    }

    /** Resident memory of a process, in megabytes of 1,000,000 bytes. */
    static long residentMegabytes(String pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1_000_000;
            }
        }
        throw new IOException("/proc/" + pid + "/status has no VmRSS");
    }
}

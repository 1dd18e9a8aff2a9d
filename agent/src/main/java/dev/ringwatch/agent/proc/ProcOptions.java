package dev.ringwatch.agent.proc;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where a scan looks and what it may spend.
 *
 * @param root a mounted proc file system
 * @param budget time for one scan; when it is spent the scan ends early and says so
 * @param ringAttempts how often the {@code fdinfo} of a busy ring is read before it counts as
 *     unreadable, at least 1
 * @param ringPause time between two attempts at the busy rings
 * @param maxFileBytes the longest file that is read, in bytes; a ring whose {@code fdinfo} is longer
 *     counts as unreadable
 */
public record ProcOptions(
        Path root, Duration budget, int ringAttempts, Duration ringPause, int maxFileBytes) {

    /** Measured on two busy cores: 54,000 descriptors, 24,000 of them sockets, took 0.7 to 1.3 s. */
    public static final Duration DEFAULT_BUDGET = Duration.ofSeconds(2);

    /** A ring's lock is held for microseconds; one that stays busy for ten reads is saturated. */
    public static final int DEFAULT_RING_ATTEMPTS = 10;

    /** Longer than most system calls that hold a ring's lock, short beside the budget. */
    public static final Duration DEFAULT_RING_PAUSE = Duration.ofMillis(2);

    /** Room for a full table of 2^20 slots with 60 bytes a name. */
    public static final int DEFAULT_MAX_FILE_BYTES = 64 << 20;

    public ProcOptions {
        if (budget.isNegative() || ringPause.isNegative()) {
            throw new IllegalArgumentException("a duration of a scan is negative");
        }
        if (ringAttempts < 1 || maxFileBytes < 1 || maxFileBytes == Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a limit of a scan is out of range");
        }
    }

    /** The machine's own {@code /proc} and the default limits. */
    public static ProcOptions defaults() {
        return new ProcOptions(
                Path.of("/proc"),
                DEFAULT_BUDGET,
                DEFAULT_RING_ATTEMPTS,
                DEFAULT_RING_PAUSE,
                DEFAULT_MAX_FILE_BYTES);
    }

    /** The same limits on another tree. */
    public ProcOptions withRoot(Path newRoot) {
        return new ProcOptions(newRoot, budget, ringAttempts, ringPause, maxFileBytes);
    }

    /** The same tree with another budget. */
    public ProcOptions withBudget(Duration newBudget) {
        return new ProcOptions(root, newBudget, ringAttempts, ringPause, maxFileBytes);
    }
}

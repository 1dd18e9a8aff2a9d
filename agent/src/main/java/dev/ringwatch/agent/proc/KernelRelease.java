package dev.ringwatch.agent.proc;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first three numbers of {@code sys/kernel/osrelease}.
 *
 * <p>A version says little about a distribution's kernel, so it decides only what nothing else can
 * tell: whether reading is safe, and how to read an {@code fdinfo} that fits two formats.
 */
public record KernelRelease(int major, int minor, int patch) implements Comparable<KernelRelease> {
    private static final Pattern NUMBERS =
            Pattern.compile("^(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?");

    /** Reads {@code 6.12.33-amd64} or {@code 6.15-rc3}; empty if there is no such number. */
    public static Optional<KernelRelease> parse(String osrelease) {
        Matcher m = NUMBERS.matcher(osrelease);
        if (!m.find()) {
            return Optional.empty();
        }
        int patch = m.group(3) == null ? 0 : Integer.parseInt(m.group(3));
        return Optional.of(
                new KernelRelease(
                        Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)), patch));
    }

    /**
     * Whether reading the {@code fdinfo} of a ring with a submission poller may use freed memory
     * (CVE-2025-38106): 6.9 to 6.12.33 and 6.13 to 6.15.2. Only the {@code fdinfo} itself says
     * whether a ring has one, so there no ring is read. The version is the only probe; a
     * distribution that keeps an old version and took the correction back is passed over needlessly.
     */
    public boolean ringFdinfoUnsafe() {
        return between(6, 9, 0, 6, 12, 33) || between(6, 13, 0, 6, 15, 2);
    }

    /** Whether {@code UserFiles} has full names and leaves out empty slots: since 6.14. */
    boolean printsFullNames() {
        return atLeast(6, 14, 0);
    }

    /** Whether a busy ring prints nothing rather than counts without entries: since 6.15. */
    boolean printsAllOrNothing() {
        return atLeast(6, 15, 0);
    }

    private boolean between(
            int fromMajor, int fromMinor, int fromPatch, int toMajor, int toMinor, int toPatch) {
        return atLeast(fromMajor, fromMinor, fromPatch)
                && compareTo(new KernelRelease(toMajor, toMinor, toPatch)) <= 0;
    }

    private boolean atLeast(int atMajor, int atMinor, int atPatch) {
        return compareTo(new KernelRelease(atMajor, atMinor, atPatch)) >= 0;
    }

    @Override
    public int compareTo(KernelRelease o) {
        int c = Integer.compare(major, o.major);
        if (c == 0) {
            c = Integer.compare(minor, o.minor);
        }
        return c == 0 ? Integer.compare(patch, o.patch) : c;
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}

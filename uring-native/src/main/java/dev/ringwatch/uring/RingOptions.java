package dev.ringwatch.uring;

import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a ring is made with. Immutable; each {@code with} method returns a changed copy.
 *
 * <p>Combinations that every kernel refuses are refused here, by name; what this kernel does not
 * know is refused by {@link IoUring#open}, and {@link RingSupport#probe()} tells beforehand.
 *
 * @param entries submission entries, 1 to {@value #MAX_ENTRIES}; the kernel rounds up to a power of
 *     two
 * @param completions completion entries, at least {@code entries} and at most twice {@value
 *     #MAX_ENTRIES}; 0 lets the kernel take twice the submission entries
 * @param flags how the ring behaves
 * @param pollIdleMillis with {@link SetupFlag#SQPOLL}: how long the kernel thread spins before it
 *     sleeps; 0 is the kernel's second
 * @param pollCpu with {@link SetupFlag#SQPOLL}: the processor of the kernel thread; empty for any
 * @param workersOf descriptor of a ring whose kernel workers, and poll thread, this one shares; empty
 *     for its own
 */
public record RingOptions(
        int entries,
        int completions,
        Set<SetupFlag> flags,
        int pollIdleMillis,
        OptionalInt pollCpu,
        OptionalInt workersOf) {
    /** The kernel's limit, IORING_MAX_ENTRIES. */
    public static final int MAX_ENTRIES = 32768;

    /** Refuses what no kernel accepts. */
    public RingOptions {
        requireEntries(entries);
        requireCompletions(entries, completions);
        flags = Set.copyOf(flags);
        requireCompatible(flags);
        if (pollIdleMillis < 0) {
            throw new IllegalArgumentException("the poll thread's idle time is 0 ms or more");
        }
        if (pollCpu.isPresent() && !flags.contains(SetupFlag.SQPOLL)) {
            throw new IllegalArgumentException("a processor for the poll thread needs SQPOLL");
        }
    }

    /** A ring of so many submission entries without flags. */
    public static RingOptions entries(int entries) {
        return new RingOptions(entries, 0, Set.of(), 0, OptionalInt.empty(), OptionalInt.empty());
    }

    /** With so many completion entries. */
    public RingOptions withCompletions(int count) {
        return new RingOptions(entries, count, flags, pollIdleMillis, pollCpu, workersOf);
    }

    /** With these flags besides those already there. */
    public RingOptions with(SetupFlag... more) {
        Set<SetupFlag> all = EnumSet.noneOf(SetupFlag.class);
        all.addAll(flags);
        all.addAll(Set.of(more));
        return new RingOptions(entries, completions, all, pollIdleMillis, pollCpu, workersOf);
    }

    /** With so long a spin of the kernel's poll thread, in milliseconds. */
    public RingOptions withPollIdle(int millis) {
        return new RingOptions(entries, completions, flags, millis, pollCpu, workersOf);
    }

    /** With the kernel's poll thread on this processor. Needs {@link SetupFlag#SQPOLL}. */
    public RingOptions withPollCpu(int cpu) {
        return new RingOptions(
                entries, completions, flags, pollIdleMillis, OptionalInt.of(cpu), workersOf);
    }

    /**
     * Sharing the kernel workers of another ring, and its poll thread if both have {@link
     * SetupFlag#SQPOLL}.
     */
    public RingOptions withWorkersOf(IoUring other) {
        OptionalInt descriptor = OptionalInt.of(other.descriptor());
        return new RingOptions(entries, completions, flags, pollIdleMillis, pollCpu, descriptor);
    }

    /** With other sizes and all else the same. */
    RingOptions resized(int newEntries, int newCompletions) {
        return new RingOptions(
                newEntries, newCompletions, flags, pollIdleMillis, pollCpu, workersOf);
    }

    /** Whether a flag is set. */
    public boolean has(SetupFlag flag) {
        return flags.contains(flag);
    }

    private static void requireEntries(int entries) {
        if (entries < 1 || entries > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "a ring has 1 to " + MAX_ENTRIES + " submission entries, not " + entries);
        }
    }

    private static void requireCompletions(int entries, int completions) {
        if (completions != 0 && (completions < entries || completions > 2 * MAX_ENTRIES)) {
            throw new IllegalArgumentException(
                    "a ring of "
                            + entries
                            + " submission entries has "
                            + entries
                            + " to "
                            + 2 * MAX_ENTRIES
                            + " completion entries, not "
                            + completions);
        }
    }

    private static void requireCompatible(Set<SetupFlag> flags) {
        for (SetupFlag flag : flags) {
            Set<SetupFlag> needed = flag.needsOneOf();
            if (!needed.isEmpty() && needed.stream().noneMatch(flags::contains)) {
                throw new IllegalArgumentException(flag + " needs one of " + needed);
            }
            for (SetupFlag other : flag.excludes()) {
                if (flags.contains(other)) {
                    throw new IllegalArgumentException(flag + " excludes " + other);
                }
            }
        }
    }
}

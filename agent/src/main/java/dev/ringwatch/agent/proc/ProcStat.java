package dev.ringwatch.agent.proc;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is needed of {@code /proc/PID/stat}, see proc_pid_stat(5).
 *
 * @param flags PF_* bits
 * @param startTicks start time after boot in clock ticks
 */
record ProcStat(String comm, long flags, long startTicks) {
    private static final long PF_KTHREAD = 0x0020_0000;

    /** Positions after the closing parenthesis, from the state, which is the third field. */
    private static final int FLAGS = 9 - 3;

    private static final int START = 22 - 3;

    /** The name stands in parentheses and may hold parentheses, spaces and newlines. */
    static Optional<ProcStat> parse(String text) {
        int open = text.indexOf('(');
        int close = text.lastIndexOf(')');
        if (open < 0 || close < open || close + 2 > text.length()) {
            return Optional.empty();
        }
        String[] fields = text.substring(close + 1).strip().split(" ", START + 2);
        if (fields.length <= START) {
            return Optional.empty();
        }
        OptionalLong flags = Numbers.decimal(fields[FLAGS], Long.MAX_VALUE);
        OptionalLong start = Numbers.decimal(fields[START].strip(), Long.MAX_VALUE);
        return flags.isPresent() && start.isPresent()
                ? Optional.of(
                        new ProcStat(
                                text.substring(open + 1, close),
                                flags.getAsLong(),
                                start.getAsLong()))
                : Optional.empty();
    }

    boolean kernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }
}

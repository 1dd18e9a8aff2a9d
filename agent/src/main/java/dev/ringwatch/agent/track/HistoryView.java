package dev.ringwatch.agent.track;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** A copy of a {@link History} at one moment. Immutable. Points are numbered from the oldest, 0. */
public final class HistoryView {
    private final Duration step;
    private final Optional<Instant> since;
    private final long[] times;
    private final long[][] machine;
    private final int[][] total;
    private final Map<String, int[][]> groups;
    private final long dropped;

    HistoryView(
            Duration step,
            Optional<Instant> since,
            long[] times,
            long[][] machine,
            int[][] total,
            Map<String, int[][]> groups,
            long dropped) {
        this.step = step;
        this.since = since;
        this.times = times;
        this.machine = machine;
        this.total = total;
        this.groups = groups;
        this.dropped = dropped;
    }

    /** The least time between two points. */
    public Duration step() {
        return step;
    }

    /** When the first observation was taken, which may be more than an hour ago; empty before it. */
    public Optional<Instant> since() {
        return since;
    }

    /** How many points there are. */
    public int size() {
        return times.length;
    }

    /** When a point was taken, in whole seconds since the epoch. */
    public long time(int point) {
        return times[point];
    }

    /** A figure of the whole machine, unless it is unknown. */
    public OptionalDouble machine(MachineFigure figure, int point) {
        long value = machine[figure.ordinal()][point];
        return value == History.UNKNOWN
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) value / figure.unit());
    }

    /** The sum over all groups, of what could be read; absent if it is unknown. */
    public OptionalLong total(Figure figure, int point) {
        return known(total[figure.ordinal()][point]);
    }

    /** The groups that had a figure in the span, in the order of their names. */
    public Set<String> groups() {
        return groups.keySet();
    }

    /** A figure of one of the {@link #groups}, unless it is unknown. */
    public OptionalLong of(String group, Figure figure, int point) {
        int[][] values = groups.get(group);
        return values == null ? OptionalLong.empty() : known(values[figure.ordinal()][point]);
    }

    /** How many groups lost their points before these were an hour old, since the agent began. */
    public long dropped() {
        return dropped;
    }

    private static OptionalLong known(int value) {
        return value == History.UNKNOWN ? OptionalLong.empty() : OptionalLong.of(value);
    }
}

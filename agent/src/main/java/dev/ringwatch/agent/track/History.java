package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was held over the last hour, in memory only: a point every 15 seconds, or every observation
 * if these are rarer, of the whole machine and of each group that had series of its own. What is not
 * known of a time is unknown there and never 0: before a group had series, after it lost them, and
 * for all when nothing was observed. Safe for use by many threads.
 *
 * <p>The bound: {@link #POINTS} points of {@link Figure} numbers of 4 bytes for each group. Groups
 * that lost their series keep their points until these are an hour old, but there are not more than
 * twice the limit of groups with series and the agent's own four; beyond, that which went first makes
 * room, and is counted. With the total and the machine's figures these are at most {@link
 * #mostBytes}: 0.6 MB with 50 groups, 2.4 MB with 200.
 */
public final class History {
    /** How far back it goes. */
    public static final Duration SPAN = Duration.ofHours(1);

    /** The least time between two points. */
    public static final Duration STEP = Duration.ofSeconds(15);

    static final int POINTS = (int) SPAN.dividedBy(STEP) + 1;
    static final int UNKNOWN = -1;

    private static final int AGENTS_GROUPS = 4;

    /** With no observation for so many steps, nothing is known of the time in between. */
    private static final int STALL = 3;

    private long step;
    private int most;

    /** On the clock that nobody sets, as the observations tell it. */
    private final long[] nanos = new long[POINTS];

    private int size;
    private final long[][] machine = new long[MachineFigure.values().length][POINTS];
    private final Column total = new Column();
    private final Map<String, Column> groups = new TreeMap<>();
    private long dropped;

    private boolean begun;
    private long sinceNanos;
    private long lastNanos;
    private Instant lastAt = Instant.EPOCH;

    /**
     * Begins with nothing.
     *
     * @param interval between two observations
     * @param maxGroups how many groups have series of their own
     */
    public History(Duration interval, int maxGroups) {
        use(interval, maxGroups);
    }

    /** The most bytes that the arrays of numbers take. */
    public static long mostBytes(int maxGroups) {
        long column = (long) Integer.BYTES * Figure.values().length * POINTS;
        long shared = (long) Long.BYTES * (1 + MachineFigure.values().length) * POINTS;
        return (mostGroups(maxGroups) + 1) * column + shared;
    }

    private static int mostGroups(int maxGroups) {
        return 2 * maxGroups + AGENTS_GROUPS;
    }

    /** Goes on with another interval and limit; the points that there are stay. */
    public synchronized void use(Duration interval, int maxGroups) {
        step = Math.max(STEP.toNanos(), interval.toNanos());
        most = mostGroups(maxGroups);
    }

    /** Takes in an observation, later than all before it; most are no point. */
    public synchronized void accept(Tracked tracked) {
        Observation now = tracked.observation();
        lastNanos = now.nanos();
        lastAt = now.takenAt();
        if (!begun) {
            begun = true;
            sinceNanos = lastNanos;
        }
        if (isDue(lastNanos)) {
            if (size > 0 && lastNanos - nanos[size - 1] >= STALL * step) {
                addUnknown(nanos[size - 1] + step);
            }
            add(tracked);
        }
    }

    /**
     * Says that an observation failed.
     *
     * @param at when, on the clock of {@link System#nanoTime}
     */
    public synchronized void missed(long at) {
        if (size > 0 && isDue(at)) {
            addUnknown(at);
        }
    }

    private boolean isDue(long at) {
        return size == 0 || at - nanos[size - 1] >= step;
    }

    private void addUnknown(long at) {
        int i = next(at);
        for (long[] values : machine) {
            values[i] = UNKNOWN;
        }
        total.forget(i);
        groups.values().forEach(column -> column.forget(i));
    }

    private void add(Tracked tracked) {
        Holdings holdings = tracked.holdings();
        addUnknown(tracked.observation().nanos());
        int i = size - 1;
        for (MachineFigure figure : MachineFigure.values()) {
            machine[figure.ordinal()][i] = value(tracked.observation(), figure).orElse(UNKNOWN);
        }
        for (Figure figure : Figure.values()) {
            total.set(figure, i, holdings.total(figure));
        }
        Set<String> present = present(tracked);
        for (String group : present) {
            Column column = groups.computeIfAbsent(group, g -> new Column());
            for (Figure figure : Figure.values()) {
                column.set(figure, i, holdings.of(group, figure));
            }
        }
        groups.entrySet()
                .removeIf(e -> !present.contains(e.getKey()) && !e.getValue().saysAnything(size));
        makeRoom(present);
    }

    /** The agent's own groups hold nothing once they are not counted any more. */
    private Set<String> present(Tracked tracked) {
        Set<String> present = new HashSet<>(tracked.series().own().keySet());
        tracked.holdings().byGroup().keySet().stream()
                .filter(GroupSeries::isAgents)
                .forEach(present::add);
        groups.forEach(
                (group, column) -> {
                    if (GroupSeries.isAgents(group) && column.saysAnything(size)) {
                        present.add(group);
                    }
                });
        return present;
    }

    private void makeRoom(Set<String> present) {
        while (groups.size() > most) {
            Optional<String> first =
                    groups.entrySet().stream()
                            .filter(e -> !present.contains(e.getKey()))
                            .min(Comparator.comparingInt(e -> e.getValue().lastKnown(size)))
                            .map(Map.Entry::getKey);
            if (first.isEmpty()) {
                return;
            }
            groups.remove(first.get());
            dropped++;
        }
    }

    private static OptionalLong value(Observation now, MachineFigure figure) {
        Optional<Activity.CollectorRuns> runs = now.activity().flatMap(Activity::collector);
        return switch (figure) {
            case INFLIGHT_SOCKETS ->
                    now.inFlightSockets().isPresent()
                            ? OptionalLong.of(now.inFlightSockets().getAsInt())
                            : OptionalLong.empty();
            case COLLECTOR_RUNS ->
                    runs.map(r -> OptionalLong.of(r.durations().count()))
                            .orElseGet(OptionalLong::empty);
            case COLLECTOR_SECONDS ->
                    runs.map(r -> OptionalLong.of(r.durations().sum().toNanos()))
                            .orElseGet(OptionalLong::empty);
        };
    }

    /** The place of a new last point; what is older than the span leaves. */
    private int next(long at) {
        int old = 0;
        while (old < size && at - nanos[old] > SPAN.toNanos()) {
            old++;
        }
        if (old > 0) {
            int left = size - old;
            System.arraycopy(nanos, old, nanos, 0, left);
            for (long[] values : machine) {
                System.arraycopy(values, old, values, 0, left);
            }
            total.shift(old, left);
            for (Column column : groups.values()) {
                column.shift(old, left);
            }
            size = left;
        }
        nanos[size] = at;
        return size++;
    }

    /** All that is kept. */
    public synchronized HistoryView view() {
        return view(groups);
    }

    /** The same with one group only, or none if it has no point. */
    public synchronized HistoryView view(String group) {
        Column column = groups.get(group);
        return view(column == null ? Map.of() : Map.of(group, column));
    }

    private HistoryView view(Map<String, Column> chosen) {
        long[] times = new long[size];
        for (int i = 0; i < size; i++) {
            times[i] = at(nanos[i]).getEpochSecond();
        }
        Map<String, int[][]> copies = new TreeMap<>();
        chosen.forEach((group, column) -> copies.put(group, column.copy(size)));
        long[][] machineCopy = new long[machine.length][];
        Arrays.setAll(machineCopy, f -> Arrays.copyOf(machine[f], size));
        return new HistoryView(
                Duration.ofNanos(step),
                begun ? Optional.of(at(sinceNanos)) : Optional.empty(),
                times,
                machineCopy,
                total.copy(size),
                copies,
                dropped);
    }

    /** By the wall clock of now: that may have been set since. */
    private Instant at(long then) {
        return lastAt.minusNanos(lastNanos - then);
    }

    /** What the arrays of numbers take now. */
    synchronized long bytes() {
        long columns = (groups.size() + 1L) * total.bytes();
        return columns + (long) Long.BYTES * POINTS * (1 + machine.length);
    }

    /** The figures of one group, by point. */
    private static final class Column {
        private final int[][] values = new int[Figure.values().length][POINTS];

        Column() {
            for (int[] figure : values) {
                Arrays.fill(figure, UNKNOWN);
            }
        }

        void forget(int i) {
            for (int[] figure : values) {
                figure[i] = UNKNOWN;
            }
        }

        void set(Figure figure, int i, OptionalLong value) {
            values[figure.ordinal()][i] =
                    value.isPresent()
                            ? (int) Math.min(Integer.MAX_VALUE, value.getAsLong())
                            : UNKNOWN;
        }

        void shift(int from, int n) {
            for (int[] figure : values) {
                System.arraycopy(figure, from, figure, 0, n);
                Arrays.fill(figure, n, POINTS, UNKNOWN);
            }
        }

        boolean saysAnything(int size) {
            for (int[] figure : values) {
                for (int i = 0; i < size; i++) {
                    if (figure[i] > 0) {
                        return true;
                    }
                }
            }
            return false;
        }

        int lastKnown(int size) {
            int last = UNKNOWN;
            for (int[] figure : values) {
                for (int i = size - 1; i > last; i--) {
                    if (figure[i] != UNKNOWN) {
                        last = i;
                    }
                }
            }
            return last;
        }

        int[][] copy(int size) {
            int[][] copy = new int[values.length][];
            Arrays.setAll(copy, f -> Arrays.copyOf(values[f], size));
            return copy;
        }

        long bytes() {
            return (long) Integer.BYTES * values.length * POINTS;
        }
    }
}

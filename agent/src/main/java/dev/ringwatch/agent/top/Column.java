package dev.ringwatch.agent.top;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.function.Function;

/** A column of the table: its head, what stands in it, and how rows are ordered by it. */
enum Column {
    PID("PID", true, longs(Row::pid, Column::plain), Comparator.comparing(r -> r.pid().orElse(0))),
    NAME("NAME", false, (row, now) -> row.name(), Comparator.comparing(Row::name)),
    GROUP("GROUP", false, (row, now) -> row.group(), Comparator.comparing(Row::group)),
    RINGS("RINGS", true, (row, now) -> plain(row.rings()), Comparator.comparing(Row::rings)),
    FILES("FILES", true, longs(Row::files, Column::plain), byLong(Row::files)),
    SLOTS("SLOTS", true, longs(Row::slots, Column::plain), byLong(Row::slots)),
    USE(
            "USE%",
            true,
            (row, now) -> row.tableUse().map(u -> plain(Math.round(u * 100))).orElse("-"),
            Comparator.comparing(r -> r.tableUse().orElse(-1.0))),
    REQUESTS("REQ", true, longs(Row::requests, Column::plain), byLong(Row::requests)),
    BUFFERS("BUFFERS", true, longs(Row::bufferBytes, Column::bytes), byLong(Row::bufferBytes)),
    OVERFLOW("OVERFLOW", true, longs(Row::overflow, Column::plain), byLong(Row::overflow)),
    INFLIGHT("IN FLIGHT", true, longs(Row::inflight, Column::plain), byLong(Row::inflight)),
    OLDEST(
            "OLDEST",
            true,
            (row, now) -> row.oldest().map(since -> age(since, now)).orElse("-"),
            Comparator.comparing(
                    r -> r.oldest().map(since -> -since.toEpochMilli()).orElse(Long.MIN_VALUE))),
    FINDINGS(
            "FINDINGS",
            true,
            (row, now) -> plain(row.findings()),
            Comparator.comparing(Row::findings));

    private final String head;
    private final boolean number;
    private final Cell cell;
    private final Comparator<Row> order;

    Column(String head, boolean number, Cell cell, Comparator<Row> order) {
        this.head = head;
        this.number = number;
        this.cell = cell;
        this.order = order;
    }

    private interface Cell {
        String of(Row row, Instant now);
    }

    String head() {
        return head;
    }

    /** Whether it is set to the right, and begins with the largest. */
    boolean number() {
        return number;
    }

    String text(Row row, Instant now) {
        return cell.of(row, now);
    }

    Comparator<Row> order() {
        return order;
    }

    private static Cell longs(Function<Row, OptionalLong> value, Function<Long, String> text) {
        return (row, now) -> {
            OptionalLong known = value.apply(row);
            return known.isPresent() ? text.apply(known.getAsLong()) : "-";
        };
    }

    private static Comparator<Row> byLong(Function<Row, OptionalLong> value) {
        return Comparator.comparing(row -> value.apply(row).orElse(-1));
    }

    private static String plain(long value) {
        return Long.toString(value);
    }

    /** {@code 512}, {@code 4.0K}, {@code 1.5G}. */
    static String bytes(long value) {
        double scaled = value;
        int unit = 0;
        while (scaled >= 1024 && unit < 5) {
            scaled /= 1024;
            unit++;
        }
        return unit == 0 ? plain(value) : "%.1f%c".formatted(scaled, " KMGTP".charAt(unit));
    }

    /** {@code 7s}, {@code 3m12s}, {@code 5h02m}, {@code 9d}. */
    static String age(Instant since, Instant now) {
        long seconds = Math.max(0, Duration.between(since, now).toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return "%dm%02ds".formatted(seconds / 60, seconds % 60);
        }
        return seconds < 86_400
                ? "%dh%02dm".formatted(seconds / 3600, seconds % 3600 / 60)
                : seconds / 86_400 + "d";
    }
}

package dev.ringwatch.agent.top;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.track.Tracked;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the table is shown, and the lines that show it. Immutable: a key gives another view.
 *
 * @param byProcess processes, or groups
 * @param sort by which column
 * @param reversed against the column's own order
 * @param filter rows whose name, group or pid has this text, in any case; empty for all
 */
public record View(boolean byProcess, Column sort, boolean reversed, String filter) {
    /** Groups, who has most in tables first. */
    public static final View START = new View(false, Column.FILES, false, "");

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final int GAP = 2;
    private static final int MAX_NAME = 40;
    private static final Set<Column> OF_PROCESSES = EnumSet.of(Column.PID, Column.NAME);

    /** What a line is, for colours. */
    public enum Look {
        SUMMARY,
        HEADS,
        ROW,
        /** A row with findings. */
        FOUND,
        WARNING
    }

    /** A line of the screen, without an end of line. */
    public record Line(Look look, String text) {}

    /** The other of groups and processes. */
    public View toggled() {
        boolean lost = byProcess && OF_PROCESSES.contains(sort);
        return new View(!byProcess, lost ? Column.FILES : sort, reversed, filter);
    }

    /** Sorted by the column so many to the right. */
    public View moved(int columns) {
        List<Column> shown = columns();
        int at = Math.floorMod(shown.indexOf(sort) + columns, shown.size());
        return new View(byProcess, shown.get(at), false, filter);
    }

    public View turned() {
        return new View(byProcess, sort, !reversed, filter);
    }

    public View filtered(String text) {
        return new View(byProcess, sort, reversed, text);
    }

    /** All lines; what does not fit on a screen is at the end. */
    public List<Line> lines(Tracked tracked, ZoneId zone) {
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(Look.SUMMARY, summary(tracked, zone)));
        lines.add(new Line(Look.SUMMARY, totals(tracked)));
        if (!tracked.observation().complete()) {
            List<String> reasons = tracked.observation().incomplete();
            String more = reasons.size() > 1 ? " (and %d more)".formatted(reasons.size() - 1) : "";
            lines.add(new Line(Look.WARNING, "not complete: " + reasons.getFirst() + more));
        }
        lines.addAll(table(rows(tracked), tracked.observation().takenAt()));
        return List.copyOf(lines);
    }

    private List<Column> columns() {
        return EnumSet.allOf(Column.class).stream()
                .filter(c -> byProcess || !OF_PROCESSES.contains(c))
                .toList();
    }

    private List<Row> rows(Tracked tracked) {
        List<Row> rows = byProcess ? Rows.byProcess(tracked) : Rows.byGroup(tracked);
        Comparator<Row> order = sort.number() != reversed ? sort.order().reversed() : sort.order();
        return rows.stream()
                .filter(this::passes)
                .sorted(order.thenComparing(Row::group).thenComparing(r -> r.pid().orElse(0)))
                .toList();
    }

    private boolean passes(Row row) {
        String pid = row.pid().isPresent() ? Long.toString(row.pid().getAsLong()) : "";
        return (row.name() + " " + row.group() + " " + pid)
                .toLowerCase(Locale.ROOT)
                .contains(filter.toLowerCase(Locale.ROOT));
    }

    private String summary(Tracked tracked, ZoneId zone) {
        Observation o = tracked.observation();
        String sources =
                o.sources().stream()
                        .filter(SourceReport::up)
                        .map(s -> s.source().label())
                        .collect(Collectors.joining(", "));
        return "ringwatch  %s  source %s  %d ms  %s by %s%s"
                .formatted(
                        CLOCK.format(o.takenAt().atZone(zone)),
                        sources,
                        o.took().toMillis(),
                        byProcess ? "processes" : "groups",
                        sort.head(),
                        filter.isEmpty() ? "" : "  filter '" + filter + "'");
    }

    private static String totals(Tracked tracked) {
        Observation o = tracked.observation();
        long files = o.rings().stream().mapToLong(r -> r.registeredFiles().orElse(0)).sum();
        long waiting = o.sockets().stream().mapToLong(s -> s.inflight().orElse(0)).sum();
        return "%d rings%s, %d registered files; %d sockets%s, %d descriptors in flight; %d findings"
                .formatted(
                        o.rings().size(),
                        unknown(o.rings().stream().filter(r -> !readable(r)).count()),
                        files,
                        o.sockets().size(),
                        unknown(o.sockets().stream().filter(s -> !readable(s)).count()),
                        waiting,
                        tracked.findings().size());
    }

    private static boolean readable(RingFacts ring) {
        return ring.readable();
    }

    private static boolean readable(SocketFacts socket) {
        return socket.inflight().isPresent();
    }

    private static String unknown(long count) {
        return count == 0 ? "" : " (%d could not be read)".formatted(count);
    }

    private List<Line> table(List<Row> rows, Instant now) {
        List<Column> columns = columns();
        List<List<String>> cells = new ArrayList<>();
        cells.add(columns.stream().map(this::head).toList());
        rows.forEach(row -> cells.add(columns.stream().map(c -> cell(c, row, now)).toList()));
        int[] widths = widths(cells);
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            Look look = i == 0 ? Look.HEADS : look(rows.get(i - 1));
            lines.add(new Line(look, line(columns, widths, cells.get(i))));
        }
        if (rows.isEmpty()) {
            lines.add(new Line(Look.ROW, filter.isEmpty() ? "nobody" : "nobody passes the filter"));
        }
        return lines;
    }

    private static Look look(Row row) {
        return row.findings() > 0 ? Look.FOUND : Look.ROW;
    }

    private String head(Column column) {
        return column == sort ? column.head() + (reversed ? "^" : "*") : column.head();
    }

    /** Names are chosen by whoever is watched. */
    private static String cell(Column column, Row row, Instant now) {
        String text = column.text(row, now);
        String shown = text.length() > MAX_NAME ? text.substring(0, MAX_NAME - 1) + "~" : text;
        StringBuilder clean = new StringBuilder();
        shown.codePoints().forEach(c -> clean.append(c < ' ' || c >= 0x7f ? '?' : (char) c));
        return clean.toString();
    }

    private static int[] widths(List<List<String>> rows) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return widths;
    }

    private static String line(List<Column> columns, int[] widths, List<String> cells) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - cells.get(i).length());
            b.append(columns.get(i).number() ? padding + cells.get(i) : cells.get(i) + padding);
            b.append(" ".repeat(GAP));
        }
        return b.toString().stripTrailing();
    }
}

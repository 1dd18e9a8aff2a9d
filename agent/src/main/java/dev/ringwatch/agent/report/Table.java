package dev.ringwatch.agent.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A table for people: columns as wide as their widest cell, numbers to the right. */
public final class Table {
    private static final int GAP = 2;
    private static final Pattern NUMBER = Pattern.compile("[0-9?]+|-");

    private final List<String[]> rows = new ArrayList<>();
    private final int columns;

    public Table(String... heads) {
        columns = heads.length;
        rows.add(heads);
    }

    /** Adds a row with a cell for each column. */
    public void row(Object... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
        }
        String[] row = new String[columns];
        for (int i = 0; i < columns; i++) {
            row[i] = cells[i].toString();
        }
        rows.add(row);
    }

    /** Whether there are rows below the heads. */
    public boolean isEmpty() {
        return rows.size() == 1;
    }

    /** All rows, each ended by a line feed. */
    public String text() {
        int[] widths = new int[columns];
        boolean[] numeric = new boolean[columns];
        for (int i = 0; i < columns; i++) {
            widths[i] = width(i);
            numeric[i] = isNumeric(i);
        }
        StringBuilder b = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String padding = " ".repeat(widths[i] - row[i].length());
                line.append(numeric[i] ? padding + row[i] : row[i] + padding);
                line.append(" ".repeat(GAP));
            }
            b.append(line.toString().stripTrailing()).append('\n');
        }
        return b.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
    }

    private boolean isNumeric(int column) {
        return rows.stream().skip(1).allMatch(row -> NUMBER.matcher(row[column]).matches());
    }
}

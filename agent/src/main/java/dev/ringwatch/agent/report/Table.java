package dev.ringwatch.agent.report;

import java.util.ArrayList;
import java.util.List;

/** A table for people: columns as wide as their widest cell, numbers to the right. */
public final class Table {
    private static final int GAP = 2;

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
        StringBuilder b = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String padding = " ".repeat(width(i) - row[i].length());
                boolean last = i == columns - 1;
                line.append(numeric(i) ? padding + row[i] : row[i] + (last ? "" : padding));
                line.append(last ? "" : " ".repeat(GAP));
            }
            b.append(line.toString().stripTrailing()).append('\n');
        }
        return b.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
    }

    private boolean numeric(int column) {
        return rows.stream().skip(1).allMatch(row -> row[column].matches("[0-9?]+|-"));
    }
}

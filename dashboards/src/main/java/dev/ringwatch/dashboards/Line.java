package dev.ringwatch.dashboards;

import java.util.ArrayList;
import java.util.List;

/**
 * Tiles side by side, which share the whole width evenly.
 *
 * @param height in the grid's units, of about 38 pixels
 * @param tiles as many as divide the grid's 24 columns
 */
record Line(int height, List<Tile> tiles) {
    private static final int FIGURE = 4;
    private static final int GRAPH = 8;
    private static final int TABLE = 9;
    private static final int MOST_GRAPHS = 3;

    Line {
        tiles = List.copyOf(tiles);
    }

    static Line figures(Tile... tiles) {
        return new Line(FIGURE, List.of(tiles));
    }

    static Line graphs(Tile... tiles) {
        return new Line(GRAPH, List.of(tiles));
    }

    static Line tables(Tile... tiles) {
        return new Line(TABLE, List.of(tiles));
    }

    /** Graphs in lines of at most three; lines differ by at most one graph. */
    static List<Line> ofGraphs(List<? extends Tile> graphs) {
        int lines = Math.ceilDiv(graphs.size(), MOST_GRAPHS);
        List<Line> result = new ArrayList<>();
        int from = 0;
        for (int line = 0; line < lines; line++) {
            int to = from + Math.ceilDiv(graphs.size() - from, lines - line);
            result.add(new Line(GRAPH, List.copyOf(graphs.subList(from, to))));
            from = to;
        }
        return result;
    }
}

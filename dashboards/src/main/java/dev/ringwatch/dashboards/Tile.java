package dev.ringwatch.dashboards;

/** What has a place of its own on a dashboard. */
sealed interface Tile permits Panel, Tile.Note {
    String title();

    /** What it shows and how to read it. */
    String description();

    /**
     * Words that are always there.
     *
     * @param markdown what it says
     */
    record Note(String title, String description, String markdown) implements Tile {}
}

package dev.ringwatch.dashboards;

/** How a panel shows its numbers. */
sealed interface Look {
    /** A line for each series; a gap where there is no value. */
    record Lines() implements Look {}

    /**
     * A bar over time for each series that is 0 or 1.
     *
     * @param normal the value that nobody needs to look at
     */
    record States(int normal, State zero, State one) implements Look {}

    /**
     * The values of now, a row for each series.
     *
     * @param valueTitle heading of the column that holds the value
     */
    record Table(String valueTitle) implements Look {}

    /**
     * What 0 or 1 means.
     *
     * @param colour one of Grafana's named colours
     */
    record State(String text, String colour) {}
}

package dev.ringwatch.dashboards;

/** What the reader of a dashboard chooses at its top. */
sealed interface Variable {
    /** The Prometheus server that is asked. */
    record DataSource() implements Variable {}

    /**
     * Values of a label, any number of them or all.
     *
     * @param name the label, and what expressions call it
     * @param selector the series whose values are offered
     */
    record LabelValues(String name, String title, String selector) implements Variable {}
}

package dev.ringwatch.dashboards;

/**
 * One expression of a panel.
 *
 * @param expression PromQL with the dashboard's variables in it
 * @param legend how its lines are called, in Grafana's {@code {{label}}} form
 */
record Query(String expression, String legend) {
    /** The same lines under names that start with some words, for a panel of several queries. */
    Query called(String words) {
        return new Query(expression, words + " " + legend);
    }

    /** Only where the value is not zero. */
    Query nonZero() {
        return new Query(expression + " > 0", legend);
    }
}

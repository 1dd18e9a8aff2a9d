package dev.ringwatch.dashboards;

/**
 * One expression of a panel.
 *
 * @param expression PromQL with the dashboard's variables in it
 * @param legend how its lines are called, in Grafana's {@code {{label}}} form
 * @param exemplars whether to mark the examples that Prometheus kept with the samples
 */
record Query(String expression, String legend, boolean exemplars) {
    Query(String expression, String legend) {
        this(expression, legend, false);
    }

    /** The same lines under names that start with some words, for a panel of several queries. */
    Query called(String words) {
        return new Query(expression, (words + " " + legend).strip(), exemplars);
    }

    /** Only where the value is not zero. */
    Query nonZero() {
        return new Query(expression + " > 0", legend, exemplars);
    }

    /** Only where the value is zero. */
    Query zero() {
        return new Query(expression + " == 0", legend, exemplars);
    }

    /** The largest few of all instances. */
    Query top(int most) {
        return new Query("topk(" + most + ", " + expression + ")", legend, exemplars);
    }

    /** How many lines there are. */
    Query counted() {
        return new Query("count(" + expression + ")", "", exemplars);
    }

    /**
     * 0 where there is no line, but only if some agent saw everything: what nobody looked at is not
     * 0.
     */
    Query orZeroIfSeen() {
        return new Query(expression + " or " + PromQl.ZERO_IF_SEEN, legend, exemplars);
    }

    Query withExemplars() {
        return new Query(expression, legend, true);
    }
}

package dev.ringwatch.dashboards;

import java.util.List;

/**
 * Colours of a value.
 *
 * @param base below the first step
 * @param steps in rising order
 */
record Levels(String base, List<Step> steps) {
    /** The value says nothing about good or bad. */
    static final Levels NEUTRAL = new Levels("text", List.of());

    Levels {
        steps = List.copyOf(steps);
    }

    /**
     * @param from the lowest value that has the colour
     * @param colour one of Grafana's named colours
     */
    record Step(double from, String colour) {}

    /** Good below a value. */
    static Levels badFrom(double from) {
        return new Levels("green", List.of(new Step(from, "red")));
    }

    static Levels doubtfulFrom(double from) {
        return new Levels("green", List.of(new Step(from, "orange")));
    }

    static Levels rising(double doubtful, double bad) {
        return new Levels("green", List.of(new Step(doubtful, "orange"), new Step(bad, "red")));
    }
}

package dev.ringwatch.uring.bench;

import java.util.Arrays;

/** Median and quartiles of some values. */
record Quartiles(double lower, double median, double upper) {
    /** Of at least one value. */
    static Quartiles of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
    }

    /** Between two values, the point that divides them in proportion. */
    private static double at(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}

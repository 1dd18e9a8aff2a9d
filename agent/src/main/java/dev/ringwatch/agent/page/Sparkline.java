package dev.ringwatch.agent.page;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** A line without a scale, from nothing to the most; with gaps where nothing is known. */
final class Sparkline {
    private static final int WIDTH = 240;
    private static final int HEIGHT = 60;
    private static final int MARGIN = 2;

    private Sparkline() {}

    /** The line as an svg, which stretches to what contains it. */
    static String svg(IntFunction<OptionalLong> values, int points) {
        long most =
                IntStream.range(0, points)
                        .mapToLong(i -> values.apply(i).orElse(0))
                        .max()
                        .orElse(0);
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int i = 0; i < points; i++) {
            OptionalLong value = values.apply(i);
            if (value.isPresent()) {
                double x = points == 1 ? WIDTH : (double) WIDTH * i / (points - 1);
                double y =
                        HEIGHT
                                - MARGIN
                                - (HEIGHT - 2.0 * MARGIN) * value.getAsLong() / Math.max(1, most);
                path.append(drawing ? 'L' : 'M')
                        .append(String.format(Locale.ROOT, "%.1f %.1f", x, y));
            }
            drawing = value.isPresent();
        }
        return "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path class=\"spark\" d=\"%s\"/></svg>"
                .formatted(WIDTH, HEIGHT, path);
    }
}

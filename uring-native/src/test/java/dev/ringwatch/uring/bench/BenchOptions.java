package dev.ringwatch.uring.bench;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the user said.
 *
 * @param pairs windows of each contender
 * @param seconds of a window
 * @param warm seconds of a processor before the first window of a process
 * @param connections instead of a benchmark's own
 * @param size bytes of a message, instead of a benchmark's own
 * @param megabytes of the file that is read
 */
record BenchOptions(
        BenchName name,
        int pairs,
        double seconds,
        double warm,
        boolean json,
        OptionalInt connections,
        OptionalInt size,
        int megabytes) {
    private static final Set<String> OPTIONS =
            Set.of("--pairs", "--seconds", "--warm", "--connections", "--size", "--megabytes");

    /** NAME, then options: {@code --json}, others as {@code --option N} or {@code --option=N}. */
    static BenchOptions parse(List<String> arguments) {
        if (arguments.isEmpty()) {
            throw new BenchException("which benchmark? One of " + names());
        }
        Map<String, Double> given = new HashMap<>();
        boolean json = false;
        Iterator<String> rest =
                arguments.stream().skip(1).flatMap(a -> Arrays.stream(a.split("=", 2))).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            if (option.equals("--json")) {
                json = true;
            } else if (OPTIONS.contains(option)) {
                given.put(option, number(option, rest));
            } else {
                throw new BenchException("there is no option " + option);
            }
        }
        return new BenchOptions(
                name(arguments.getFirst()),
                whole("--pairs", given, 10_000).orElse(9),
                given.getOrDefault("--seconds", 1.0),
                given.getOrDefault("--warm", 2.0),
                json,
                whole("--connections", given, 10_000),
                whole("--size", given, 4096),
                whole("--megabytes", given, 1_000_000).orElse(256));
    }

    Runner runner() {
        return new Runner(pairs, seconds, warm);
    }

    private static double number(String option, Iterator<String> values) {
        try {
            double value = values.hasNext() ? Double.parseDouble(values.next()) : 0;
            if (value > 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new BenchException(option + " takes a number: " + e.getMessage(), e);
        }
        throw new BenchException(option + " takes a number above 0");
    }

    private static OptionalInt whole(String option, Map<String, Double> given, int most) {
        if (!given.containsKey(option)) {
            return OptionalInt.empty();
        }
        double value = given.getOrDefault(option, 0.0);
        if (value != Math.rint(value) || value > most) {
            throw new BenchException(option + " is a whole number from 1 to " + most);
        }
        return OptionalInt.of((int) value);
    }

    private static BenchName name(String typed) {
        return Arrays.stream(BenchName.values())
                .filter(n -> n.name().equals(typed.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(
                        () ->
                                new BenchException(
                                        "there is no benchmark " + typed + ", but " + names()));
    }

    private static String names() {
        return String.join(", ", Arrays.stream(BenchName.values()).map(Bench::typed).toList());
    }
}

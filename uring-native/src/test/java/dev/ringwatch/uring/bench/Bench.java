package dev.ringwatch.uring.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs benchmarks by name. {@code ./ringwatch bench} starts it with the checkout's folder and one for
 * what is made, then what the user said.
 */
final class Bench {
    private Bench() {}

    public static void main(String[] arguments) throws IOException {
        try {
            BenchOptions options =
                    BenchOptions.parse(List.of(arguments).subList(2, arguments.length));
            Tools tools = Tools.of(Path.of(arguments[0]), Path.of(arguments[1]));
            run(options, tools);
        } catch (BenchException e) {
            System.err.println("ringwatch: " + e.getMessage());
            System.exit(2);
        }
    }

    private static void run(BenchOptions options, Tools tools) throws IOException {
        List<Runner.Result> results = new ArrayList<>();
        for (Comparison comparison : options.name().comparisons(options, tools)) {
            Runner.Result result = options.runner().run(comparison, tools);
            if (!options.json()) {
                System.out.println(Report.text(result));
            }
            results.add(result);
        }
        if (options.json()) {
            System.out.println(Report.json(results));
        }
    }

    /** Names as they are typed. */
    static String typed(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }
}

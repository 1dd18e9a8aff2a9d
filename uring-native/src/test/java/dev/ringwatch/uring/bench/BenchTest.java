package dev.ringwatch.uring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/** Every benchmark at a tiny size: that it runs, not what comes out. */
class BenchTest {
    /** Of the build, so that programs that are there are not compiled again. */
    private static final Path FOLDER = Path.of("target", "bench").toAbsolutePath();

    @BeforeAll
    static void theCompilerIsThere() {
        if (!Files.exists(Path.of("/usr/bin/gcc"))
                || !Files.exists(Path.of("/usr/include/liburing.h"))) {
            String text = "SKIPPED: the benchmarks' peers need gcc and liburing-dev";
            System.out.println(text);
            throw new TestAbortedException(text);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyPeerGetsARatio(BenchName name) throws IOException {
        BenchOptions options =
                BenchOptions.parse(
                        List.of(
                                Bench.typed(name),
                                "--pairs=1",
                                "--seconds=0.05",
                                "--warm=0.05",
                                "--connections=4",
                                "--size=64",
                                "--megabytes=1"));
        Tools tools = Tools.of(Path.of("").toAbsolutePath(), FOLDER);
        List<Comparison> comparisons = name.comparisons(options, tools);
        for (Comparison comparison : comparisons) {
            Runner.Result result = options.runner().run(comparison, tools);

            String json = Report.json(List.of(result));
            assertEquals(comparison.peers().size(), count(json, "\"cpu_ratio\":{"), json);
            assertTrue(Report.text(result).contains(comparison.ours().name()));
        }
        assertTrue(comparisons.size() > 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tea",
                "nop --pairs",
                "nop --pairs 0",
                "nop --pairs 1.5",
                "nop --seconds soon",
                "nop --sugar 1",
                "echo --size 4097"
            })
    void badInputIsOneLine(String line) {
        List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" "));
        assertThrows(BenchException.class, () -> BenchOptions.parse(arguments));
    }

    @Test
    void quartilesDivideBetweenValues() {
        assertEquals(new Quartiles(1.75, 2.5, 3.25), Quartiles.of(4, 1, 3, 2));
        assertEquals(new Quartiles(7, 7, 7), Quartiles.of(7));
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }
}

package dev.ringwatch.agent.zoo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Compiles the C programs of src/test/c. */
final class CProgram {
    private static final Path SOURCES = Path.of("src/test/c");
    private static final long MOST_SECONDS = 60;

    private CProgram() {}

    /**
     * Compiles one; warnings are errors.
     *
     * @param options for the compiler, libraries among them
     */
    static Path compile(String source, Path program, List<String> options)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("gcc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror"));
        command.addAll(List.of("-o", program.toString(), SOURCES.resolve(source).toString()));
        command.addAll(options);
        Process gcc = new ProcessBuilder(command).inheritIO().start();
        if (!gcc.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
            gcc.destroyForcibly();
            throw new IOException("gcc does not end");
        }
        if (gcc.exitValue() != 0) {
            throw new IOException(
                    "gcc cannot compile " + source + "; install gcc and liburing-dev (Debian)");
        }
        return program;
    }
}

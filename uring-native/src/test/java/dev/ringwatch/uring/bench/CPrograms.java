package dev.ringwatch.uring.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The programs of src/test/c, compiled. */
final class CPrograms {
    private final Path folder;

    private CPrograms(Path folder) {
        this.folder = folder;
    }

    /**
     * Compiles what is newer than its program.
     *
     * @param sources src/test/c
     * @param folder where the programs go
     * @throws BenchException if that fails; what the compiler said is on standard error
     */
    static CPrograms compile(Path sources, Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Path> files = new ArrayList<>();
        try (var listed = Files.newDirectoryStream(sources, "*.c")) {
            listed.forEach(files::add);
        }
        for (Path source : files) {
            String name = source.getFileName().toString().replaceFirst("\\.c$", "");
            build(source, folder.resolve(name));
        }
        return new CPrograms(folder);
    }

    Path path(String program) {
        return folder.resolve(program);
    }

    private static void build(Path source, Path program) throws IOException {
        if (isNewer(program, source) && isNewer(program, source.resolveSibling("bench.h"))) {
            return;
        }
        List<String> command =
                List.of(
                        "gcc",
                        "-std=gnu17",
                        "-O2",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-o",
                        program.toString(),
                        source.toString(),
                        "-luring");
        try {
            if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
                throw new BenchException(
                        "gcc cannot compile " + source + ": is liburing-dev installed?");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }

    private static boolean isNewer(Path program, Path source) throws IOException {
        return Files.exists(program)
                && Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(source))
                        > 0;
    }
}

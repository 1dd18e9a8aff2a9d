package dev.ringwatch.uring.bench;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What benchmarks work with.
 *
 * @param folder for files they read
 */
record Tools(CPrograms programs, Path folder) {
    /**
     * Compiles the C programs.
     *
     * @param module the folder uring-native
     * @param folder for what is made
     */
    static Tools of(Path module, Path folder) throws IOException {
        return new Tools(
                CPrograms.compile(module.resolve("src/test/c"), folder.resolve("c")), folder);
    }
}

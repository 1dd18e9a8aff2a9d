package dev.ringwatch.uring.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * What benchmarks work with.
 *
 * @param folder for files they read, the working directory of every process
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

    /** A file of random bytes, made unless it is there; it stays for the next time. */
    Path file(String name, long bytes) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file) || Files.size(file) != bytes) {
            write(file, bytes);
        }
        return file;
    }

    private static void write(Path file, long bytes) throws IOException {
        byte[] block = new byte[1 << 20];
        Random random = new Random(1);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        }
    }
}

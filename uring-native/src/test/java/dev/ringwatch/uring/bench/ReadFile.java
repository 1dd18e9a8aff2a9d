package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.bench.Comparison.Drive;
import dev.ringwatch.uring.bench.Comparison.Goal;
import dev.ringwatch.uring.bench.Comparison.Peer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * The file that random reads are made in, and who reads it.
 *
 * @param bytes its size
 */
record ReadFile(Path path, long bytes) {
    private static final int DEPTH = 32;
    private static final int MEGABYTE = 1 << 20;

    /** Makes it, unless it is there; it stays for the next time. */
    static ReadFile in(Path folder, int megabytes) throws IOException {
        ReadFile file = new ReadFile(folder.resolve("random-reads"), (long) megabytes * MEGABYTE);
        if (!Files.exists(file.path()) || Files.size(file.path()) != file.bytes()) {
            file.write();
        }
        return file;
    }

    private void write() throws IOException {
        byte[] block = new byte[MEGABYTE];
        Random random = new Random(1);
        try (OutputStream out = Files.newOutputStream(path)) {
            for (long done = 0; done < bytes; done += MEGABYTE) {
                random.nextBytes(block);
                out.write(block);
            }
        }
    }

    /** Out of the page cache, into which the first of the unmeasured windows brings it. */
    Comparison cached(CPrograms programs) {
        return new Comparison(
                "cached reads of 4 KiB, depth " + DEPTH,
                "read",
                new Drive.Itself(),
                ours(0, DEPTH),
                List.of(
                        new Peer(plainC(programs, 0), new Goal.Cpu(0.88)),
                        new Peer(
                                channel("FileChannel, a platform thread", 0, 0),
                                new Goal.Cpu(0.90))));
    }

    /** Past the page cache. */
    Comparison direct(CPrograms programs) {
        return new Comparison(
                "O_DIRECT reads of 4 KiB, depth " + DEPTH,
                "read",
                new Drive.Itself(),
                ours(1, 1),
                List.of(
                        new Peer(plainC(programs, 1), new Goal.Cpu(0.95)),
                        new Peer(
                                channel("FileChannel, a platform thread", 1, 0),
                                new Goal.Cpu(0.25)),
                        new Peer(
                                channel("FileChannel, virtual threads", 1, DEPTH),
                                new Goal.Cpu(0.25))));
    }

    private Contender ours(int direct, int atOnce) {
        return Contender.java(
                "ringwatch, raw loop", RawFiles.class, path, bytes, DEPTH, direct, atOnce);
    }

    private Contender plainC(CPrograms programs, int direct) {
        return Contender.c(
                "C with liburing, plain reads", programs, "files", path, bytes, DEPTH, direct);
    }

    private Contender channel(String name, int direct, int threads) {
        return Contender.java(name, ChannelFiles.class, path, bytes, direct, threads);
    }
}

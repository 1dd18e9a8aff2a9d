package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.bench.Comparison.Drive;
import dev.ringwatch.uring.bench.Comparison.Goal;
import dev.ringwatch.uring.bench.Comparison.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The file that random reads are made in, and who reads it.
 *
 * @param bytes its size
 */
record ReadFile(Path path, long bytes) {
    private static final int DEPTH = 32;

    static ReadFile of(Tools tools, int megabytes) throws IOException {
        long bytes = (long) megabytes << 20;
        return new ReadFile(tools.file("random-reads", bytes), bytes);
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

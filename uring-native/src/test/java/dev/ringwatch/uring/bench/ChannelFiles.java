package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Random reads of 4 KiB through a FileChannel: {@code ChannelFiles PATH BYTES DIRECT THREADS}. With
 * 0 threads it is the main thread that reads, otherwise so many virtual threads.
 */
final class ChannelFiles {
    private static final int BLOCK = 4096;
    private static final int F_SETFL = 4;

    private ChannelFiles() {}

    public static void main(String[] arguments) throws IOException {
        Path path = Path.of(arguments[0]);
        long blocks = Long.parseLong(arguments[1]) / BLOCK;
        int threads = Integer.parseInt(arguments[3]);
        try (FileChannel channel = FileChannel.open(path)) {
            if (arguments[2].equals("1")) {
                bypassCache(path);
            }
            if (threads == 0) {
                onThisThread(channel, blocks);
            } else {
                onVirtualThreads(channel, blocks, threads);
            }
        }
    }

    /**
     * Sets O_DIRECT on the one descriptor of this file. Only the JDK's unsupported API could open it
     * so.
     */
    private static void bypassCache(Path path) throws IOException {
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(Path.of("/proc/self/fd"), fd -> leadsTo(fd, path))) {
            for (Path fd : descriptors) {
                int number = Integer.parseInt(fd.getFileName().toString());
                long result = Sys.call(Syscall.FCNTL, number, F_SETFL, Fds.O_DIRECT);
                Sys.check(Syscall.FCNTL, result, "O_DIRECT for " + path);
            }
        }
    }

    private static boolean leadsTo(Path link, Path path) throws IOException {
        return Files.exists(link) && Files.isSameFile(link, path);
    }

    private static void onThisThread(FileChannel channel, long blocks) throws IOException {
        ByteBuffer buffer = buffer();
        RandomGenerator random = RandomGenerator.of("Xoroshiro128PlusPlus");
        Control.runs(
                work -> {
                    for (int i = 0; i < 32; i++) {
                        read(channel, buffer, random.nextLong(blocks));
                    }
                    work.operations += 32;
                });
    }

    /** A turn: each of them reads some hundred times. */
    private static void onVirtualThreads(FileChannel channel, long blocks, int threads)
            throws IOException {
        Control.runs(
                work -> {
                    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
                        List<Future<Integer>> reads = new ArrayList<>();
                        for (int i = 0; i < threads; i++) {
                            reads.add(readers.submit(() -> readMany(channel, blocks)));
                        }
                        for (Future<Integer> read : reads) {
                            work.operations += read.get();
                        }
                    } catch (ExecutionException e) {
                        throw new IOException(e);
                    } catch (InterruptedException e) {
                        throw new BenchException("interrupted", e);
                    }
                });
    }

    private static int readMany(FileChannel channel, long blocks) throws IOException {
        int count = 200;
        ByteBuffer buffer = buffer();
        for (int i = 0; i < count; i++) {
            read(channel, buffer, ThreadLocalRandom.current().nextLong(blocks));
        }
        return count;
    }

    private static void read(FileChannel channel, ByteBuffer buffer, long block)
            throws IOException {
        buffer.clear();
        if (channel.read(buffer, block * BLOCK) != BLOCK) {
            throw new IOException("a read was cut short");
        }
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(2 * BLOCK).alignedSlice(BLOCK).slice(0, BLOCK);
    }
}

package dev.ringwatch.uring.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.ringwatch.uring.loop.FileOption;
import dev.ringwatch.uring.loop.FixedBuffers;
import dev.ringwatch.uring.loop.PooledBuffer;
import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringFile;
import dev.ringwatch.uring.loop.UringOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Writes what it reads, a line each, into a log that is on the disk before it says so.
 *
 * <pre>
 * LogWriter FILE &lt; lines
 * </pre>
 *
 * <p>Past the page cache (O_DIRECT) only whole blocks are written, so the last block of a batch is
 * filled up with zeros and written again with the next batch. One fdatasync makes a whole batch
 * durable: while it runs the next batch gathers, and the busier the log the larger the batches. At
 * the end the file is cut to its length.
 */
public final class LogWriter implements AutoCloseable {
    private static final int BLOCK = 4096;
    private static final int BATCH_BYTES = 256 * 1024;
    private static final int MOST_WAITING = 10_000;

    private final UringFile file;
    private final FixedBuffers pool;
    private final PooledBuffer buffer;
    private final ByteBuffer bytes;

    /** Where in the file the buffer begins: a multiple of a block. */
    private long position;

    private long batches;

    private LogWriter(UringFile file, FixedBuffers pool, PooledBuffer buffer) {
        this.file = file;
        this.pool = pool;
        this.buffer = buffer;
        bytes = buffer.bytes();
    }

    /** Runs until the standard input ends. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 1) {
            System.err.println("usage: LogWriter FILE < lines");
            System.exit(2);
        }
        BlockingQueue<List<String>> lines = new LinkedBlockingQueue<>(MOST_WAITING);
        Thread.ofPlatform().daemon().start(() -> read(lines));
        try (Uring uring = Uring.open(UringOptions.defaults());
                LogWriter log = open(uring, Path.of(args[0]))) {
            long count = log.write(lines);
            System.out.println(count + " lines in " + log.batches + " batches");
        }
    }

    /** Opens a log, which begins anew. */
    static LogWriter open(Uring uring, Path path) throws IOException, InterruptedException {
        UringFile file = uring.openFile(path, CREATE, TRUNCATE_EXISTING, WRITE, FileOption.DIRECT);
        FixedBuffers pool = uring.fixedBuffers(1, BATCH_BYTES);
        return new LogWriter(file, pool, pool.take());
    }

    /** Each line alone; at the end an empty list. */
    private static void read(BlockingQueue<List<String>> into) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
                into.put(List.of(line));
                line = reader.readLine();
            }
            into.put(List.of());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("the standard input broke off", e);
        }
    }

    /** Writes batches until the end: as many lines each as wait by then. */
    private long write(BlockingQueue<List<String>> lines) throws IOException, InterruptedException {
        long count = 0;
        while (true) {
            List<List<String>> batch = new ArrayList<>(List.of(lines.take()));
            lines.drainTo(batch);
            for (List<String> line : batch) {
                if (line.isEmpty()) {
                    sync();
                    return count;
                }
                append((line.getFirst() + "\n").getBytes(UTF_8));
                count++;
            }
            sync();
        }
    }

    private void append(byte[] line) throws IOException {
        int from = 0;
        while (from < line.length) {
            if (!bytes.hasRemaining()) {
                writeBlocks();
            }
            int part = Math.min(bytes.remaining(), line.length - from);
            bytes.put(line, from, part);
            from += part;
        }
    }

    private void sync() throws IOException {
        writeBlocks();
        file.sync(true);
        batches++;
    }

    /** Writes the blocks that have something in them, and keeps the last if it is not full. */
    private void writeBlocks() throws IOException {
        int used = bytes.position();
        int whole = used / BLOCK * BLOCK;
        int padded = (used + BLOCK - 1) / BLOCK * BLOCK;
        bytes.put(used, new byte[padded - used]);
        int written = 0;
        while (written < padded) {
            written += file.write(buffer, written, padded - written, position + written);
        }
        byte[] rest = new byte[used - whole];
        bytes.get(whole, rest);
        bytes.clear().put(rest);
        position += whole;
    }

    @Override
    public void close() throws IOException {
        try (file;
                pool;
                buffer) {
            file.truncate(position + bytes.position());
            file.sync(true);
        }
    }
}

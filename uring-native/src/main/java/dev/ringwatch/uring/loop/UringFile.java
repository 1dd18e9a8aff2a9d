package dev.ringwatch.uring.loop;

import static dev.ringwatch.uring.sys.Sys.call;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.loop.Job.Entry;
import dev.ringwatch.uring.loop.Job.Patience;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.Syscall;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * An open file: regular, directory, pipe or device.
 *
 * <p>Where io_uring runs, each call is an operation of a ring; elsewhere it is a plain system call on
 * a platform thread. Either way the calling virtual thread parks, and holds no carrier.
 *
 * <h2>Buffers</h2>
 *
 * <p>A call moves the bytes between a buffer's position and limit, perhaps fewer, and advances the
 * position by what it moved. A direct buffer is used in place; over an arena, the arena must not be
 * closed meanwhile. A heap buffer is staged through native memory, at most a
 * mebibyte at once.
 *
 * <h2>Interrupts and time limits</h2>
 *
 * <p>A call returns after the last completion, for until then the kernel owns the memory. An
 * interrupt does not cut it short: the thread's interrupt status is set when it returns. With a time
 * limit the operation is cancelled when the time is up, and if it did not succeed all the same an
 * {@link OperationTimeoutException} follows; a disk that has begun is waited for.
 *
 * <p>Errors of the kernel are {@link dev.ringwatch.uring.sys.ErrnoException}. After {@link #close}
 * calls throw {@link java.nio.channels.ClosedChannelException}, and those under way, if they could
 * be cancelled, {@link java.nio.channels.AsynchronousCloseException}.
 *
 * <p>Safe for use by many threads.
 */
public final class UringFile implements AutoCloseable {
    /** A file's own position, for a ring. */
    private static final long CURRENT = -1;

    private static final int RWF_APPEND = 0x10;
    private static final int EMPTY_PATH = 0x1000; // AT_EMPTY_PATH

    /** SYNC_FILE_RANGE_WAIT_BEFORE, WRITE and WAIT_AFTER. */
    private static final int WRITE_AND_WAIT = 7;

    private static final int STREAM_BYTES = 16 * 1024;

    /** RWF_NOWAIT of preadv2(2): what is not in the page cache is EAGAIN. */
    private static final int NO_WAIT = 8;

    private final Handle handle;
    private final String title;

    /** Whether reads are tried without waiting first; false once the file system refused that. */
    private volatile boolean triesCache;

    private final Pump<ByteBuffer> pump = new Pump<>("file-stream", Reads::new);

    /**
     * Takes over an open file.
     *
     * @param triesCache whether what the page cache has is read by the calling thread itself
     * @param title what it is called in errors
     */
    UringFile(Handle handle, boolean triesCache, String title) {
        this.handle = handle;
        this.triesCache = triesCache;
        this.title = title;
    }

    /** Whether {@link #close} was not called yet. */
    public boolean isOpen() {
        return handle.isOpen();
    }

    /** Whether it is a slot of a ring and no descriptor. */
    public boolean isSlot() {
        return handle.isSlot();
    }

    // Reading and writing.

    /**
     * Reads at a position, as pread(2).
     *
     * @return bytes read, 0 if the buffer has no room, -1 at the end
     */
    public int read(ByteBuffer into, long position) throws IOException {
        requireAbsolute(position);
        return read(into, position, Patience.FOREVER);
    }

    /** {@link #read(ByteBuffer, long)} within a time. */
    public int read(ByteBuffer into, long position, Duration limit) throws IOException {
        requireAbsolute(position);
        return read(into, position, Patience.of(limit, false));
    }

    /** Reads at the file's own position, as a pipe or a terminal wants it: read(2). */
    public int read(ByteBuffer into) throws IOException {
        return read(into, CURRENT, Patience.FOREVER);
    }

    /** {@link #read(ByteBuffer)} within a time. */
    public int read(ByteBuffer into, Duration limit) throws IOException {
        return read(into, CURRENT, Patience.of(limit, false));
    }

    /**
     * Writes at a position, as pwrite(2).
     *
     * @return bytes written
     */
    public int write(ByteBuffer from, long position) throws IOException {
        requireAbsolute(position);
        return write(from, position, Patience.FOREVER);
    }

    /** {@link #write(ByteBuffer, long)} within a time. */
    public int write(ByteBuffer from, long position, Duration limit) throws IOException {
        requireAbsolute(position);
        return write(from, position, Patience.of(limit, false));
    }

    /** Writes at the file's own position, as a pipe or a terminal wants it: write(2). */
    public int write(ByteBuffer from) throws IOException {
        return write(from, CURRENT, Patience.FOREVER);
    }

    /** {@link #write(ByteBuffer)} within a time. */
    public int write(ByteBuffer from, Duration limit) throws IOException {
        return write(from, CURRENT, Patience.of(limit, false));
    }

    /**
     * Writes at the end, wherever that is by then, and leaves the file's own position: RWF_APPEND
     * of pwritev2(2).
     *
     * @return bytes written
     */
    public int append(ByteBuffer from) throws IOException {
        int number = handle.number();
        try (Scratch scratch = new Scratch()) {
            long list = scratch.iovec(scratch.lendFilled(from)).address();
            Job job =
                    new Job(
                            "pwritev2",
                            to -> handle.mark(to.writeVector(number, list, 1, 0, RWF_APPEND)),
                            () -> call(Syscall.PWRITEV2, number, list, 1, 0, 0, RWF_APPEND));
            int bytes = run(scratch.of(job.keeping(from)), Patience.FOREVER, this::title);
            from.position(from.position() + bytes);
            return bytes;
        }
    }

    /**
     * Reads until the buffer is full.
     *
     * @throws EOFException if the file ends before; the buffer has what there was
     */
    public void readFully(ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int bytes = read(into, at);
            if (bytes < 0) {
                throw new EOFException(title + " ends at " + at);
            }
            at += bytes;
        }
    }

    /** Writes until the buffer is empty. */
    public void writeFully(ByteBuffer from, long position) throws IOException {
        long at = position;
        while (from.hasRemaining()) {
            at += write(from, at);
        }
    }

    /**
     * Reads into several buffers in turn, as preadv(2).
     *
     * @param into the first 1024 are used
     * @return bytes read, 0 if there is no room, -1 at the end
     */
    public long read(ByteBuffer[] into, long position) throws IOException {
        requireAbsolute(position);
        for (ByteBuffer buffer : into) {
            requireWritable(buffer);
        }
        try (Scratch scratch = new Scratch()) {
            List<MemorySegment> lent = scratch.lend(into, scratch::lend);
            long room = total(lent);
            Job job = vectorJob(true, scratch.iovecs(lent), position).keeping(into);
            int bytes = room == 0 ? 0 : run(scratch.of(job), Patience.FOREVER, at(room, position));
            Scratch.take(lent, into, bytes);
            return bytes == 0 && room > 0 ? -1 : bytes;
        }
    }

    /**
     * Writes from several buffers in turn, as pwritev(2).
     *
     * @param from the first 1024 are used
     * @return bytes written
     */
    public long write(ByteBuffer[] from, long position) throws IOException {
        requireAbsolute(position);
        try (Scratch scratch = new Scratch()) {
            List<MemorySegment> lent = scratch.lend(from, scratch::lendFilled);
            Job job = vectorJob(false, scratch.iovecs(lent), position).keeping(from);
            int bytes = run(scratch.of(job), Patience.FOREVER, at(total(lent), position));
            Scratch.advance(lent, from, bytes);
            return bytes;
        }
    }

    /**
     * Reads into a part of a pool's buffer. On rings with READ_FIXED, by the pool's loop: the kernel
     * neither looks up nor pins the memory again.
     *
     * @param offset where in the buffer
     * @param length at most so many bytes
     * @return bytes read, 0 if {@code length} is 0, -1 at the end
     */
    public int read(PooledBuffer into, int offset, int length, long position) throws IOException {
        requireAbsolute(position);
        if (length == 0) {
            return 0;
        }
        int number = handle.number();
        long address = into.address(offset, length);
        int index = into.indexFor(handle);
        Entry entry =
                index == PooledBuffer.UNREGISTERED
                        ? to -> handle.mark(to.read(number, address, length, position))
                        : to -> handle.mark(to.readFixed(number, address, length, position, index));
        Job job =
                new Job(
                        "pread",
                        entry,
                        () -> call(Syscall.PREAD64, number, address, length, position));
        int bytes = fixed(into, job, at(length, position));
        return bytes == 0 ? -1 : bytes;
    }

    /**
     * Writes a part of a pool's buffer; on rings with WRITE_FIXED, by the pool's loop.
     *
     * @param offset where in the buffer
     * @param length at most so many bytes
     * @return bytes written
     */
    public int write(PooledBuffer from, int offset, int length, long position) throws IOException {
        requireAbsolute(position);
        int number = handle.number();
        long address = from.address(offset, length);
        int index = from.indexFor(handle);
        Entry entry =
                index == PooledBuffer.UNREGISTERED
                        ? to -> handle.mark(to.write(number, address, length, position))
                        : to ->
                                handle.mark(
                                        to.writeFixed(number, address, length, position, index));
        Job job =
                new Job(
                        "pwrite",
                        entry,
                        () -> call(Syscall.PWRITE64, number, address, length, position));
        return fixed(from, job, at(length, position));
    }

    /**
     * {@link #read(ByteBuffer, long)} without waiting; the buffer is the file's until it is done.
     *
     * @return completes on the thread of a loop, which what depends on it must not block; cancelling
     *     it cancels nothing
     */
    public CompletableFuture<Integer> readAsync(ByteBuffer into, long position) throws IOException {
        requireAbsolute(position);
        requireWritable(into);
        if (!into.hasRemaining()) {
            return CompletableFuture.completedFuture(0);
        }
        MemorySegment lent = Scratch.lendLong(into);
        Job job = readJob(lent, position);
        job.keeping(List.of(lent, into));
        return begin(
                job,
                at(lent.byteSize(), position),
                bytes -> {
                    Scratch.take(lent, into, bytes);
                    return bytes == 0 ? -1 : bytes;
                });
    }

    /**
     * {@link #write(ByteBuffer, long)} without waiting; the buffer is the file's until it is done.
     *
     * @return as for {@link #readAsync}
     */
    public CompletableFuture<Integer> writeAsync(ByteBuffer from, long position)
            throws IOException {
        requireAbsolute(position);
        MemorySegment lent = Scratch.lendLongFilled(from);
        Job job = writeJob(lent, position);
        job.keeping(List.of(lent, from));
        return begin(
                job,
                at(lent.byteSize(), position),
                bytes -> {
                    from.position(from.position() + bytes);
                    return bytes;
                });
    }

    /**
     * {@link #sync(boolean)} without waiting.
     *
     * @return 0, as for {@link #readAsync}
     */
    public CompletableFuture<Integer> syncAsync(boolean dataOnly) throws IOException {
        return begin(syncJob(dataOnly), this::title, result -> result);
    }

    /**
     * What a pipe, a socket or a device brings, as a stream: to each subscriber on a virtual thread
     * of its own, and several subscribers share it. Nothing is read that was not asked for. Completes
     * at the end of the file and with {@link #close}. A regular file is read from its own position
     * on.
     */
    public Flow.Publisher<ByteBuffer> stream() {
        return pump;
    }

    // The file as a whole.

    /**
     * Waits until what was written is on the device: fsync(2), or fdatasync(2), which leaves out
     * metadata that reading does not need.
     */
    public void sync(boolean dataOnly) throws IOException {
        run(syncJob(dataOnly), Patience.FOREVER, this::title);
    }

    /** {@link #sync(boolean)} within a time. */
    public void sync(boolean dataOnly, Duration limit) throws IOException {
        run(syncJob(dataOnly), Patience.of(limit, false), this::title);
    }

    /**
     * Writes the dirty pages of a range and waits for them: sync_file_range(2). Neither metadata nor
     * the device's cache: no promise after a loss of power.
     *
     * @param length 0 to 2 GiB; 0 is to the end
     */
    public void syncRange(long position, int length) throws IOException {
        int number = handle.number();
        run(
                new Job(
                        "sync_file_range",
                        entry ->
                                handle.mark(
                                        entry.syncRange(number, position, length, WRITE_AND_WAIT)),
                        () ->
                                call(
                                        Syscall.SYNC_FILE_RANGE,
                                        number,
                                        position,
                                        length,
                                        WRITE_AND_WAIT)),
                Patience.FOREVER,
                at(length, position));
    }

    /**
     * Changes the space of a range.
     *
     * @param length more than 0
     * @throws dev.ringwatch.uring.sys.ErrnoException EOPNOTSUPP if the file system can't do that
     */
    public void allocate(Allocation what, long position, long length) throws IOException {
        int number = handle.number();
        run(
                new Job(
                        "fallocate",
                        entry -> handle.mark(entry.allocate(number, what.mode(), position, length)),
                        () -> call(Syscall.FALLOCATE, number, what.mode(), position, length)),
                Patience.FOREVER,
                () -> what + " " + at(length, position).get());
    }

    /** Makes the file this long: ftruncate(2). What is added reads as zeros. */
    public void truncate(long size) throws IOException {
        int number = handle.number();
        Job job =
                new Job(
                        "ftruncate",
                        entry -> handle.mark(entry.truncate(number, size)),
                        () -> call(Syscall.FTRUNCATE, number, size, 0));
        run(job, Patience.FOREVER, () -> title + " to " + size);
    }

    /** Tells the kernel what is coming: posix_fadvise(2). Length 0 is to the end. */
    public void advise(FileAdvice advice, long position, int length) throws IOException {
        int number = handle.number();
        run(
                new Job(
                        "fadvise64",
                        entry ->
                                handle.mark(
                                        entry.adviseFile(
                                                number, position, length, advice.number())),
                        () -> call(Syscall.FADVISE64, number, position, length, advice.number())),
                Patience.FOREVER,
                () -> advice + " " + at(length, position).get());
    }

    /** Its length in bytes. */
    public long size() throws IOException {
        return status().size();
    }

    /** What the kernel knows about it: statx(2). */
    public FileStatus status() throws IOException {
        return switch (handle.name()) {
            case Handle.Name.Descriptor descriptor -> status(handle.number());
            case Handle.Name.Slot slot -> { // statx takes no slots
                try (OwnedFd copy = duplicate()) {
                    yield status(copy.number());
                }
            }
        };
    }

    /**
     * Another descriptor for the same open file, closed on exec: dup(2), or of a slot the operation
     * that makes one.
     */
    public OwnedFd duplicate() throws IOException {
        return switch (handle.name()) {
            case Handle.Name.Descriptor descriptor -> Fds.dup(handle.number());
            case Handle.Name.Slot(RingLoop loop, int index) -> {
                Job job = Job.onRing("fixed_fd_install", entry -> entry.installSlot(index));
                yield OwnedFd.own(run(job, Patience.FOREVER, this::title));
            }
        };
    }

    private FileStatus status(int number) throws IOException {
        try (Scratch scratch = new Scratch()) {
            MemorySegment statx = scratch.allocate(FileStatus.SIZE);
            Job job = statusJob(number, scratch.text(""), EMPTY_PATH, statx);
            run(scratch.of(job), Patience.FOREVER, this::title);
            return FileStatus.of(statx);
        }
    }

    static Job statusJob(int directory, MemorySegment path, int flags, MemorySegment into) {
        long at = path.address();
        long to = into.address();
        int mask = FileStatus.MASK;
        return new Job(
                "statx",
                entry -> entry.status(directory, at, flags, mask, to),
                () -> call(Syscall.STATX, directory, at, flags, mask, to, 0));
    }

    // From file to file without the bytes coming here.

    /**
     * Moves bytes to another file, through a pipe in the kernel: splice(2).
     *
     * @return bytes moved, fewer than {@code count} if this file ends before
     */
    public long transferTo(long position, long count, UringFile to, long toPosition)
            throws IOException {
        requireAbsolute(position);
        requireAbsolute(toPosition);
        try (Splice splice = new Splice(to.handle, toPosition)) {
            return transfer(position, count, splice);
        }
    }

    /**
     * Moves bytes to a socket, a pipe or a file's own position: splice(2).
     *
     * @param descriptor of where to; must stay open meanwhile
     * @return as for {@link #transferTo(long, long, UringFile, long)}
     */
    public long transferTo(long position, long count, OwnedFd descriptor) throws IOException {
        requireAbsolute(position);
        Handle to = new Handle(handle.engine(), new Handle.Name.Descriptor(descriptor));
        try (Splice splice = new Splice(to, CURRENT)) {
            return transfer(position, count, splice);
        }
    }

    private long transfer(long position, long count, Splice splice) throws IOException {
        long moved = 0;
        while (moved < count) {
            int step = (int) Math.min(Splice.MOST, count - moved);
            int taken = splice.fill(handle, position + moved, step);
            if (taken == 0) {
                break;
            }
            splice.empty(taken);
            moved += taken;
        }
        return moved;
    }

    /** Waits for the operations under way, cancels those that can be, and closes the file. */
    @Override
    public void close() throws IOException {
        pump.close();
        handle.close();
    }

    // How.

    /**
     * One read for each item asked for. A multishot read would save operations, but of a FIFO, or a
     * pipe opened by its path, it never tells the end (6.18): it asks poll(2) for input, and a hang-up
     * is none.
     */
    private final class Reads implements Pump.Source<ByteBuffer> {
        @Override
        public Optional<ByteBuffer> next() throws IOException {
            ByteBuffer into = ByteBuffer.allocate(STREAM_BYTES);
            int bytes = read(into, CURRENT, Patience.UNTIL_INTERRUPT);
            return bytes < 0 ? Optional.empty() : Optional.of(into.flip());
        }

        @Override
        public void close() {}
    }

    private int read(ByteBuffer into, long position, Patience patience) throws IOException {
        requireWritable(into);
        if (!into.hasRemaining()) {
            return 0;
        }
        try (Scratch scratch = new Scratch()) {
            MemorySegment lent = scratch.lend(into);
            Job job = scratch.of(readJob(lent, position).keeping(into));
            if (triesCache && position != CURRENT) {
                job.quickly(fromCache(scratch.iovecs(List.of(lent)), handle.number(), position));
            }
            int bytes = run(job, patience, at(lent.byteSize(), position));
            Scratch.take(lent, into, bytes);
            return bytes == 0 ? -1 : bytes;
        }
    }

    private int write(ByteBuffer from, long position, Patience patience) throws IOException {
        try (Scratch scratch = new Scratch()) {
            MemorySegment lent = scratch.lendFilled(from);
            Job job = scratch.of(writeJob(lent, position).keeping(from));
            int bytes = run(job, patience, at(lent.byteSize(), position));
            from.position(from.position() + bytes);
            return bytes;
        }
    }

    private Job readJob(MemorySegment lent, long position) throws IOException {
        int number = handle.number();
        long address = lent.address();
        int length = (int) lent.byteSize();
        Job.Call plain =
                position == CURRENT
                        ? new ReadyCall(
                                number,
                                ReadyCall.IN,
                                () -> call(Syscall.READ, number, address, length))
                        : () -> call(Syscall.PREAD64, number, address, length, position);
        return new Job(
                position == CURRENT ? "read" : "pread",
                entry -> handle.mark(entry.read(number, address, length, position)),
                plain);
    }

    /** The whole read, if the page cache has all of it: copying is cheaper than asking a ring. */
    private Job.Call fromCache(MemorySegment iovecs, int number, long position) {
        long length = iovecs.get(JAVA_LONG, Iovec.LEN);
        return () -> {
            long read = call(Syscall.PREADV2, number, iovecs.address(), 1, position, 0, NO_WAIT);
            if (read == -Errno.EOPNOTSUPP.code()) {
                triesCache = false;
            }
            return read == length || read == 0 ? read : -Errno.EAGAIN.code();
        };
    }

    private Job writeJob(MemorySegment lent, long position) throws IOException {
        int number = handle.number();
        long address = lent.address();
        int length = (int) lent.byteSize();
        Job.Call plain =
                position == CURRENT
                        ? new ReadyCall(
                                number,
                                ReadyCall.OUT,
                                () -> call(Syscall.WRITE, number, address, length))
                        : () -> call(Syscall.PWRITE64, number, address, length, position);
        return new Job(
                position == CURRENT ? "write" : "pwrite",
                entry -> handle.mark(entry.write(number, address, length, position)),
                plain);
    }

    private Job vectorJob(boolean reading, MemorySegment iovecs, long position) throws IOException {
        int number = handle.number();
        long list = iovecs.address();
        int count = (int) (iovecs.byteSize() / Iovec.SIZE);
        return reading
                ? new Job(
                        "preadv",
                        entry -> handle.mark(entry.readVector(number, list, count, position, 0)),
                        () -> call(Syscall.PREADV, number, list, count, position))
                : new Job(
                        "pwritev",
                        entry -> handle.mark(entry.writeVector(number, list, count, position, 0)),
                        () -> call(Syscall.PWRITEV, number, list, count, position));
    }

    private Job syncJob(boolean dataOnly) throws IOException {
        int number = handle.number();
        Syscall call = dataOnly ? Syscall.FDATASYNC : Syscall.FSYNC;
        return new Job(
                call.call(),
                entry -> handle.mark(entry.sync(number, 0, 0, dataOnly)),
                () -> call(call, number, 0, 0));
    }

    private int fixed(PooledBuffer buffer, Job job, Supplier<String> detail) throws IOException {
        buffer.lend();
        try {
            handle.run(buffer.engineFor(handle), job, Patience.FOREVER);
            return job.result(detail, Patience.FOREVER);
        } finally {
            if (!job.isLost()) {
                buffer.back();
            }
        }
    }

    private int run(Job job, Patience patience, Supplier<String> detail) throws IOException {
        handle.run(job, patience);
        return job.result(detail, patience);
    }

    private CompletableFuture<Integer> begin(
            Job job, Supplier<String> detail, IntUnaryOperator then) throws IOException {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        handle.begin(
                job,
                () -> {
                    try {
                        int result = job.result(detail, Patience.FOREVER);
                        future.complete(then.applyAsInt(result));
                    } catch (IOException | RuntimeException e) {
                        future.completeExceptionally(e);
                    }
                });
        return future;
    }

    /** What an operation is about; made for errors only. */
    private Supplier<String> at(long length, long position) {
        return () -> {
            String where = position == CURRENT ? "" : " at " + position;
            return length + " bytes" + where + " of " + title;
        };
    }

    private String title() {
        return title;
    }

    private static long total(List<MemorySegment> lent) {
        return lent.stream().mapToLong(MemorySegment::byteSize).sum();
    }

    private static void requireAbsolute(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("a position is 0 or more, not " + position);
        }
    }

    private static void requireWritable(ByteBuffer into) {
        if (into.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
    }

    @Override
    public String toString() {
        return "UringFile[" + title + "]";
    }
}

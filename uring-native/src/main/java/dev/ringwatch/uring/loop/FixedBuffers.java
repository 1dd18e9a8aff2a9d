package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.BufferTable;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.MappedMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A pool of buffers for files, all of one size and aligned to pages, as {@link FileOption#DIRECT}
 * needs.
 *
 * <p>On rings they are registered with one loop, the pool's: it pins them once and not with every
 * operation. Pinned memory counts against RLIMIT_MEMLOCK. Elsewhere they are plain native memory.
 *
 * <p>Safe for use by many threads.
 */
public final class FixedBuffers implements AutoCloseable {
    private static final int PAGE = 4096;

    /** Where the buffers are registered. */
    private record Registration(RingEngine engine, BufferTable table) {}

    private final MappedMemory memory;
    private final int count;
    private final int bytes;
    private final Optional<Registration> registration;
    private final Semaphore free;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Integer> indices = new ConcurrentLinkedQueue<>();

    private FixedBuffers(
            MappedMemory memory, int count, int bytes, Optional<Registration> registration) {
        this.memory = memory;
        this.count = count;
        this.bytes = bytes;
        this.registration = registration;
        free = new Semaphore(count);
        for (int index = 0; index < count; index++) {
            indices.add(index);
        }
    }

    /** Buffers that no ring knows. */
    static FixedBuffers plain(int count, int bytes) throws ErrnoException {
        return new FixedBuffers(map(count, bytes), count, bytes, Optional.empty());
    }

    /**
     * Buffers registered with a loop.
     *
     * @throws ErrnoException EBUSY if the loop has a pool already
     */
    static FixedBuffers registered(RingLoop loop, int count, int bytes) throws IOException {
        MappedMemory memory = map(count, bytes);
        MemorySegment[] buffers = new MemorySegment[count];
        for (int index = 0; index < count; index++) {
            buffers[index] = slice(memory, index, bytes);
        }
        try {
            BufferTable table = LoopTask.call(loop, () -> loop.ring().registerBuffers(buffers));
            Registration registration = new Registration(new RingEngine(loop), table);
            return new FixedBuffers(memory, count, bytes, Optional.of(registration));
        } catch (IOException | RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    private static MappedMemory map(int count, int bytes) throws ErrnoException {
        if (count < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "a pool has 1 buffer of 1 byte or more, not " + count + " of " + bytes);
        }
        return MappedMemory.map(
                (long) count * padded(bytes),
                MappedMemory.PROT_READ | MappedMemory.PROT_WRITE,
                MappedMemory.MAP_PRIVATE | MappedMemory.MAP_ANONYMOUS,
                -1,
                0);
    }

    private static MemorySegment slice(MappedMemory memory, int index, int bytes) {
        return memory.segment().asSlice((long) index * padded(bytes), bytes);
    }

    private static long padded(int bytes) {
        return ((long) bytes + PAGE - 1) / PAGE * PAGE;
    }

    /** Buffers of the pool. */
    public int count() {
        return count;
    }

    /** Bytes of each. */
    public int bytes() {
        return bytes;
    }

    /** Whether a ring knows them. */
    public boolean isRegistered() {
        return registration.isPresent();
    }

    /** Buffers that nobody has. */
    public int available() {
        return closed.get() ? 0 : free.availablePermits();
    }

    /**
     * A buffer, when one is free.
     *
     * @throws IllegalStateException if the pool is closed, also meanwhile
     */
    public PooledBuffer take() throws InterruptedException {
        free.acquire();
        return give();
    }

    /**
     * A buffer, if one is free.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public Optional<PooledBuffer> tryTake() {
        return free.tryAcquire() ? Optional.of(give()) : Optional.empty();
    }

    private PooledBuffer give() {
        if (closed.get()) {
            free.release(); // for the next who waits and is to hear of it
            throw new IllegalStateException("the pool of buffers is closed; make another");
        }
        int index = indices.remove();
        return new PooledBuffer(this, slice(memory, index, bytes), index);
    }

    void takeBack(int index) {
        indices.add(index);
        free.release();
    }

    /** The engine that works on a file with registered buffers, if one can. */
    Optional<Engine> engineFor(Handle file) {
        return registration
                .map(Registration::engine)
                .filter(file::isUsableBy)
                .map(Engine.class::cast);
    }

    /**
     * Unregisters and frees the memory. Does nothing the second time.
     *
     * @throws IllegalStateException if buffers are not back
     */
    @Override
    public void close() throws IOException {
        if (closed.get()) {
            return;
        }
        if (!free.tryAcquire(count)) {
            throw new IllegalStateException(
                    count - available() + " buffers of the pool are in use; close them first");
        }
        closed.set(true);
        free.release(); // those who wait are told, one by the other
        if (registration.isPresent()) {
            unregister(registration.get());
        }
        memory.close();
    }

    private static void unregister(Registration registration) throws IOException {
        RingLoop loop = registration.engine().loop();
        LoopTask.callUnlessClosing(
                loop,
                () -> {
                    registration.table().unregister();
                    return true;
                });
    }
}

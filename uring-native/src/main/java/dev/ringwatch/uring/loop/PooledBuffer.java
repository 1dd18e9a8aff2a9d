package dev.ringwatch.uring.loop;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A buffer of {@link FixedBuffers} while a program has it, page-aligned.
 *
 * <p>Good until {@link #close()}. One thread at a time, but operations of several files may use
 * parts of it at once.
 */
public final class PooledBuffer implements AutoCloseable {
    /** As an index: the ring that runs the operation does not know the buffer. */
    static final int UNREGISTERED = -1;

    /** Closed; otherwise how many operations use it. */
    private static final int CLOSED = -1;

    private final FixedBuffers pool;
    private final MemorySegment memory;
    private final int index;
    private final AtomicInteger users = new AtomicInteger();

    PooledBuffer(FixedBuffers pool, MemorySegment memory, int index) {
        this.pool = pool;
        this.memory = memory;
        this.index = index;
    }

    /**
     * The whole buffer, as a new view: position 0, limit its size, native byte order.
     *
     * @throws IllegalStateException if it was closed, or an operation uses it
     */
    public ByteBuffer bytes() {
        requireIdle();
        return memory.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** Its size in bytes. */
    public int size() {
        return (int) memory.byteSize();
    }

    /** Where a part of it lies. */
    long address(int offset, int length) {
        requireOpen();
        Objects.checkFromIndexSize(offset, length, size());
        return memory.address() + offset;
    }

    /** The number by which the ring that works on a file knows it, or {@link #UNREGISTERED}. */
    int indexFor(Handle file) {
        return pool.engineFor(file).isPresent() ? index : UNREGISTERED;
    }

    /** Who works on a file with it. */
    Engine engineFor(Handle file) {
        return pool.engineFor(file).orElse(file.engine());
    }

    /** An operation has it now. */
    void lend() {
        if (users.getAndUpdate(now -> now == CLOSED ? CLOSED : now + 1) == CLOSED) {
            throw closed();
        }
    }

    /** An operation had its last completion. */
    void back() {
        users.decrementAndGet();
    }

    /**
     * Gives the buffer back to its pool. Does nothing the second time.
     *
     * @throws IllegalStateException if an operation uses it
     */
    @Override
    public void close() {
        int before = users.compareAndExchange(0, CLOSED);
        if (before > 0) {
            throw inUse(before);
        }
        if (before == 0) {
            pool.takeBack(index);
        }
    }

    private void requireIdle() {
        int now = users.get();
        if (now > 0) {
            throw inUse(now);
        }
        requireOpen();
    }

    private void requireOpen() {
        if (users.get() == CLOSED) {
            throw closed();
        }
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the buffer was given back to its pool; take another");
    }

    private static IllegalStateException inUse(int operations) {
        return new IllegalStateException(
                operations + " operations use the buffer; wait for them before");
    }
}

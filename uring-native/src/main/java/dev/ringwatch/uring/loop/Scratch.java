package dev.ringwatch.uring.loop;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Native memory of the jobs that one thread waits for, and of them only: freed after the last
 * completion, and never if a loop ended with one in the kernel.
 */
final class Scratch implements AutoCloseable {
    /** The most that a heap buffer moves at once; more takes more operations. */
    static final int MOST_STAGED = 1 << 20;

    /** The most of one call, IOV_MAX. */
    private static final int MOST_BUFFERS = 1024;

    private static final int PAGE = 4096;

    private final Arena arena = Arena.ofConfined();
    private final List<Job> users = new ArrayList<>(1);

    /** Where more of it comes from. */
    SegmentAllocator allocator() {
        return arena;
    }

    /** A string with a zero byte behind it. */
    MemorySegment text(String text) {
        return arena.allocateFrom(text);
    }

    /** Zeroed memory. */
    MemorySegment allocate(long bytes) {
        return arena.allocate(Math.max(1, bytes), 8).asSlice(0, bytes);
    }

    /** The buffer's own memory, or as much native memory as a heap buffer moves at once. */
    MemorySegment lend(ByteBuffer buffer) {
        return lend(arena, buffer);
    }

    private static MemorySegment lend(Arena arena, ByteBuffer buffer) {
        if (buffer.isDirect()) {
            return alive(MemorySegment.ofBuffer(buffer));
        }
        int bytes = Math.min(buffer.remaining(), MOST_STAGED);
        // Aligned for files that bypass the page cache.
        return arena.allocate(Math.max(1, bytes), PAGE).asSlice(0, bytes);
    }

    /** The memory of a direct buffer, of which the kernel is given the bare address. */
    static MemorySegment alive(MemorySegment memory) {
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException(
                    "the buffer's memory is freed: the arena that it is of was closed");
        }
        return memory;
    }

    /** {@link #lend} with the buffer's content in it. */
    MemorySegment lendFilled(ByteBuffer buffer) {
        return fill(lend(buffer), buffer);
    }

    /** {@link #lend(ByteBuffer)} for a job that outlives the call; reachable, it stays. */
    static MemorySegment lendLong(ByteBuffer buffer) {
        return lend(Arena.ofAuto(), buffer);
    }

    /** {@link #lendLong} with the buffer's content in it. */
    static MemorySegment lendLongFilled(ByteBuffer buffer) {
        return fill(lendLong(buffer), buffer);
    }

    private static MemorySegment fill(MemorySegment lent, ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            lent.copyFrom(MemorySegment.ofBuffer(buffer).asSlice(0, lent.byteSize()));
        }
        return lent;
    }

    /** Takes what was read into lent memory: copies it where there is a copy, and advances. */
    static void take(MemorySegment lent, ByteBuffer buffer, int bytes) {
        if (!buffer.isDirect()) {
            MemorySegment.copy(lent, 0, MemorySegment.ofBuffer(buffer), 0, bytes);
        }
        buffer.position(buffer.position() + bytes);
    }

    /** Lends the first 1024 buffers, but no more after a mebibyte of heap buffers is staged. */
    List<MemorySegment> lend(ByteBuffer[] buffers, Function<ByteBuffer, MemorySegment> how) {
        List<MemorySegment> lent = new ArrayList<>();
        long staged = 0;
        for (ByteBuffer buffer : buffers) {
            if (staged >= MOST_STAGED || lent.size() == MOST_BUFFERS) {
                break;
            }
            MemorySegment memory = how.apply(buffer);
            lent.add(memory);
            staged += buffer.isDirect() ? 0 : memory.byteSize();
        }
        return lent;
    }

    /** The struct iovec of lent memory. */
    MemorySegment iovec(MemorySegment lent) {
        return iovecs(List.of(lent));
    }

    /** The struct iovec of each. */
    MemorySegment iovecs(List<MemorySegment> lent) {
        MemorySegment list = allocate((long) Iovec.SIZE * lent.size());
        long at = 0;
        for (MemorySegment each : lent) {
            list.set(JAVA_LONG, at + Iovec.BASE, each.address());
            list.set(JAVA_LONG, at + Iovec.LEN, each.byteSize());
            at += Iovec.SIZE;
        }
        return list;
    }

    /** {@link #take(MemorySegment, ByteBuffer, int)} of bytes that fill several in turn. */
    static void take(List<MemorySegment> lent, ByteBuffer[] buffers, int bytes) {
        int left = bytes;
        for (int i = 0; i < lent.size(); i++) {
            int here = (int) Math.min(left, lent.get(i).byteSize());
            take(lent.get(i), buffers[i], here);
            left -= here;
        }
    }

    /** Advances buffers from which so many bytes were written in turn. */
    static void advance(List<MemorySegment> lent, ByteBuffer[] buffers, int bytes) {
        int left = bytes;
        for (int i = 0; i < lent.size(); i++) {
            int here = (int) Math.min(left, lent.get(i).byteSize());
            buffers[i].position(buffers[i].position() + here);
            left -= here;
        }
    }

    /** Notes a job that uses the memory. */
    Job of(Job user) {
        users.add(user);
        return user;
    }

    /** Frees the memory, unless the kernel has it for good. */
    @Override
    public void close() {
        if (users.stream().noneMatch(Job::isLost)) {
            arena.close();
        }
    }
}

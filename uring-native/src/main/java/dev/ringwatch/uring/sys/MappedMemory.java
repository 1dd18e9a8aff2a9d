package dev.ringwatch.uring.sys;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A mapping of a file or of anonymous memory, unmapped exactly once.
 *
 * <p>After {@link #close()} an access through {@link #segment()} is an exception, never a fault:
 * the segment belongs to a shared arena that is closed first. Closing an arena stops each thread for
 * a moment, so who needs several mappings should bind them to one arena with {@link #map(Arena,
 * long, int, int, int, long)}.
 *
 * <p>Safe for use by many threads. Source: mmap(2).
 */
public final class MappedMemory implements AutoCloseable {
    /** Pages may be read. */
    public static final int PROT_READ = 1;

    /** Pages may be written. */
    public static final int PROT_WRITE = 2;

    /** Writes are seen by the file and by other mappings. */
    public static final int MAP_SHARED = 1;

    /** Writes are seen here only. */
    public static final int MAP_PRIVATE = 2;

    /** No file; pass descriptor -1. */
    public static final int MAP_ANONYMOUS = 0x20;

    /** Fill the page tables at once. */
    public static final int MAP_POPULATE = 0x8000;

    private final Arena arena;
    private final MemorySegment segment;
    private final AtomicBoolean closed = new AtomicBoolean();

    private MappedMemory(Arena arena, MemorySegment segment) {
        this.arena = arena;
        this.segment = segment;
    }

    /**
     * Maps memory with an arena of its own.
     *
     * @param length bytes, more than 0
     * @param protection {@code PROT_} constants
     * @param flags {@code MAP_} constants
     * @param fd the file, or -1
     * @param offset where in the file, a multiple of the page size
     * @throws ErrnoException what mmap(2) says
     */
    public static MappedMemory map(long length, int protection, int flags, int fd, long offset)
            throws ErrnoException {
        Arena arena = Arena.ofShared();
        try {
            return new MappedMemory(arena, map(arena, length, protection, flags, fd, offset));
        } catch (ErrnoException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Maps memory that is unmapped when the arena closes.
     *
     * @param arena a shared or confined arena
     * @return the mapping; its other parameters are as for {@link #map(long, int, int, int, long)}
     * @throws ErrnoException what mmap(2) says
     */
    @SuppressWarnings("restricted") // the length is the one the kernel just mapped
    public static MemorySegment map(
            Arena arena, long length, int protection, int flags, int fd, long offset)
            throws ErrnoException {
        long address =
                Sys.check(
                        Syscall.MMAP,
                        Sys.call(Syscall.MMAP, 0, length, protection, flags, fd, offset),
                        describe(length, fd, offset));
        return MemorySegment.ofAddress(address)
                .reinterpret(length, arena, memory -> unmap(memory.address(), length));
    }

    /** The memory; every access after {@link #close()} throws IllegalStateException. */
    public MemorySegment segment() {
        return segment;
    }

    /** Unmaps; does nothing the second time. */
    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            arena.close();
        }
    }

    private static void unmap(long address, long length) {
        try {
            Sys.check(Syscall.MUNMAP, Sys.call(Syscall.MUNMAP, address, length, 0), "");
        } catch (ErrnoException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String describe(long length, int fd, long offset) {
        return length + " bytes of fd " + fd + " at 0x" + Long.toHexString(offset);
    }
}

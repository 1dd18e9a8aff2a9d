package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** struct io_uring_rsrc_register and io_uring_rsrc_update2: tables of files and of buffers. */
final class ResourceRequest {
    private static final int SIZE = 32;

    private static final int REGISTER_FLAGS = 4;
    private static final int REGISTER_DATA = 16;
    private static final int REGISTER_TAGS = 24;
    private static final int SPARSE = 1;

    private static final int UPDATE_DATA = 8;
    private static final int UPDATE_TAGS = 16;
    private static final int UPDATE_COUNT = 24;

    private ResourceRequest() {}

    /** A table with something in its slots. */
    static MemorySegment register(Arena arena, int count, MemorySegment data, MemorySegment tags) {
        MemorySegment request = arena.allocate(SIZE, 8);
        request.set(JAVA_INT, 0, count);
        request.set(JAVA_LONG, REGISTER_DATA, data.address());
        request.set(JAVA_LONG, REGISTER_TAGS, tags.address());
        return request;
    }

    /** A table of empty slots. */
    static MemorySegment sparse(Arena arena, int count) {
        MemorySegment request = arena.allocate(SIZE, 8);
        request.set(JAVA_INT, 0, count);
        request.set(JAVA_INT, REGISTER_FLAGS, SPARSE);
        return request;
    }

    /** A change of slots. */
    static MemorySegment update(
            Arena arena, int first, int count, MemorySegment data, MemorySegment tags) {
        MemorySegment request = arena.allocate(SIZE, 8);
        request.set(JAVA_INT, 0, first);
        request.set(JAVA_LONG, UPDATE_DATA, data.address());
        request.set(JAVA_LONG, UPDATE_TAGS, tags.address());
        request.set(JAVA_INT, UPDATE_COUNT, count);
        return request;
    }
}

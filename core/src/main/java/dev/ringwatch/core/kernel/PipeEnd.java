package dev.ringwatch.core.kernel;

import org.jspecify.annotations.Nullable;

/** One end of a pipe. */
final class PipeEnd {
    /** What both ends share. */
    static final class Buffer {
        int bytes;
        @Nullable OpenFile reader;
        @Nullable OpenFile writer;
    }

    final Buffer buffer;
    final boolean writes;

    PipeEnd(Buffer buffer, boolean writes) {
        this.buffer = buffer;
        this.writes = writes;
    }

    void close() {
        if (writes) {
            buffer.writer = null;
        } else {
            buffer.reader = null;
        }
    }

    boolean hungUp() {
        return writes ? buffer.reader == null : buffer.writer == null;
    }

    boolean readable() {
        return hungUp() || (!writes && buffer.bytes > 0);
    }
}

package dev.ringwatch.uring;

import java.lang.foreign.MemorySegment;

/**
 * Something a ring does.
 *
 * <p>Memory named by an operation is native and stays alive, unmoved and the kernel's until the last
 * completion. Source: io_uring_enter(2), which gives each operation's results and errors.
 */
public sealed interface Operation {
    /** As the offset of a read or write: the file's own position. */
    long CURRENT_POSITION = -1;

    /** Poll event: there is something to read. */
    int POLLIN = 1;

    /** Poll event: there is room to write. */
    int POLLOUT = 4;

    /** Nothing; completes with 0. */
    record Nop() implements Operation {}

    /**
     * read(2) or pread(2).
     *
     * @param into room for the bytes
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     */
    record Read(Target file, MemorySegment into, long offset) implements Operation {
        /** Refuses memory the kernel can't reach. */
        public Read {
            requireNative(into);
        }
    }

    /**
     * write(2) or pwrite(2).
     *
     * @param from the bytes
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     */
    record Write(Target file, MemorySegment from, long offset) implements Operation {
        /** Refuses memory the kernel can't reach. */
        public Write {
            requireNative(from);
        }
    }

    /**
     * A read into a registered buffer.
     *
     * @param into a part of the buffer
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param buffer the buffer's index in the table
     */
    record ReadFixed(Target file, MemorySegment into, long offset, int buffer)
            implements Operation {
        /** Refuses memory the kernel can't reach. */
        public ReadFixed {
            requireNative(into);
        }
    }

    /**
     * A write from a registered buffer.
     *
     * @param from a part of the buffer
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param buffer the buffer's index in the table
     */
    record WriteFixed(Target file, MemorySegment from, long offset, int buffer)
            implements Operation {
        /** Refuses memory the kernel can't reach. */
        public WriteFixed {
            requireNative(from);
        }
    }

    /**
     * poll(2): completes when the file is ready, with the events that are.
     *
     * @param events {@code POLL} constants; errors and hang-up are always reported
     * @param multishot completes each time, until cancelled
     */
    record PollAdd(Target file, int events, boolean multishot) implements Operation {}

    /**
     * sendmsg(2).
     *
     * @param message a struct msghdr; it and all it points to belong to the kernel meanwhile
     * @param flags {@code MSG_} constants
     */
    record SendMessage(Target socket, MemorySegment message, int flags) implements Operation {
        /** Refuses memory the kernel can't reach. */
        public SendMessage {
            requireNative(message);
        }
    }

    /**
     * recvmsg(2).
     *
     * @param message a struct msghdr; it and all it points to belong to the kernel meanwhile
     * @param flags {@code MSG_} constants
     */
    record ReceiveMessage(Target socket, MemorySegment message, int flags) implements Operation {
        /** Refuses memory the kernel can't reach. */
        public ReceiveMessage {
            requireNative(message);
        }
    }

    /**
     * Cancels one operation; the cancelled one completes too, in either order, and may succeed.
     *
     * @param userData what it was submitted with
     */
    record Cancel(long userData) implements Operation {}

    /** Cancels every operation on a file; completes with how many. Since 5.19. */
    record CancelFile(Target file) implements Operation {}

    /** Cancels every operation of the ring; completes with how many. Since 5.19. */
    record CancelAll() implements Operation {}

    private static void requireNative(MemorySegment memory) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException(
                    "the kernel works in this memory while the program runs on: it must be native,"
                            + " not a Java array");
        }
        if (memory.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "one operation moves at most 2147483647 bytes, this memory has "
                            + memory.byteSize());
        }
    }
}

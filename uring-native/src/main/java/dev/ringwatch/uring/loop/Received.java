package dev.ringwatch.uring.loop;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One link of an {@link Inbox}: bytes, or the end. */
abstract sealed class Received {
    /** Written by who puts, read by who takes: what is before it is seen with it. */
    volatile @Nullable Received next;

    /** Bytes in memory that is somebody's, who gets it back when they were read. */
    static final class Bytes extends Received {
        private final MemorySegment memory;
        private final int end;
        private final Runnable giveBack;
        private int position;

        Bytes(MemorySegment memory, int from, int length, Runnable giveBack) {
            this.memory = memory;
            this.position = from;
            this.end = from + length;
            this.giveBack = giveBack;
        }

        /** Moves what fits; true if nothing is left. */
        boolean moveTo(ByteBuffer into) {
            int count = Math.min(end - position, into.remaining());
            MemorySegment.copy(memory, position, MemorySegment.ofBuffer(into), 0, count);
            into.position(into.position() + count);
            position += count;
            return position == end;
        }

        /** Whether the loop it is from, and so its memory, is still there. */
        boolean isAlive() {
            return memory.scope().isAlive();
        }

        void giveBack() {
            giveBack.run();
        }
    }

    /** Nothing comes any more. */
    static final class End extends Received {
        private final int result;

        /**
         * The end.
         *
         * @param result 0 for the end of the stream, otherwise an error number negated
         */
        End(int result) {
            this.result = result;
        }

        int result() {
            return result;
        }
    }

    /** What was taken, or the beginning. */
    static final class Gone extends Received {}
}

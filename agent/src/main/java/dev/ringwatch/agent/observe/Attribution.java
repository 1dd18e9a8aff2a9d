package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.stacks.CallStack;
import java.time.Instant;
import java.util.Optional;

/**
 * Who made the last call that put a file where it is.
 *
 * @param tid the thread that called; {@code thread} is its name, chosen by the process itself
 * @param at when
 * @param stack where in the program, as far as it could be read
 */
public record Attribution(
        Kind kind, int pid, int tid, String thread, Instant at, Optional<CallStack> stack) {

    /** What the call did. */
    public enum Kind {
        /** io_uring_register(2), a whole table of files. */
        REGISTERED_FILES("registered by"),
        /** io_uring_register(2), some slots of a table. */
        UPDATED_FILES("updated by"),
        /** io_uring_register(2), buffers. */
        REGISTERED_BUFFERS("buffers registered by"),
        /** sendmsg(2) or its like, with SCM_RIGHTS. */
        SENT("sent by");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** Whether it made something hold a file. */
        public boolean putsFiles() {
            return this != REGISTERED_BUFFERS;
        }

        /** How it is told: {@code registered by}. */
        public String words() {
            return words;
        }
    }
}

package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.Syscall;
import java.util.List;

/**
 * One step of a program that a model or a live kernel can play.
 *
 * <p>What earlier steps gave is named by handles: wherever a {@link Syscall} has a descriptor, a
 * process id, a mapping, a request's number or the index of a registered ring, the call of a step
 * has a handle instead, a number from 0 that an earlier step bound. So a step can be left out without
 * changing what the others mean, and the same program runs where descriptors have other numbers.
 * Slots, counts and the negative constants of {@link Syscall} are themselves.
 */
public sealed interface Step {
    /** The handle of the process that a program begins with: bound from the start. */
    int FIRST_PROCESS = 0;

    /**
     * A system call.
     *
     * @param call with handles in place of what earlier steps gave
     * @param results the handles to bind to the values that the call gives, in order; those of a
     *     receive to the descriptors received. Fewer than values is fine
     */
    record Call(Syscall call, List<Integer> results) implements Step {
        /** Copies the list. */
        public Call {
            results = List.copyOf(results);
        }
    }

    /** All work that is due is done. */
    record Settle() implements Step {}

    /** An AF_UNIX socket is opened and closed, which starts the collector; then all is settled. */
    record Trigger() implements Step {}

    /** The collector takes so many steps, if it was started. */
    record Collect(int steps) implements Step {}

    /** The timeout fires behind which a request waits; ring and request by their handles. */
    record Fire(int process, int ring, int request) implements Step {}

    /** The oldest piece of work of a kind takes a step. */
    record Do(Kind kind) implements Step {
        /** What kind of work. */
        public enum Kind {
            /** The release of a file. */
            RELEASE,
            /** The end of a ring. */
            TEAR_DOWN,
            /** The last part of a connect. */
            FINISH_CONNECT
        }
    }

    /** From now on others act between the collector's steps, even where it runs inside a call. */
    record Interleave() implements Step {}
}

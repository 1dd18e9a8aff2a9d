package dev.ringwatch.core.leak;

import java.util.List;
import java.util.Optional;

/** What is known of the rings of one graph beyond references. Rings are indices into that graph. */
@FunctionalInterface
public interface RingView {
    /** Nothing is known. */
    RingView UNKNOWN = _ -> Optional.empty();

    /**
     * The processes with a task that has used the ring ({@code io_uring_task.xa}) and has not ended,
     * by process id; empty if that is not known. Whoever makes a ring has used it.
     */
    Optional<List<Integer>> users(int ring);
}

package dev.ringwatch.agent.stacks;

import java.util.List;

/**
 * The stack of a call, innermost frame first.
 *
 * @param notes what is not as it could be, each with its cure
 */
public record CallStack(List<Frame> frames, List<String> notes) {
    public CallStack {
        frames = List.copyOf(frames);
        notes = List.copyOf(notes);
    }
}

package dev.ringwatch.agent.bpf;

import java.util.List;

/**
 * A user stack in addresses of its process.
 *
 * @param start when the process began, in nanoseconds of CLOCK_BOOTTIME
 * @param caller the return address of the function that the first frame is in, should the frames
 *     leave its caller out; 0 if there is no telling
 * @param frames innermost first; from the second on, return addresses
 */
public record RawStack(long id, int pid, long start, long caller, List<Long> frames) {
    public RawStack {
        frames = List.copyOf(frames);
    }

    /** The most frames that are kept. */
    public static final int MAX_FRAMES = 64;
}

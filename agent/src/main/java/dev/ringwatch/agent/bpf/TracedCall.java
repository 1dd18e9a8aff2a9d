package dev.ringwatch.agent.bpf;

/**
 * A call that put a file into a ring's table or into a queue.
 *
 * @param stack the id of its user stack, of which {@link StackProbes#poll} tells; 0 if none could be
 *     read
 * @param nanos when, by CLOCK_MONOTONIC
 * @param pid the process
 * @param tid its thread
 * @param thread the thread's name
 */
public record TracedCall(long stack, long nanos, int pid, int tid, String thread) {
    public static final long NO_STACK = 0;
}

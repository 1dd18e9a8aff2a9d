package dev.ringwatch.uring.loop;

/**
 * By what means descriptors are passed, and why.
 *
 * @param means found out by passing one when {@link Uring} was opened
 * @param reason what the trial showed
 */
public record DescriptorPassing(Means means, String reason) {
    /** The means. */
    public enum Means {
        /** Operations of a ring. */
        RING,
        /** sendmsg(2) and recvmsg(2) on a platform thread. */
        PLAIN_CALLS
    }
}

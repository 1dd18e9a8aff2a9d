package dev.ringwatch.agent.bpf;

/**
 * One reference to what was looked for.
 *
 * @param subject what it refers to: the address of an open file; of the mount or inode for {@link
 *     How#CWD}, {@link How#ROOT}, {@link How#BOUND} and {@link How#CHILD}; of the namespace for
 *     {@link How#NAMESPACE}
 * @param owner what owns the reference: two records with equal subject, owner, number and how are
 *     one reference, seen through two tasks
 * @param pid the process, or 0
 * @param tid the thread, or 0
 * @param number what {@link #how} says
 */
public record FoundHolder(How how, long subject, long owner, long number, int pid, int tid) {

    /** How it refers to it; the order is that of {@code enum how} in why.h. */
    public enum How {
        /** The number is that of the descriptor. */
        DESCRIPTOR,
        /** The number is the address where the mapping begins. */
        MAPPING,
        EXECUTABLE,
        CWD,
        ROOT,
        NAMESPACE,
        /** The number is that of the socket's inode, 0 if it has none. */
        BOUND,
        /** The number is the id of the mount on it. */
        CHILD,
        /** The number is that of the loop device. */
        LOOP,
        /** A file of overlayfs has this one below. */
        BELOW
    }
}

package dev.ringwatch.agent.proc;

/** What could be learned about a ring. */
public sealed interface RingContents {

    /** The ring's {@code fdinfo} was read. */
    record Read(RingFdinfo fdinfo) implements RingContents {}

    /** Nothing is known of its tables. */
    record Unreadable(Reason reason) implements RingContents {}

    /** Why a ring could not be read. */
    enum Reason {
        /** Its lock was taken in every attempt, so that the kernel printed nothing about it. */
        BUSY,
        /** Reading it can crash this kernel: see {@link KernelRelease#ringFdinfoUnsafe()}. */
        KERNEL_UNSAFE,
        /** Reading another user's descriptors needs {@code PTRACE_MODE_READ_FSCREDS}. */
        DENIED,
        /** The process ended or closed the descriptor meanwhile. */
        GONE,
        /** Its {@code fdinfo} is longer than {@link ProcOptions#maxFileBytes()}. */
        TOO_LONG,
        /** The time budget was spent. */
        NOT_REACHED,
        /** The kernel gave an error that is none of these. */
        FAILED
    }
}

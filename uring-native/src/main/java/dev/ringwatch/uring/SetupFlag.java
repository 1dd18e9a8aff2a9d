package dev.ringwatch.uring;

import java.util.EnumSet;
import java.util.Set;

/**
 * How a ring behaves, chosen once when it is made.
 *
 * <p>Source: io_uring_setup(2), IORING_SETUP_ in include/uapi/linux/io_uring.h. The size of the
 * completion queue is in {@link RingOptions} and has no constant here.
 */
public enum SetupFlag {
    /**
     * Completions are polled for, not interrupted for: only for files opened with O_DIRECT on devices
     * that can; waiting is what polls. Cancelling is refused. Since 5.1.
     */
    IOPOLL(0),
    /** A kernel thread takes submissions, so that submitting needs no system call. Since 5.1. */
    SQPOLL(1),
    /** Sizes beyond the limit are cut down to it instead of refused. Since 5.6. */
    CLAMP(4),
    /** The ring takes no submissions until {@link IoUring#enable()}. Since 5.10. */
    R_DISABLED(6),
    /** An entry in error does not end the batch. Since 5.18. */
    SUBMIT_ALL(7),
    /** Completion work waits for the task's next system call; saves interrupts. Since 5.19. */
    COOP_TASKRUN(8),
    /** The ring's flags say that such work waits. Since 5.19. */
    TASKRUN_FLAG(9),
    /** Submission entries of 128 bytes. Since 5.19. */
    SQE128(10),
    /** Completion entries of 32 bytes. Since 5.19. */
    CQE32(11),
    /** Only one kernel task submits; another's is refused with EEXIST. Since 6.0. */
    SINGLE_ISSUER(12),
    /** Completions appear only while the owner waits or polls for them. Since 6.1. */
    DEFER_TASKRUN(13),
    /** The queues lie in memory of the process, which does not hold the ring. Since 6.5. */
    NO_MMAP(14),
    /** The ring has no descriptor, only a registration with the task that made it. Since 6.5. */
    REGISTERED_FD_ONLY(15),
    /** Entries are taken in order, without the array of indices between. Since 6.6. */
    NO_SQARRAY(16),
    /** With {@link #IOPOLL}: sleeps a while before it polls. Since 6.13. */
    HYBRID_IOPOLL(17),
    /** Completion entries of 16 or 32 bytes, as each operation needs. Since 6.18. */
    CQE_MIXED(18);

    private final int bit;

    SetupFlag(int shift) {
        bit = 1 << shift;
    }

    /** The value in io_uring_params.flags. */
    public int bit() {
        return bit;
    }

    /** The flags the kernel refuses this one without; any one of them is enough. */
    public Set<SetupFlag> needsOneOf() {
        return switch (this) {
            case DEFER_TASKRUN -> EnumSet.of(SINGLE_ISSUER);
            case TASKRUN_FLAG -> EnumSet.of(COOP_TASKRUN, DEFER_TASKRUN);
            case REGISTERED_FD_ONLY -> EnumSet.of(NO_MMAP);
            case HYBRID_IOPOLL -> EnumSet.of(IOPOLL);
            case IOPOLL, SQPOLL, CLAMP, R_DISABLED, SUBMIT_ALL, COOP_TASKRUN -> none();
            case SQE128, CQE32, SINGLE_ISSUER, NO_MMAP, NO_SQARRAY, CQE_MIXED -> none();
        };
    }

    /** The flags the kernel refuses together with this one. */
    public Set<SetupFlag> excludes() {
        return switch (this) {
            case SQPOLL -> EnumSet.of(COOP_TASKRUN, TASKRUN_FLAG, DEFER_TASKRUN);
            case COOP_TASKRUN, TASKRUN_FLAG, DEFER_TASKRUN -> EnumSet.of(SQPOLL);
            case CQE32 -> EnumSet.of(CQE_MIXED);
            case CQE_MIXED -> EnumSet.of(CQE32);
            case IOPOLL, HYBRID_IOPOLL, CLAMP, R_DISABLED, SUBMIT_ALL, SQE128 -> none();
            case SINGLE_ISSUER, NO_MMAP, REGISTERED_FD_ONLY, NO_SQARRAY -> none();
        };
    }

    /** The bits of a set of flags, together. */
    static int bits(Set<SetupFlag> flags) {
        int bits = 0;
        for (SetupFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }

    private static Set<SetupFlag> none() {
        return EnumSet.noneOf(SetupFlag.class);
    }
}

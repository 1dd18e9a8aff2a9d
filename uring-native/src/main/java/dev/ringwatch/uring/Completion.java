package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.Errno;

/**
 * How an operation went.
 *
 * <p>Source: struct io_uring_cqe, io_uring(7).
 *
 * @param userData what the submitter gave with the operation
 * @param result 0 or more as the operation defines, or an error number negated
 * @param flags {@code F_} constants; with {@link #F_BUFFER} the buffer's id in the upper 16 bits
 */
public record Completion(long userData, int result, int flags) {
    /** The kernel chose a buffer; its id is in the flags' upper 16 bits. */
    public static final int F_BUFFER = 1;

    /** More completions of the same operation will come. */
    public static final int F_MORE = 1 << 1;

    /** The socket has more to read. */
    public static final int F_SOCK_NONEMPTY = 1 << 2;

    /** The kernel lets go of a zero-copy send's buffer. */
    public static final int F_NOTIF = 1 << 3;

    /** The buffer stays the kernel's: it will put more into it. */
    public static final int F_BUF_MORE = 1 << 4;

    /** The completion has 32 bytes, on a ring with {@link SetupFlag#CQE_MIXED}. */
    public static final int F_32 = 1 << 15;

    /** Takes completions one at a time, without an object for each. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes one completion. Operations may be prepared and submitted from here, the ring may not
         * be drained or closed. If this throws, the completion counts as taken.
         */
        void completed(long userData, int result, int flags);
    }

    /** {@link Visitor} for completions of 32 bytes. */
    @FunctionalInterface
    public interface BigVisitor {
        /**
         * Takes one completion, as {@link Visitor#completed}.
         *
         * @param extra1 as the operation defines; without meaning on a ring with {@link
         *     SetupFlag#CQE_MIXED} unless the flags have {@link #F_32}
         * @param extra2 as {@code extra1}
         */
        void completed(long userData, int result, int flags, long extra1, long extra2);
    }

    /** Whether the operation failed. */
    public boolean failed() {
        return result < 0;
    }

    /** The error of a failed operation, {@link Errno#UNNAMED} of one that did not fail. */
    public Errno errno() {
        return Errno.of(-result);
    }

    /** Whether it is the operation's last. */
    public boolean last() {
        return isLast(flags);
    }

    /** Whether a completion with these flags is its operation's last: it has no F_MORE. */
    public static boolean isLast(int flags) {
        return (flags & F_MORE) == 0;
    }
}

package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Syscall;

/**
 * What each error of io_uring_enter(2) means to the caller.
 *
 * <p>These are errors of the call. An operation's own error comes in its completion.
 */
enum EnterFailure {
    /** A signal came; make the call again with the time left. */
    INTERRUPTED,
    /** The time is up; this is normal. */
    TIMED_OUT,
    /** No memory for a request now; take completions, then try again. */
    NO_MEMORY,
    /** Completions wait for room in their queue; take them first. */
    REAP_FIRST;

    /**
     * Sorts an error into those a program lives with, and throws the others.
     *
     * @param code the positive error number
     * @param fd the ring's descriptor, for the text
     */
    static EnterFailure of(int code, int fd) throws ErrnoException {
        return switch (Errno.of(code)) {
            case EINTR -> INTERRUPTED;
            case ETIME -> TIMED_OUT;
            case EAGAIN -> NO_MEMORY;
            case EBUSY -> REAP_FIRST;
            case EBADR ->
                    throw failed(
                            code,
                            fd,
                            "a completion was lost for want of memory; what"
                                    + " this ring's operations did is no longer known: close it");
            case EEXIST ->
                    throw failed(
                            code,
                            fd,
                            "another thread owns this SINGLE_ISSUER ring;"
                                    + " this is a defect here");
            case EBADFD -> throw failed(code, fd, "the ring is still disabled; call enable()");
            case EOWNERDEAD ->
                    throw failed(code, fd, "the kernel's poll thread died; make the ring anew");
            case EBADF -> throw failed(code, fd, "the descriptor is closed");
            case EOPNOTSUPP ->
                    throw failed(
                            code,
                            fd,
                            "the descriptor is not a ring's; someone"
                                    + " closed it and the number was used again");
            case ENXIO -> throw failed(code, fd, "the ring is being torn down");
            case EINVAL -> throw failed(code, fd, "this kernel does not know a flag of the call");
            case EFAULT ->
                    throw failed(
                            code,
                            fd,
                            "an argument was not in readable memory; this is a defect here");
            case EPERM, ENOSYS -> throw failed(code, fd, Sandbox.denied(Syscall.IO_URING_ENTER));
            default -> throw unexpected(code, fd);
        };
    }

    private static ErrnoException failed(int code, int fd, String why) {
        return new ErrnoException(
                Syscall.IO_URING_ENTER.call(), code, "ring fd " + fd + ": " + why);
    }

    private static ErrnoException unexpected(int code, int fd) {
        return failed(code, fd, "not an error io_uring_enter(2) lists");
    }
}

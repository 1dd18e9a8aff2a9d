package dev.ringwatch.core.kernel;

/** The errors that a modelled system call gives, with the numbers that Linux has for them. */
public enum Errno {
    /** Operation not permitted. */
    EPERM(1),
    /** No such file or directory. */
    ENOENT(2),
    /** No such process. */
    ESRCH(3),
    /** No such device or address. */
    ENXIO(6),
    /** Bad file descriptor. */
    EBADF(9),
    /** Resource temporarily unavailable: a call that may wait would. */
    EAGAIN(11),
    /** Permission denied. */
    EACCES(13),
    /** Device or resource busy. */
    EBUSY(16),
    /** No such device. */
    ENODEV(19),
    /** Invalid argument. */
    EINVAL(22),
    /** Too many open files in system; of a ring: no slot is free. */
    ENFILE(23),
    /** Too many open files. */
    EMFILE(24),
    /** Broken pipe. */
    EPIPE(32),
    /** File descriptor in bad state. */
    EBADFD(77),
    /** Socket operation on non-socket. */
    ENOTSOCK(88),
    /** Protocol wrong type for socket. */
    EPROTOTYPE(91),
    /** Operation not supported. */
    EOPNOTSUPP(95),
    /** Address already in use. */
    EADDRINUSE(98),
    /** Connection reset by peer. */
    ECONNRESET(104),
    /** Transport endpoint is already connected. */
    EISCONN(106),
    /** Transport endpoint is not connected. */
    ENOTCONN(107),
    /** Too many references: cannot splice. */
    ETOOMANYREFS(109),
    /** Connection refused. */
    ECONNREFUSED(111),
    /** Operation canceled. */
    ECANCELED(125);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** The number, positive. */
    public int number() {
        return number;
    }
}

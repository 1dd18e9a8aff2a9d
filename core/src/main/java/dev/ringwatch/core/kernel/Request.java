package dev.ringwatch.core.kernel;

/** An operation of io_uring, as far as it has to do with what holds which file. */
public sealed interface Request {
    /** Instead of a slot's number: any free one ({@code IORING_FILE_INDEX_ALLOC}). */
    int ANY_SLOT = -1;

    /** What a request names its file by. */
    sealed interface Target {
        /** A descriptor of the submitting process. */
        record Fd(int fd) implements Target {}

        /** A slot of the ring's table ({@code IOSQE_FIXED_FILE}). */
        record Slot(int slot) implements Target {}
    }

    /** {@code IORING_OP_NOP}. */
    record Nop() implements Request {}

    /** {@code IORING_OP_POLL_ADD} for input: completes when the file is readable or hung up. */
    record Poll(Target target) implements Request {}

    /**
     * {@code IORING_OP_POLL_ADD} for {@code POLLRDHUP} only: completes when nothing more can come.
     * What lies in a socket's queue does not complete it.
     */
    record PollHangUp(Target target) implements Request {}

    /** {@code IORING_OP_READ} of one byte: waits where there is none. */
    record Read(Target target) implements Request {}

    /** {@code IORING_OP_SOCKET} into a slot. */
    record SocketDirect(SocketType type, int slot) implements Request {}

    /** {@code IORING_OP_OPENAT} of a regular file into a slot. */
    record OpenDirect(int slot) implements Request {}

    /** {@code IORING_OP_ACCEPT} into a slot: waits where no connection is. */
    record AcceptDirect(Target target, int slot) implements Request {}

    /** {@code IORING_OP_CLOSE} of a slot. */
    record CloseDirect(int slot) implements Request {}

    /** {@code IORING_OP_FIXED_FD_INSTALL}: the slot's file becomes a descriptor, too. */
    record Install(int slot) implements Request {}

    /** {@code IORING_OP_MSG_RING} with {@code IORING_MSG_SEND_FD}. */
    record SendFd(Target ring, int slot, int toSlot) implements Request {}

    /** {@code IORING_OP_ASYNC_CANCEL} of the request with that number. */
    record Cancel(int request) implements Request {}

    /**
     * Linked behind a timeout ({@code IOSQE_IO_LINK}): issued when that fires, which is a piece of
     * {@link Work}.
     */
    record AfterTimeout(Request then) implements Request {}
}

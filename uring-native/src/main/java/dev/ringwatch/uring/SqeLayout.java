package dev.ringwatch.uring;

/**
 * Offsets in bytes of struct io_uring_sqe, its flags, and the operation codes used here.
 *
 * <p>Source: include/uapi/linux/io_uring.h; the same on every architecture.
 */
public final class SqeLayout {
    static final int OPCODE = 0;
    static final int FLAGS = 1;
    static final int IOPRIO = 2;
    static final int FD = 4;
    static final int OFF = 8;
    static final int ADDR = 16;
    static final int LEN = 24;
    static final int OP_FLAGS = 28;
    static final int USER_DATA = 32;
    static final int BUF_INDEX = 40;
    static final int PERSONALITY = 42;
    static final int FILE_INDEX = 44;
    static final int ADDR3 = 48;
    static final int SIZE = 64;

    /** Size with {@link SetupFlag#SQE128}. */
    static final int BIG_SIZE = 128;

    /** Entry flag: the descriptor is a slot of the file table; set by {@link Target.Slot}. */
    public static final int FIXED_FILE = 1;

    /** Entry flag: start after all before it completed. */
    public static final int IO_DRAIN = 1 << 1;

    /** Entry flag: the next entry starts when this one succeeded. */
    public static final int IO_LINK = 1 << 2;

    /** Entry flag: the next entry starts when this one completed, however it did. */
    public static final int IO_HARDLINK = 1 << 3;

    /** Entry flag: run it in a kernel worker at once. */
    public static final int ASYNC = 1 << 4;

    /** Entry flag: the kernel takes a buffer of a group. */
    public static final int BUFFER_SELECT = 1 << 5;

    /** Entry flag: no completion if it succeeds. */
    public static final int CQE_SKIP_SUCCESS = 1 << 6;

    static final int OP_NOP = 0;
    static final int OP_READ_FIXED = 4;
    static final int OP_WRITE_FIXED = 5;
    static final int OP_POLL_ADD = 6;
    static final int OP_SENDMSG = 9;
    static final int OP_RECVMSG = 10;
    static final int OP_ASYNC_CANCEL = 14;
    static final int OP_READ = 22;
    static final int OP_WRITE = 23;

    static final int POLL_ADD_MULTI = 1;

    static final int CANCEL_ALL = 1;
    static final int CANCEL_FD = 1 << 1;
    static final int CANCEL_ANY = 1 << 2;
    static final int CANCEL_FD_FIXED = 1 << 3;

    private SqeLayout() {}
}

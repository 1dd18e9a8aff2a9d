package dev.ringwatch.uring;

/**
 * Offsets in bytes of struct io_uring_sqe, its flags, the operation codes, and their flags.
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
    static final int ATTRIBUTES = ADDR3;
    static final int ATTRIBUTE_TYPES = 56;
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
    static final int OP_READV = 1;
    static final int OP_WRITEV = 2;
    static final int OP_FSYNC = 3;
    static final int OP_READ_FIXED = 4;
    static final int OP_WRITE_FIXED = 5;
    static final int OP_POLL_ADD = 6;
    static final int OP_POLL_REMOVE = 7;
    static final int OP_SYNC_FILE_RANGE = 8;
    static final int OP_SENDMSG = 9;
    static final int OP_RECVMSG = 10;
    static final int OP_TIMEOUT = 11;
    static final int OP_TIMEOUT_REMOVE = 12;
    static final int OP_ACCEPT = 13;
    static final int OP_ASYNC_CANCEL = 14;
    static final int OP_LINK_TIMEOUT = 15;
    static final int OP_CONNECT = 16;
    static final int OP_FALLOCATE = 17;
    static final int OP_OPENAT = 18;
    static final int OP_CLOSE = 19;
    static final int OP_FILES_UPDATE = 20;
    static final int OP_STATX = 21;
    static final int OP_READ = 22;
    static final int OP_WRITE = 23;
    static final int OP_FADVISE = 24;
    static final int OP_MADVISE = 25;
    static final int OP_SEND = 26;
    static final int OP_RECV = 27;
    static final int OP_OPENAT2 = 28;
    static final int OP_EPOLL_CTL = 29;
    static final int OP_SPLICE = 30;
    static final int OP_PROVIDE_BUFFERS = 31;
    static final int OP_REMOVE_BUFFERS = 32;
    static final int OP_TEE = 33;
    static final int OP_SHUTDOWN = 34;
    static final int OP_RENAMEAT = 35;
    static final int OP_UNLINKAT = 36;
    static final int OP_MKDIRAT = 37;
    static final int OP_SYMLINKAT = 38;
    static final int OP_LINKAT = 39;
    static final int OP_MSG_RING = 40;
    static final int OP_FSETXATTR = 41;
    static final int OP_SETXATTR = 42;
    static final int OP_FGETXATTR = 43;
    static final int OP_GETXATTR = 44;
    static final int OP_SOCKET = 45;
    static final int OP_URING_CMD = 46;
    static final int OP_SEND_ZC = 47;
    static final int OP_SENDMSG_ZC = 48;
    static final int OP_READ_MULTISHOT = 49;
    static final int OP_WAITID = 50;
    static final int OP_FUTEX_WAIT = 51;
    static final int OP_FUTEX_WAKE = 52;
    static final int OP_FUTEX_WAITV = 53;
    static final int OP_FIXED_FD_INSTALL = 54;
    static final int OP_FTRUNCATE = 55;
    static final int OP_BIND = 56;
    static final int OP_LISTEN = 57;
    static final int OP_RECV_ZC = 58;
    static final int OP_EPOLL_WAIT = 59;
    static final int OP_READV_FIXED = 60;
    static final int OP_WRITEV_FIXED = 61;
    static final int OP_PIPE = 62;

    /** Where a direct descriptor goes: any free slot of the allocation range. */
    static final int FILE_INDEX_ALLOC = -1;

    static final int FSYNC_DATASYNC = 1;

    static final int POLL_ADD_MULTI = 1;
    static final int POLL_UPDATE_EVENTS = 1 << 1;
    static final int POLL_UPDATE_USER_DATA = 1 << 2;
    static final int POLL_ADD_LEVEL = 1 << 3;

    /** Timeout flag: the time is a point of its clock, not a span. */
    public static final int TIMEOUT_ABS = 1;

    static final int TIMEOUT_UPDATE = 1 << 1;

    /** Timeout flag: by CLOCK_BOOTTIME, which goes on while the machine sleeps. Since 5.15. */
    public static final int TIMEOUT_BOOTTIME = 1 << 2;

    /** Timeout flag: by CLOCK_REALTIME. Since 5.15. */
    public static final int TIMEOUT_REALTIME = 1 << 3;

    /** Timeout flag: the timeout to change is a linked one. Since 5.15. */
    public static final int LINK_TIMEOUT_UPDATE = 1 << 4;

    /** Timeout flag: ETIME does not break a link. Since 5.16. */
    public static final int TIMEOUT_ETIME_SUCCESS = 1 << 5;

    /** Timeout flag: again and again, as often as the number of completions says; 0 is for ever. Since 6.4. */
    public static final int TIMEOUT_MULTISHOT = 1 << 6;

    static final int CANCEL_ALL = 1;
    static final int CANCEL_FD = 1 << 1;
    static final int CANCEL_ANY = 1 << 2;
    static final int CANCEL_FD_FIXED = 1 << 3;
    static final int CANCEL_USER_DATA = 1 << 4;
    static final int CANCEL_OP = 1 << 5;

    static final int RECVSEND_POLL_FIRST = 1;
    static final int RECV_MULTISHOT = 1 << 1;
    static final int RECVSEND_FIXED_BUF = 1 << 2;
    static final int SEND_ZC_REPORT_USAGE = 1 << 3;
    static final int RECVSEND_BUNDLE = 1 << 4;
    static final int SEND_VECTORIZED = 1 << 5;

    static final int ACCEPT_MULTISHOT = 1;
    static final int ACCEPT_DONTWAIT = 1 << 1;
    static final int ACCEPT_POLL_FIRST = 1 << 2;

    static final int MSG_DATA = 0;
    static final int MSG_SEND_FD = 1;
    static final int MSG_RING_CQE_SKIP = 1;
    static final int MSG_RING_FLAGS_PASS = 1 << 1;

    static final int FIXED_FD_NO_CLOEXEC = 1;

    static final int SPLICE_FD_IN_FIXED = 1 << 31;

    /** Socket command: completes with the bytes that can be received. Since 6.7. */
    public static final int SOCKET_SIOCINQ = 0;

    /** Socket command: completes with the bytes not yet sent. Since 6.7. */
    public static final int SOCKET_SIOCOUTQ = 1;

    static final int SOCKET_GETSOCKOPT = 2;
    static final int SOCKET_SETSOCKOPT = 3;

    /** Socket command: timestamps of what was sent, each a completion of 32 bytes. Since 6.17. */
    public static final int SOCKET_TX_TIMESTAMP = 4;

    static final int NOP_INJECT_RESULT = 1;
    static final int NOP_CQE32 = 1 << 5;

    private SqeLayout() {}
}

package dev.ringwatch.uring;

/**
 * Offsets in bytes of struct io_uring_cqe.
 *
 * <p>Source: include/uapi/linux/io_uring.h; the same on every architecture.
 */
final class CqeLayout {
    static final int USER_DATA = 0;
    static final int RES = 8;
    static final int FLAGS = 12;
    static final int SIZE = 16;

    /** In an entry of 32 bytes. */
    static final int EXTRA1 = 16;

    /** In an entry of 32 bytes. */
    static final int EXTRA2 = 24;

    /** Flag of an entry that only fills the end of a mixed queue. */
    static final int F_SKIP = 1 << 5;

    /** Size with {@link SetupFlag#CQE32}. */
    static final int BIG_SIZE = 32;

    private CqeLayout() {}
}

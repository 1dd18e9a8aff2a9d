package dev.ringwatch.uring;

/**
 * Offsets in bytes of struct io_uring_params, and of the two structures within that tell where the
 * ring's words are.
 *
 * <p>Source: include/uapi/linux/io_uring.h; the same on every architecture.
 */
final class ParamsLayout {
    static final int SQ_ENTRIES = 0;
    static final int CQ_ENTRIES = 4;
    static final int FLAGS = 8;
    static final int SQ_THREAD_CPU = 12;
    static final int SQ_THREAD_IDLE = 16;
    static final int FEATURES = 20;
    static final int WQ_FD = 24;

    static final int SQ_OFF = 40;
    static final int SQ_OFF_HEAD = SQ_OFF;
    static final int SQ_OFF_TAIL = SQ_OFF + 4;
    static final int SQ_OFF_RING_MASK = SQ_OFF + 8;
    static final int SQ_OFF_RING_ENTRIES = SQ_OFF + 12;
    static final int SQ_OFF_FLAGS = SQ_OFF + 16;
    static final int SQ_OFF_DROPPED = SQ_OFF + 20;
    static final int SQ_OFF_ARRAY = SQ_OFF + 24;
    static final int SQ_OFF_USER_ADDR = SQ_OFF + 32;

    static final int CQ_OFF = 80;
    static final int CQ_OFF_HEAD = CQ_OFF;
    static final int CQ_OFF_TAIL = CQ_OFF + 4;
    static final int CQ_OFF_RING_MASK = CQ_OFF + 8;
    static final int CQ_OFF_RING_ENTRIES = CQ_OFF + 12;
    static final int CQ_OFF_OVERFLOW = CQ_OFF + 16;
    static final int CQ_OFF_CQES = CQ_OFF + 20;
    static final int CQ_OFF_FLAGS = CQ_OFF + 24;
    static final int CQ_OFF_USER_ADDR = CQ_OFF + 32;

    static final int SIZE = 120;

    /** Where in the ring's file both queues are mapped. */
    static final long MAP_RINGS = 0;

    /** Where in the ring's file the submission entries are mapped. */
    static final long MAP_ENTRIES = 0x10000000L;

    private ParamsLayout() {}
}

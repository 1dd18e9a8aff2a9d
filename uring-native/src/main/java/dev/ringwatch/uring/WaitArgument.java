package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How long an io_uring_enter(2) waits, in memory the kernel reads.
 *
 * <p>The struct __kernel_timespec and the struct io_uring_reg_wait around it lie at offset 0 of
 * pages that can be registered with the ring; behind them a struct io_uring_getevents_arg points to
 * the same time, for rings without that registration.
 */
final class WaitArgument {
    /** aarch64 has pages of 4, 16 or 64 KiB, and only whole pages can be registered. */
    static final int REGION_SIZE = 65536;

    private static final int ENTER_EXT_ARG = 1 << 3;
    private static final int ENTER_EXT_ARG_REG = 1 << 6;

    private static final int REG_MIN_WAIT = 16;
    private static final int REG_FLAGS = 20;
    private static final int REG_WAIT_TS = 1;
    private static final int REG_SIZE = 64;

    private static final int ARG = REG_SIZE;
    private static final int ARG_MIN_WAIT = ARG + 12;
    private static final int ARG_TIME = ARG + 16;
    private static final int ARG_SIZE = 24;

    private final MemorySegment memory;
    private final boolean registered;

    private WaitArgument(MemorySegment memory, boolean registered) {
        this.memory = memory;
        this.registered = registered;
        memory.set(JAVA_INT, REG_FLAGS, REG_WAIT_TS);
        memory.set(JAVA_LONG, ARG_TIME, memory.address());
    }

    /** One that the kernel copies at each call. */
    static WaitArgument copied() {
        return new WaitArgument(Arena.ofAuto().allocate(ARG + ARG_SIZE, 8), false);
    }

    /** One in pages that are registered with the ring, from where the kernel reads it. */
    static WaitArgument inRegion(MemorySegment pages) {
        return new WaitArgument(pages, true);
    }

    /** Pages for {@link #inRegion}. */
    static MemorySegment pages() {
        return Arena.ofAuto().allocate(REGION_SIZE, REGION_SIZE);
    }

    /**
     * Sets the time.
     *
     * @param nanos a span or a point of time
     * @param minimalNanos how long to wait for all that is wanted before less is enough, 0 for no
     *     such wait
     */
    void set(long nanos, long minimalNanos) {
        memory.set(JAVA_LONG, 0, nanos / 1_000_000_000);
        memory.set(JAVA_LONG, 8, nanos % 1_000_000_000);
        int micros = (int) Math.min(Integer.MAX_VALUE, (minimalNanos + 999) / 1000);
        memory.set(JAVA_INT, REG_MIN_WAIT, micros);
        memory.set(JAVA_INT, ARG_MIN_WAIT, micros);
    }

    /** Enter's flags that say which argument it is. */
    int flags() {
        return registered ? ENTER_EXT_ARG | ENTER_EXT_ARG_REG : ENTER_EXT_ARG;
    }

    /** Enter's argument: an address, or an offset in the registered page. */
    long argument() {
        return registered ? 0 : memory.address() + ARG;
    }

    /** Bytes of the argument. */
    int size() {
        return registered ? REG_SIZE : ARG_SIZE;
    }
}

package dev.ringwatch.uring.loop;

/** What {@link UringFile#allocate} does with a range of a file. Source: fallocate(2). */
public enum Allocation {
    /** Gives the range space on the device, and the file the size to hold it. */
    EXTEND(0),
    /** Gives the range space, beyond the end too, and leaves the size. */
    KEEP_SIZE(0x01),
    /** Takes the range's space away: it reads as zeros, the size stays. */
    PUNCH_HOLE(0x02 | 0x01),
    /** Takes the range out of the file: what is behind moves up. */
    COLLAPSE(0x08),
    /** Makes the range read as zeros, with space on the device. */
    ZERO(0x10),
    /** Puts a hole into the file: what is behind moves down. */
    INSERT(0x20);

    private final int mode;

    Allocation(int mode) {
        this.mode = mode;
    }

    int mode() {
        return mode;
    }
}

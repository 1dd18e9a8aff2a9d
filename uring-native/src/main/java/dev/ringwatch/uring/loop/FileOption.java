package dev.ringwatch.uring.loop;

import java.nio.file.OpenOption;

/** How a {@link UringFile} is opened, besides what {@link java.nio.file.StandardOpenOption} says. */
public enum FileOption implements OpenOption {
    /**
     * O_DIRECT: bypass the page cache. Memory, length and position must then be aligned, as {@link
     * FileStatus#directAlignment()} says; otherwise the kernel says EINVAL.
     */
    DIRECT,

    /** O_DIRECTORY: fail unless it is a directory. */
    DIRECTORY,

    /**
     * On rings: no descriptor, but a slot of a loop's file table (see {@link
     * LoopOptions#fileSlots()}). Spares the kernel a look-up each operation; other loops and
     * processes can't use it. Where there is no ring, a descriptor.
     */
    SLOT
}

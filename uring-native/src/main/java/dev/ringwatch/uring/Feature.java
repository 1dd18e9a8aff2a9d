package dev.ringwatch.uring;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a kernel's io_uring can do, as it says itself when a ring is made.
 *
 * <p>Source: io_uring_setup(2), IORING_FEAT_ in include/uapi/linux/io_uring.h.
 */
public enum Feature {
    /** Both queues in one mapping. Since 5.4. */
    SINGLE_MMAP(0),
    /** Completions without room wait in the kernel instead of being lost. Since 5.5. */
    NODROP(1),
    /** Parameters are consumed when submitted. Since 5.5. */
    SUBMIT_STABLE(2),
    /** Offset -1 is the file's own position. Since 5.6. */
    RW_CUR_POS(3),
    /** Operations run with the credentials of the submitter. Since 5.6. */
    CUR_PERSONALITY(4),
    /** Polling inside instead of a worker thread. Since 5.7. */
    FAST_POLL(5),
    /** 32 bits of poll events. Since 5.9. */
    POLL_32BITS(6),
    /** A poll thread takes descriptors that are not registered. Since 5.11. */
    SQPOLL_NONFIXED(7),
    /** Waiting with a timeout in the call. Since 5.11. */
    EXT_ARG(8),
    /** Workers are threads of the process. Since 5.12. */
    NATIVE_WORKERS(9),
    /** Tags on registered files and buffers. Since 5.13. */
    RSRC_TAGS(10),
    /** Completions of successes can be left out. Since 5.17. */
    CQE_SKIP(11),
    /** A linked operation's file is looked up when it starts. Since 5.17. */
    LINKED_FILE(12),
    /** Registering through a registered ring descriptor. Since 6.3. */
    REG_REG_RING(13),
    /** One send or receive over several buffers. Since 6.10. */
    RECVSEND_BUNDLE(14),
    /** A minimal wait beside the timeout. Since 6.12. */
    MIN_TIMEOUT(15),
    /** Reads and writes with attributes. Since 6.14. */
    RW_ATTR(16),
    /** Waiting need not count as waiting for input and output. Since 6.15. */
    NO_IOWAIT(17);

    private final int bit;

    Feature(int shift) {
        bit = 1 << shift;
    }

    /** Whether the bit is set in a kernel's answer. */
    public boolean in(int features) {
        return (features & bit) != 0;
    }

    /** Those whose bit is set; bits without a name here are left out. */
    public static Set<Feature> of(int features) {
        Set<Feature> set = EnumSet.noneOf(Feature.class);
        for (Feature feature : values()) {
            if (feature.in(features)) {
                set.add(feature);
            }
        }
        return set;
    }
}

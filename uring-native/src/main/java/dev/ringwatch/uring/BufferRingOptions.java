package dev.ringwatch.uring;

/**
 * What a {@link BufferRing} is made with. Immutable; each {@code with} method returns a changed copy.
 *
 * @param group the number operations name it by, 0 to 65535, one a ring
 * @param entries buffers, a power of two, 1 to {@value #MAX_ENTRIES}
 * @param bufferSize bytes of a buffer, 1 or more
 * @param use whether an operation takes a buffer as a whole
 * @param first who has the buffers at first, and whom a closed lease gives its buffer to
 * @param minimumLeft with {@link Use#INCREMENTAL}: a buffer with less room than so many bytes is not
 *     used further; 0 lets the kernel fill the last byte. What a multishot recvmsg needs, whose
 *     header must fit; kernels that do not know it refuse the registration with EINVAL
 */
public record BufferRingOptions(
        int group, int entries, int bufferSize, Use use, First first, int minimumLeft) {
    /** The kernel's limit: a head and a tail of 16 bits must tell full from empty. */
    public static final int MAX_ENTRIES = 32768;

    /** How much of a buffer an operation takes. */
    public enum Use {
        /** Each operation takes whole buffers. */
        WHOLE,

        /** An operation takes what it fills, the next goes on behind it. Since 6.12. */
        INCREMENTAL
    }

    /** Who has a buffer that is neither leased nor filled. */
    public enum First {
        /** The kernel, to receive into. */
        KERNEL,

        /** The program, which fills and publishes it, to send from. */
        PROGRAM
    }

    /** Refuses what no kernel accepts. */
    public BufferRingOptions {
        if (group < 0 || group > 0xffff) {
            throw new IllegalArgumentException("a buffer group is 0 to 65535, not " + group);
        }
        if (entries < 1 || entries > MAX_ENTRIES || Integer.bitCount(entries) != 1) {
            throw new IllegalArgumentException(
                    "a buffer ring has a power of two of entries up to "
                            + MAX_ENTRIES
                            + ", not "
                            + entries);
        }
        if (bufferSize < 1) {
            throw new IllegalArgumentException("a buffer has at least one byte");
        }
        if (minimumLeft < 0 || minimumLeft > bufferSize) {
            throw new IllegalArgumentException(
                    "what must be left of a buffer is 0 to its size, not " + minimumLeft);
        }
        if (minimumLeft > 0 && use == Use.WHOLE) {
            throw new IllegalArgumentException(
                    "only a buffer used incrementally has a minimum that must be left");
        }
    }

    /** Buffers that are used as a whole. */
    public static BufferRingOptions of(int group, int entries, int bufferSize) {
        return new BufferRingOptions(group, entries, bufferSize, Use.WHOLE, First.KERNEL, 0);
    }

    /** Used incrementally. */
    public BufferRingOptions incremental() {
        return new BufferRingOptions(
                group, entries, bufferSize, Use.INCREMENTAL, first, minimumLeft);
    }

    /** Used incrementally, and no further once less than so many bytes are left. */
    public BufferRingOptions incremental(int leastLeft) {
        return new BufferRingOptions(group, entries, bufferSize, Use.INCREMENTAL, first, leastLeft);
    }

    /** To send from: the program fills the buffers before the kernel gets them. */
    public BufferRingOptions forSending() {
        return new BufferRingOptions(group, entries, bufferSize, use, First.PROGRAM, minimumLeft);
    }
}

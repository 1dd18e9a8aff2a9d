package dev.ringwatch.uring.loop;

/**
 * How sockets on rings receive and send. Immutable; each {@code with} method returns a changed copy.
 *
 * @param receiving how bytes come in
 * @param queuedBuffers receive buffers a socket may hold that nobody read yet, 1 or more; with so
 *     many, further bytes stay in the kernel until half of them are read
 * @param zeroCopyFrom writes of a heap buffer with so many bytes or more are sent without the
 *     kernel's copy; {@link #NEVER} for none
 */
public record SocketTuning(Receiving receiving, int queuedBuffers, int zeroCopyFrom) {
    /** No write is long enough. */
    public static final int NEVER = Integer.MAX_VALUE;

    /** How a socket receives. */
    public enum Receiving {
        /** One operation that goes on, into buffers all sockets of a loop share, if the kernel can. */
        MULTISHOT,

        /** One operation a read, into memory of its own. */
        SINGLE
    }

    /** Refuses what makes no sense. */
    public SocketTuning {
        if (queuedBuffers < 1) {
            throw new IllegalArgumentException("queuedBuffers is 1 or more, not " + queuedBuffers);
        }
        if (zeroCopyFrom < 1) {
            throw new IllegalArgumentException("zeroCopyFrom is 1 or more, not " + zeroCopyFrom);
        }
    }

    /**
     * Multishot, 16 buffers, never zero-copy: over loopback the kernel copies all the same, and
     * notifies besides.
     */
    public static SocketTuning defaults() {
        return new SocketTuning(Receiving.MULTISHOT, 16, NEVER);
    }

    /** With another way to receive. */
    public SocketTuning with(Receiving way) {
        return new SocketTuning(way, queuedBuffers, zeroCopyFrom);
    }

    /** With so many buffers of a socket in its queue. */
    public SocketTuning withQueuedBuffers(int count) {
        return new SocketTuning(receiving, count, zeroCopyFrom);
    }

    /** With zero-copy for writes of so many bytes or more. */
    public SocketTuning withZeroCopyFrom(int bytes) {
        return new SocketTuning(receiving, queuedBuffers, bytes);
    }
}

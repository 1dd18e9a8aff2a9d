package dev.ringwatch.uring.loop;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A datagram of a stream.
 *
 * @param data what came of it, read only
 * @param length bytes that were sent; more than there are of data if it was cut
 * @param sender absent if its socket has no name
 */
public record Datagram(ByteBuffer data, int length, Optional<SocketAddress> sender) {
    /** Whether a part of it was lost for want of room. */
    public boolean isTruncated() {
        return length > data.capacity();
    }
}

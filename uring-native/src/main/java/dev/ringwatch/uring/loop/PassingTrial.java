package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.loop.DescriptorPassing.Means;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights.Received;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * Passes a descriptor through a ring and looks whether the same file arrives: kernels have passed
 * the wrong thing, or nothing, without an error.
 */
final class PassingTrial {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private PassingTrial() {}

    /** Tries it. */
    static DescriptorPassing of(RingEngine ring) {
        try {
            return pass(ring)
                    ? new DescriptorPassing(Means.RING, "a trial passed the same file")
                    : plain("a trial brought another file than was sent");
        } catch (IOException | RuntimeException e) {
            return plain("a trial failed: " + e.getMessage());
        }
    }

    static DescriptorPassing plain(String reason) {
        return new DescriptorPassing(Means.PLAIN_CALLS, reason);
    }

    private static boolean pass(RingEngine ring) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (OwnedFd sent = Fds.eventFd(0, 0);
                DescriptorChannel from = new DescriptorChannel(ring, pair.getFirst());
                DescriptorChannel to = new DescriptorChannel(ring, pair.getLast())) {
            from.send(ByteBuffer.allocate(1), LIMIT, sent.number());
            try (Received received = to.receive(ByteBuffer.allocate(1), LIMIT)) {
                return received.bytes() == 1
                        && received.descriptors().size() == 1
                        && Fds.isSameFile(
                                sent.number(), received.descriptors().getFirst().number());
            }
        }
    }
}

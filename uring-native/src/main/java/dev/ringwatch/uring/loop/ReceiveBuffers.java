package dev.ringwatch.uring.loop;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.ringwatch.uring.BufferRing;
import dev.ringwatch.uring.BufferRingOptions;
import dev.ringwatch.uring.Lease;
import dev.ringwatch.uring.sys.ErrnoException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * The buffers that all sockets of a loop receive into, and the sockets that found none. The loop's
 * thread only; what it hands out, any thread gives back.
 *
 * <p>Readers that do not read could keep every buffer and so stop all other sockets of the loop.
 * Therefore, once less than a quarter is left, what arrives is copied out and its buffer goes back
 * at once: memory is then the queues' and not the ring's.
 */
final class ReceiveBuffers {
    /** The buffer group of sockets. */
    static final int GROUP = 0;

    private final RingLoop loop;
    private final BufferRing ring;
    private final int reserve;
    private ArrayDeque<MultishotReceiver> starved = new ArrayDeque<>();

    /** The loop closes: nobody looks at the starved any more. */
    private boolean ended;

    ReceiveBuffers(RingLoop loop, LoopCore core) throws ErrnoException {
        LoopOptions options = loop.options();
        this.loop = loop;
        ring =
                core.ring()
                        .registerBufferRing(
                                BufferRingOptions.of(
                                        GROUP,
                                        options.receiveBuffers(),
                                        options.receiveBufferBytes()));
        reserve = Math.max(1, options.receiveBuffers() / 4);
    }

    /** The bytes of a completion with a buffer; none if it has none. */
    Received.Bytes take(int result, int flags) {
        Lease lease = ring.lease(result, flags);
        if (ring.kernelHolds() >= reserve) {
            return new Received.Bytes(lease.buffer(), lease.offset(), lease.length(), lease::close);
        }
        byte[] copy = new byte[lease.length()];
        MemorySegment.copy(lease.buffer(), JAVA_BYTE, lease.offset(), copy, 0, copy.length);
        lease.close();
        return new Received.Bytes(MemorySegment.ofArray(copy), 0, copy.length, () -> {});
    }

    /** Gives the buffer of a completion without bytes back. */
    void drop(int result, int flags) {
        ring.lease(result, flags).close();
    }

    /** Starts a receiver again when buffers came back. */
    void starved(MultishotReceiver receiver) {
        if (ended) { // a completion that came with the ring's end
            receiver.again();
            return;
        }
        starved.add(receiver);
        if (ring.kernelHolds() == 0) {
            ring.onReturn(() -> loop.post(core -> {}));
        }
    }

    /** Bytes of so many buffers. */
    int bytes(int count) {
        return Math.multiplyExact(count, ring.options().bufferSize());
    }

    int leased() {
        return ring.leased();
    }

    /** Once a turn, before the ring is entered. */
    void turn() {
        ring.refill();
        if (!starved.isEmpty() && ring.kernelHolds() > 0) {
            restart();
        }
    }

    /** The loop closes: those that wait for buffers are refused. */
    void end() {
        ended = true;
        restart();
    }

    private void restart() {
        ArrayDeque<MultishotReceiver> all = starved;
        starved = new ArrayDeque<>();
        all.forEach(MultishotReceiver::again);
    }
}

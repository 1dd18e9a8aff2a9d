package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Brings what a socket receives into its inbox, and is the operation that does.
 *
 * <p>A read copies from the inbox and so has no memory of the caller's in the kernel: one that times
 * out or is interrupted leaves nothing behind.
 */
abstract sealed class Receiver extends LoopOperation permits MultishotReceiver, SingleReceiver {
    private static final String LOOP_ENDED = "the loop of the socket ended";

    private final RingLoop loop;
    private final SharedFd fd;
    private final SocketCounters counters;
    private final Inbox inbox = new Inbox();

    Receiver(RingLoop loop, SharedFd fd, SocketCounters counters) {
        this.loop = loop;
        this.fd = fd;
        this.counters = counters;
    }

    /** Begins to receive, if that is not for the reader to do. Any thread. */
    abstract void start();

    /** Sees to it that the operation lets go of the descriptor, which is closing. Any thread. */
    abstract void stop();

    /** Something may have to be done before waiting makes sense. The reader. */
    abstract void beforeWait();

    /** Bytes were taken and so many links are left. The reader. */
    abstract void drained(int left);

    /**
     * Moves what is there. The reader.
     *
     * @return bytes, 0 if nothing is there, -1 at the end of the stream
     * @throws IOException why the stream broke
     */
    final int take(ByteBuffer into) throws IOException {
        int before = into.position();
        Received first = inbox.peek();
        while (into.hasRemaining() && first instanceof Received.Bytes bytes) {
            if (!bytes.isAlive()) {
                throw SocketErrors.of("recv", Errno.ECANCELED.code(), LOOP_ENDED);
            }
            if (bytes.moveTo(into)) {
                bytes.giveBack();
                drained(inbox.remove(bytes));
            }
            first = inbox.peek();
        }
        int moved = into.position() - before;
        counters.bytesIn.add(moved);
        return moved == 0 && first instanceof Received.End end ? end(end) : moved;
    }

    /** Waits until something is there, or there is nothing to wait for. The reader. */
    final void await(Deadline deadline) {
        loop.requireWaitable();
        beforeWait();
        inbox.await(deadline);
    }

    /** From now on nobody waits here. Any thread. */
    final void wake() {
        inbox.stop();
    }

    /** Gives everything back; nothing comes any more. The reader, or who closes, in his place. */
    final void discard() {
        Received first = inbox.peek();
        while (first instanceof Received.Bytes bytes) {
            bytes.giveBack();
            inbox.remove(bytes);
            first = inbox.peek();
        }
    }

    @Override
    protected void abandoned() {
        inbox.put(new Received.End(-Errno.ECANCELED.code()));
        fd.release();
    }

    final RingLoop loop() {
        return loop;
    }

    final SharedFd fd() {
        return fd;
    }

    final SocketCounters counters() {
        return counters;
    }

    final Inbox inbox() {
        return inbox;
    }

    private static int end(Received.End end) throws IOException {
        if (end.result() == 0) {
            return -1;
        }
        String detail =
                SocketErrors.isCancelled(end.result()) ? LOOP_ENDED : "receiving from a socket";
        throw SocketErrors.of("recv", -end.result(), detail);
    }
}

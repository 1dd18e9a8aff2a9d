package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.BufferRing;
import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One operation that receives for as long as the socket lives, into the loop's buffers.
 *
 * <p>While it is in the kernel it is a user of the descriptor. When nobody reads, it is paused until
 * half of what it brought was read. A cancellation alone would come late, for the kernel goes on
 * within one system call; where it can, the kernel is told beforehand how many bytes are wanted. When it ended by itself, at the end of the
 * stream, closing the socket costs no cancellation.
 */
final class MultishotReceiver extends Receiver {
    private final ReceiveBuffers buffers;
    private final int bound;
    private final boolean countsBytes;

    /** Who sets it to false starts the operation again. */
    private final AtomicBoolean paused = new AtomicBoolean();

    /** The loop's. */
    private boolean cancelling;

    /** Whether it will never be in the kernel again. */
    private volatile boolean over;

    MultishotReceiver(
            RingLoop loop,
            SharedFd fd,
            SocketCounters counters,
            ReceiveBuffers buffers,
            int bound,
            boolean countsBytes) {
        super(loop, fd, counters);
        this.buffers = buffers;
        this.bound = bound;
        this.countsBytes = countsBytes;
    }

    @Override
    void start() {
        arm();
    }

    /** Starts receiving again. Any thread. */
    void again() {
        counters().receiveRearms.increment();
        arm();
    }

    @Override
    void stop() {
        if (!over && !paused.get()) {
            loop().cancel(this);
        }
    }

    @Override
    void beforeWait() {}

    @Override
    void drained(int left) {
        if (left <= bound / 2 && paused.get() && paused.compareAndSet(true, false)) {
            again();
        }
    }

    @Override
    protected void write(SubmissionEntry entry, MemorySegment room) {
        entry.receiveMultishot(fd().number(), 0, ReceiveBuffers.GROUP);
        if (countsBytes) {
            entry.receiveInAll(buffers.bytes(Math.max(1, bound - inbox().size())));
        }
    }

    @Override
    protected void completed(int result, int flags) {
        if (BufferRing.hasBuffer(flags)) {
            bring(result, flags);
        }
        if (Completion.isLast(flags)) {
            ended(result);
        } else if (!cancelling && (inbox().size() >= bound || fd().isClosing())) {
            cancelling = true;
            loop().cancel(this);
        }
    }

    @Override
    protected String description() {
        return "receiving of fd " + fd().number();
    }

    private void arm() {
        if (!fd().acquire()) {
            return;
        }
        try {
            loop().submit(this);
        } catch (RejectedExecutionException e) {
            completed(-Errno.ECANCELED.code(), 0);
            return;
        }
        if (fd().isClosing()) { // who closes may have asked to cancel it before it was there
            loop().cancel(this);
        }
    }

    private void bring(int result, int flags) {
        if (result > 0) {
            inbox().put(buffers.take(result, flags));
        } else {
            buffers.drop(result, flags);
        }
    }

    private void ended(int result) {
        boolean cancelled = cancelling && SocketErrors.isCancelled(result);
        cancelling = false;
        fd().release();
        if (result > 0 || cancelled) {
            goOn();
        } else if (result == -Errno.ENOBUFS.code()) {
            counters().starvedEpisodes.increment();
            buffers.starved(this);
        } else {
            over = true;
            inbox().put(new Received.End(result));
        }
    }

    private void goOn() {
        if (inbox().size() <= bound / 2) {
            again();
            return;
        }
        counters().receivePauses.increment();
        paused.set(true);
        drained(inbox().size()); // it may have been read in the meantime
    }
}

package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.RejectedExecutionException;

/**
 * An operation that receives once, when a reader finds nothing, into memory of its own.
 *
 * <p>A reader that gives up leaves it in the kernel; what it brings is the next reader's.
 */
final class SingleReceiver extends Receiver {
    private final StagingMemory staging;
    private MemorySegment memory = MemorySegment.NULL;

    /** Between a reader's request and its completion. */
    private volatile boolean busy;

    SingleReceiver(RingLoop loop, SharedFd fd, SocketCounters counters, StagingMemory staging) {
        super(loop, fd, counters);
        this.staging = staging;
    }

    @Override
    void start() {}

    @Override
    void stop() {
        if (busy) {
            loop().cancel(this);
        }
    }

    @Override
    void beforeWait() {
        if (!busy && inbox().peek() == null && fd().acquire()) {
            request();
        }
    }

    private void request() {
        memory = staging.take();
        busy = true;
        try {
            loop().submit(this);
        } catch (RejectedExecutionException e) {
            completed(-Errno.ECANCELED.code(), 0);
            return;
        }
        if (fd().isClosing()) { // who closes may have looked before it was busy
            loop().cancel(this);
        }
    }

    @Override
    void drained(int left) {}

    @Override
    protected void write(SubmissionEntry entry, MemorySegment room) {
        entry.receive(fd().number(), memory.address(), (int) memory.byteSize(), 0);
    }

    @Override
    protected void completed(int result, int flags) {
        MemorySegment filled = memory;
        // Before the reader is woken, who would otherwise wait without a request. One that asks
        // between this and the put asks early; its bytes come behind these all the same.
        busy = false;
        if (result > 0) {
            inbox().put(new Received.Bytes(filled, 0, result, () -> staging.give(filled)));
        } else {
            staging.give(filled);
            inbox().put(new Received.End(result));
        }
        fd().release();
    }

    @Override
    protected String description() {
        return "receiving of fd " + fd().number();
    }
}

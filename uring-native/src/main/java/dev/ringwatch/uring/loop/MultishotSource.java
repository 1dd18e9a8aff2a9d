package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.BufferRing;
import dev.ringwatch.uring.BufferRingOptions;
import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.Lease;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * What one operation brings again and again, each time in a buffer of the source's own ring of
 * buffers.
 *
 * <p>What nobody took stays in its buffer. With all of them taken the operation ends (ENOBUFS), and
 * what comes waits in the kernel as it would for a slow reader; it begins again when some came back.
 * For what has no end: a multishot read never tells of that of a FIFO (6.18).
 *
 * @param <T> what is made of a buffer
 */
final class MultishotSource<T> implements Pump.Source<T> {
    /** Sockets have group 0; the kernel has 65536. */
    private static final int FIRST_GROUP = 1024;

    private static final int GROUPS = 32768;

    private static final AtomicInteger NEXT_GROUP = new AtomicInteger();

    /** How the operation is written. */
    @FunctionalInterface
    interface Entry {
        void write(SubmissionEntry entry, int group);
    }

    /** What came. */
    private sealed interface Event {
        record Data(Lease lease) implements Event {}

        record End(int result) implements Event {}
    }

    private final RingLoop loop;
    private final String name;
    private final BufferRing buffers;
    private final Function<MemorySegment, T> parse;
    private final Operation operation;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean closed;

    /** Whether the operation waits for buffers. The loop's thread. */
    private boolean starved;

    private MultishotSource(
            RingLoop loop,
            String name,
            BufferRing buffers,
            Entry entry,
            Function<MemorySegment, T> parse) {
        this.loop = loop;
        this.name = name;
        this.buffers = buffers;
        this.parse = parse;
        operation = new Operation(entry);
    }

    /**
     * Begins.
     *
     * @param name the operation, for errors
     * @param count of buffers, a power of two
     * @param bytes of each
     * @param parse makes something of the bytes, which are the kernel's again when it returns
     */
    static <T> MultishotSource<T> begin(
            RingLoop loop,
            String name,
            int count,
            int bytes,
            Entry entry,
            Function<MemorySegment, T> parse)
            throws IOException {
        BufferRing buffers = LoopTask.call(loop, () -> register(loop, count, bytes));
        MultishotSource<T> source = new MultishotSource<>(loop, name, buffers, entry, parse);
        try {
            loop.submit(source.operation);
        } catch (RejectedExecutionException e) {
            source.over.countDown();
            throw e;
        }
        return source;
    }

    private static BufferRing register(RingLoop loop, int count, int bytes) throws ErrnoException {
        while (true) {
            int group = FIRST_GROUP + Math.floorMod(NEXT_GROUP.getAndIncrement(), GROUPS);
            try {
                return loop.ring().registerBufferRing(BufferRingOptions.of(group, count, bytes));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
    }

    @Override
    public Optional<T> next() throws IOException, InterruptedException {
        switch (events.take()) {
            case Event.Data(Lease lease) -> {
                try (lease) {
                    return Optional.of(parse.apply(lease.memory()));
                }
            }
            case Event.End(int result) when result == 0 -> {
                return Optional.empty();
            }
            case Event.End(int result) -> throw new ErrnoException(name, -result, "on a ring");
        }
    }

    /** Cancels, waits for the last completion, and gives the buffers up. */
    @Override
    public void close() throws IOException {
        closed = true;
        loop.cancel(operation);
        LoopTask.callUnlessClosing(loop, this::endIfStarved);
        awaitOver();
        for (Event event : events) {
            if (event instanceof Event.Data(Lease lease)) {
                lease.close();
            }
        }
        LoopTask.callUnlessClosing(loop, this::giveUp);
    }

    private boolean endIfStarved() {
        if (starved) {
            over.countDown();
        }
        return starved;
    }

    private boolean giveUp() throws IOException {
        buffers.close();
        return true;
    }

    private void awaitOver() {
        boolean interrupted = false;
        while (true) {
            try {
                over.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // the kernel may still fill the buffers
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void again() {
        if (closed) {
            over.countDown();
            return;
        }
        try {
            buffers.refill();
            starved = false;
            loop.submit(operation);
        } catch (RejectedExecutionException e) {
            end(-Errno.ECANCELED.code());
        }
    }

    private void end(int result) {
        events.add(new Event.End(result));
        over.countDown();
    }

    /** With an operation and not with a task: a loop that ends tells of it. */
    private void wakeLoop() {
        try {
            loop.submit(new Restart());
        } catch (RejectedExecutionException e) {
            end(-Errno.ECANCELED.code());
        }
    }

    /** Begins again on the loop's thread, or ends with the loop. */
    private final class Restart extends LoopOperation {
        @Override
        protected void write(SubmissionEntry entry, MemorySegment room) {
            entry.nop();
        }

        @Override
        protected void completed(int result, int flags) {
            if (result < 0) {
                end(result);
            } else {
                again();
            }
        }

        @Override
        protected void abandoned() {
            end(-Errno.ECANCELED.code());
        }
    }

    private final class Operation extends LoopOperation {
        private final Entry entry;

        Operation(Entry entry) {
            this.entry = entry;
        }

        @Override
        protected void write(SubmissionEntry to, MemorySegment room) {
            entry.write(to, buffers.group());
        }

        @Override
        protected void completed(int result, int flags) {
            if (!loop.inLoop()) {
                end(result); // the loop was closing before it began
                return;
            }
            buffers.refill();
            if (BufferRing.hasBuffer(flags)) {
                take(result, flags);
            }
            if (Completion.isLast(flags)) {
                last(result);
            }
        }

        private void take(int result, int flags) {
            Lease lease = buffers.lease(result, flags);
            if (result > 0) {
                events.add(new Event.Data(lease));
            } else {
                lease.close();
            }
        }

        private void last(int result) {
            if (result == -Errno.ENOBUFS.code() && !closed) {
                starved = true;
                buffers.onReturn(MultishotSource.this::wakeLoop);
            } else if (result > 0) {
                again();
            } else {
                end(result);
            }
        }

        @Override
        protected void abandoned() {
            end(-Errno.ECANCELED.code());
        }

        @Override
        protected String description() {
            return name;
        }
    }
}

package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.FileTable;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.OperationsInFlightException;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One ring and the platform thread that owns it: anyone submits operations, the thread hands them to
 * the kernel in batches and runs what is to happen as they complete.
 *
 * <h2>A turn</h2>
 *
 * <p>The thread takes what was posted, writes it into the ring, and makes one system call that both
 * submits and waits; then it takes the completions and runs due timers. A thread that posts wakes
 * the loop only if it sleeps, and only the first of many does: by an eventfd that the loop always
 * reads.
 *
 * <h2>Limits</h2>
 *
 * <p>More operations than submission entries cost one more enter. More than {@code maxOperations} in
 * flight wait in order, counted by {@link LoopStatistics#limitWaits()}. Completions beyond their
 * queue wait in the kernel; an episode of that is logged once and counted. A lost completion makes
 * the ring unsound: the loop ends, and says so.
 *
 * <h2>Threads</h2>
 *
 * <p>Every public method may be called by any thread unless it says otherwise. Callbacks run on the
 * loop's thread and must not block: whatever they wait for is waiting for them.
 *
 * <h2>The end</h2>
 *
 * <p>{@link #close()} refuses new operations, cancels those in flight, and waits for the last
 * completion of each. What the kernel keeps beyond the deadline is named in an {@link
 * OperationsInFlightException}; its memory is never given back, so that the kernel can't write into
 * somebody else's.
 */
public final class RingLoop implements Executor, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RingLoop.class.getName());

    private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L);

    private enum Phase {
        RUNNING,
        CLOSING,
        CLOSED
    }

    private final LoopOptions options;
    private final LoopThread thread;
    private final CompletableFuture<LoopCore> core = new CompletableFuture<>();
    private final Mailbox mailbox = new Mailbox();
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private final AtomicLong timers = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final LoopCounters counters = new LoopCounters();
    private final OwnedFd wakeup;

    private volatile Phase phase = Phase.RUNNING;
    private volatile long closeBy;

    private RingLoop(LoopOptions options) throws ErrnoException {
        this.options = options;
        wakeup = Fds.eventFd(0, 0);
        thread = new LoopThread(this::run, options.name());
    }

    /**
     * Makes a loop that does nothing yet, so that its meters exist before it begins.
     *
     * @throws ErrnoException if there is no descriptor for it
     */
    public static RingLoop create(LoopOptions options) throws IOException {
        return new RingLoop(options);
    }

    /**
     * Makes a loop, starts it and waits until its ring is there.
     *
     * @throws ErrnoException why the kernel refuses a ring, and what to change
     */
    public static RingLoop start(LoopOptions options) throws IOException {
        RingLoop loop = create(options);
        loop.start();
        return loop;
    }

    /**
     * Starts the loop and waits until its ring is there.
     *
     * @throws ErrnoException why the kernel refuses a ring, and what to change
     * @throws IllegalThreadStateException if it was started before
     */
    public void start() throws IOException {
        thread.start();
        try {
            core.join();
        } catch (CompletionException e) {
            throw asIoException(Objects.requireNonNull(e.getCause()));
        }
    }

    /** What the loop was made with. */
    public LoopOptions options() {
        return options;
    }

    /** Whether the calling thread is the loop's. */
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    /** Whether the loop takes no more operations. */
    public boolean isClosing() {
        return phase != Phase.RUNNING;
    }

    /** What the loop did and has. */
    public LoopStatistics statistics() {
        return counters.statistics();
    }

    /**
     * The loop's ring, to register files and buffers with it.
     *
     * @throws WrongThreadException unless called on the loop's thread
     */
    public IoUring ring() {
        return core().ring();
    }

    /**
     * The loop's slots for direct descriptors, which the kernel chooses from.
     *
     * @throws WrongThreadException unless called on the loop's thread
     * @throws IllegalStateException if the loop has none: see {@link LoopOptions#fileSlots()}
     */
    public FileTable files() {
        return core().files()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        options.name()
                                                + " has no slots for direct descriptors; give it"
                                                + " some with LoopOptions.withFileSlots"));
    }

    /**
     * Begins an operation, with all that are chained to it.
     *
     * @throws IllegalStateException if it is in flight already
     * @throws IllegalArgumentException if the chain is longer than the ring
     * @throws RejectedExecutionException if the loop is closing
     */
    public void submit(LoopOperation operation) {
        requireRunning();
        requireFit(operation.chainLength());
        operation.claim();
        if (inLoop()) {
            core().start(operation);
        } else {
            post(operation);
        }
    }

    /** Completes a future with the buffers of this loop's sockets. The loop's thread. */
    void receiveBuffers(CompletableFuture<ReceiveBuffers> into) {
        try {
            into.complete(core().receiveBuffers());
        } catch (ErrnoException | RuntimeException e) {
            into.completeExceptionally(e);
        }
    }

    /**
     * Begins an operation of one completion.
     *
     * @param name what it is, for errors
     * @param write writes it, on the loop's thread; memory it names lives until the future is done
     * @return the completion's result; an error is an {@link ErrnoException}. Cancelling the future
     *     cancels nothing in the kernel
     * @throws RejectedExecutionException if the loop is closing
     */
    public CompletableFuture<Integer> submit(String name, Consumer<SubmissionEntry> write) {
        FutureOperation operation = new FutureOperation(name, write);
        submit(operation);
        return operation.future();
    }

    /**
     * Puts the file of a descriptor into a slot that the kernel chooses. The descriptor may be
     * closed once the future is done. If the future was cancelled meanwhile, the slot is emptied again.
     *
     * @return the slot; ENFILE if all are in use, EBADF for a ring, which no ring may hold
     */
    public CompletableFuture<Integer> adopt(int descriptor) {
        return LoopSlots.adopt(this, descriptor);
    }

    /**
     * Makes a descriptor, closed on exec, for the file in a slot: what can be sent elsewhere. It is
     * closed again if the future was cancelled meanwhile.
     */
    public CompletableFuture<OwnedFd> install(int slot) {
        return LoopSlots.install(this, slot);
    }

    /** Empties a slot. */
    public CompletableFuture<Void> closeSlot(int slot) {
        return LoopSlots.close(this, slot);
    }

    /**
     * Puts the file in a slot of this loop into a slot of another too, without a descriptor. This
     * loop keeps its own. If the future was cancelled meanwhile, the slot there is emptied again.
     *
     * @return the slot there; ENFILE if all are in use or there are none, EBADF if the slot here is
     *     empty
     */
    public CompletableFuture<Integer> handOver(int slot, RingLoop other) {
        return LoopSlots.handOver(this, slot, other);
    }

    /** The number of the ring's descriptor. */
    int ringDescriptor() {
        if (!core.isDone()) {
            throw new IllegalStateException(options.name() + " is not started; start() it first");
        }
        return core.join().ring().descriptor();
    }

    /**
     * Asks the kernel to cancel an operation whose submit has returned. It completes all the same,
     * perhaps with success; what it brings then is the caller's to dispose of. Does nothing if it is
     * not in flight any more, or chained to one that did not complete yet.
     */
    public void cancel(LoopOperation operation) {
        post(core -> core.cancel(operation));
    }

    /** Asks the kernel to cancel every operation of this loop on a descriptor. */
    public void cancelDescriptor(int fd) {
        post(core -> core.cancel(entry -> entry.cancelDescriptor(fd)));
    }

    /** Asks the kernel to cancel every operation of this loop on a slot. */
    public void cancelSlot(int slot) {
        post(core -> core.cancel(entry -> entry.cancelSlot(slot)));
    }

    /**
     * Runs a task on the loop's thread: now if called there, otherwise in its next turn. A task that
     * the loop took on just before its end may never run; an operation would be told of that.
     *
     * @throws RejectedExecutionException if the loop is closing
     */
    @Override
    public void execute(Runnable task) {
        requireRunning();
        post(core -> task.run());
    }

    /**
     * Runs a task on the loop's thread after a time.
     *
     * @param delay 0 or more, below 292 years
     * @return cancels it
     * @throws RejectedExecutionException if the loop is closing
     */
    public LoopTimer schedule(Duration delay, Runnable task) {
        requireRunning();
        LoopTimer timer =
                new LoopTimer(System.nanoTime() + delay.toNanos(), timers.getAndIncrement(), task);
        post(core -> core.add(timer));
        return timer;
    }

    /**
     * Ends the loop in order, within {@link LoopOptions#closeDeadline()}. Called on the loop's own
     * thread it only begins the end, and returns. Does nothing the second time.
     *
     * @throws OperationsInFlightException which operations did not end
     * @throws IOException what the kernel says, or what had ended the loop before
     */
    @Override
    public void close() throws IOException {
        close(options.closeDeadline());
    }

    /** {@link #close()} with another deadline. */
    public void close(Duration deadline) throws IOException {
        beginClose(deadline);
        if (inLoop()) {
            return;
        }
        awaitEnd();
        Throwable why = failure.getAndSet(null);
        if (why != null) {
            throw asIoException(why);
        }
    }

    /** Begins the end and returns. */
    void beginClose(Duration deadline) {
        if (thread.getState() == Thread.State.NEW) {
            phase = Phase.CLOSED;
            closeWakeup(null);
        }
        post(core -> beginClosing(deadline));
    }

    // The other threads' side.

    /** Runs a task on the loop's thread: now if called there; dropped if the loop has ended. */
    void post(Consumer<LoopCore> task) {
        if (inLoop()) {
            task.accept(core());
        } else {
            post(new Task(task));
        }
    }

    /** Refuses the loop's own thread, which would wait for itself. */
    void requireWaitable() {
        if (inLoop()) {
            throw new IllegalStateException(
                    options.name()
                            + " can't wait for itself: call what blocks on a virtual thread, or use"
                            + " the asynchronous form");
        }
    }

    /** Runs a task on the loop's thread behind all that was posted before. */
    void postBehind(Consumer<LoopCore> task) {
        post(new Task(task));
    }

    private void post(Posted posted) {
        mailbox.post(posted);
        if (phase == Phase.CLOSED) {
            refuseMail(); // the loop has looked into its mailbox for the last time
        } else if (sleeping.get() && sleeping.compareAndSet(true, false)) {
            wake();
        }
    }

    private void wake() {
        counters.wakeups.incrementAndGet();
        long written = Sys.call(Syscall.WRITE, wakeup.number(), ONE.address(), 8);
        if (written != 8) {
            throw new IllegalStateException(
                    "the eventfd of "
                            + options.name()
                            + " was closed by somebody else: "
                            + written);
        }
    }

    /** What a callback throws ends neither the loop nor the others' callbacks. */
    void guarded(Runnable callback) {
        try {
            callback.run();
        } catch (RingFailure e) {
            throw e;
        } catch (RuntimeException | Error e) {
            report(e);
        }
    }

    void report(Throwable e) {
        counters.failures.incrementAndGet();
        LOG.log(System.Logger.Level.ERROR, "a callback of " + options.name() + " threw", e);
    }

    private void refuseMail() {
        Posted each = mailbox.takeAll();
        while (each != null) {
            Posted next = each.next;
            each.refuse(this);
            each = next;
        }
    }

    private void awaitEnd() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // the kernel still owns memory: an interrupt can't end that
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private LoopCore core() {
        if (!inLoop()) {
            throw new WrongThreadException(
                    "the ring belongs to "
                            + thread.getName()
                            + "; post a task that uses it with execute()");
        }
        return core.join();
    }

    private void requireRunning() {
        if (phase != Phase.RUNNING) {
            throw new RejectedExecutionException(options.name() + " is closing");
        }
    }

    private void requireFit(int chain) {
        int most = Math.min(options.entries(), options.maxOperations());
        if (chain > most) {
            throw new IllegalArgumentException(
                    "a chain of "
                            + chain
                            + " operations is longer than the "
                            + most
                            + " that this loop has room for at once");
        }
    }

    // The loop's own side.

    private void run() {
        LoopCore mine;
        try {
            mine = LoopCore.open(this, wakeup.number(), counters);
        } catch (IOException | RuntimeException | Error e) {
            phase = Phase.CLOSED;
            refuseMail();
            closeWakeup(e);
            core.completeExceptionally(e);
            return;
        }
        thread.beginTurns();
        core.complete(mine);
        try {
            turns(mine);
        } finally {
            end(mine);
            thread.endTurns();
        }
    }

    private void turns(LoopCore mine) {
        try {
            while (phase == Phase.RUNNING || mine.wakeOwed()) {
                mine.turn(mailbox, sleeping);
                thread.endTurn();
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, options.name() + " failed and ends", e);
            failure.set(e);
            beginClosing(options.closeDeadline());
        }
    }

    private void beginClosing(Duration deadline) {
        if (phase == Phase.RUNNING) {
            closeBy = System.nanoTime() + deadline.toNanos();
            phase = Phase.CLOSING;
        }
    }

    private void end(LoopCore mine) {
        Duration left = Duration.ofNanos(Math.max(0, closeBy - System.nanoTime()));
        try {
            mine.close(left);
        } catch (IOException | RuntimeException e) {
            keep(e);
        }
        phase = Phase.CLOSED;
        refuseMail();
        if (!mine.wakeOwed()) { // else somebody is about to write to this number
            closeWakeup(null);
        }
    }

    private void closeWakeup(@Nullable Throwable with) {
        try {
            wakeup.close();
        } catch (ErrnoException e) {
            if (with == null) {
                keep(e);
            } else {
                with.addSuppressed(e);
            }
        }
    }

    /** The first failure is what close() throws; the others come with it. */
    private void keep(Exception e) {
        if (!failure.compareAndSet(null, e)) {
            Throwable first = failure.get();
            if (first != null) {
                first.addSuppressed(e);
            }
        }
    }

    private static IOException asIoException(Throwable why) {
        return switch (why) {
            case IOException io -> io;
            case Error error -> throw error;
            case RuntimeException unchecked -> throw unchecked;
            default -> new IOException(why);
        };
    }

    /** The ring can't go on: ends the loop, also from within a callback. */
    static final class RingFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RingFailure(ErrnoException cause) {
            super(cause);
        }
    }

    /** A task for the loop's thread; refused, it is dropped, as what it is about has ended. */
    private static final class Task extends Posted {
        private final Consumer<LoopCore> task;

        Task(Consumer<LoopCore> task) {
            this.task = task;
        }

        @Override
        void run(LoopCore on) {
            task.accept(on);
        }

        @Override
        void refuse(RingLoop loop) {}
    }

    @Override
    public String toString() {
        return "RingLoop[" + options.name() + ", " + phase + "]";
    }
}

package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.FileTable;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Operation;
import dev.ringwatch.uring.OperationsInFlightException;
import dev.ringwatch.uring.RingLadder;
import dev.ringwatch.uring.RingOptions;
import dev.ringwatch.uring.SqeLayout;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a loop's thread works with: ring, operations, timers. That thread only. */
final class LoopCore {
    private static final System.Logger LOG = System.getLogger(RingLoop.class.getName());

    /** The user data of completions that interest nobody: the table gives it to no operation. */
    private static final long NOBODY = 0;

    /** The user data of the read of the eventfd. The table begins far above. */
    private static final long WAKEUP = 1;

    /** Operations on it end with EBADF. */
    private static final int NO_DESCRIPTOR = -1;

    /** Never let go of, and with them what they name in memory: the kernel may still use it. */
    private static final Queue<LoopOperation> ABANDONED = new ConcurrentLinkedQueue<>();

    private final RingLoop loop;
    private final LoopOptions options;
    private final IoUring ring;
    private final int wakeup;
    private final LoopCounters counters;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment wakeupCount = arena.allocate(8, 8);
    private final OperationTable table;
    private final ArrayDeque<LoopOperation> waiting = new ArrayDeque<>();
    private final ArrayDeque<Consumer<SubmissionEntry>> cancellations = new ArrayDeque<>();
    private final PriorityQueue<LoopTimer> timers = new PriorityQueue<>();
    private final Completion.Visitor visitor = this::dispatch;

    /** Somebody has taken it upon himself to wake this loop, and the wake has not come. */
    private boolean wakeOwed;

    /** The eventfd is not being read: there was no room for that. */
    private boolean deaf;

    /** Whether a flight recording wants to know of slow operations. */
    private boolean timed;

    /** An operation has the writer now. */
    private boolean writing;

    /** Where sockets receive, once there are any. */
    private @Nullable ReceiveBuffers receiveBuffers;

    /** The slots for direct descriptors, if the options want any. */
    private Optional<FileTable> files = Optional.empty();

    private boolean inBacklog;
    private OverflowEvent episode = new OverflowEvent();
    private int lostSeen;

    private LoopCore(RingLoop loop, IoUring ring, int wakeup, LoopCounters counters) {
        this.loop = loop;
        this.ring = ring;
        this.wakeup = wakeup;
        this.counters = counters;
        options = loop.options();
        table = new OperationTable(arena, options.maxOperations());
    }

    /** Makes the ring, on the calling thread. */
    static LoopCore open(RingLoop loop, int wakeup, LoopCounters counters) throws IOException {
        IoUring ring = IoUring.open(ringOptions(loop.options()));
        try {
            ring.registerDescriptor();
            LoopCore core = new LoopCore(loop, ring, wakeup, counters);
            int slots = loop.options().fileSlots();
            core.files =
                    slots == 0 ? Optional.empty() : Optional.of(ring.registerEmptyFiles(slots));
            core.armWakeup();
            return core;
        } catch (ErrnoException | RuntimeException | Error e) {
            ring.close();
            throw e;
        }
    }

    private static RingOptions ringOptions(LoopOptions options) throws IOException {
        return RingLadder.forOwner(options.entries())
                .options()
                .withCompletions(options.completions());
    }

    IoUring ring() {
        return ring;
    }

    Optional<FileTable> files() {
        return files;
    }

    boolean wakeOwed() {
        return wakeOwed;
    }

    /** Once round: what was posted goes in, what completed comes out. */
    void turn(Mailbox mailbox, AtomicBoolean sleeping) throws ErrnoException {
        timed = new SlowOperationEvent().isEnabled();
        runAll(mailbox.takeAll());
        if (receiveBuffers != null) {
            receiveBuffers.turn();
        }
        startWaiting();
        enter(mailbox, sleeping);
        counters.completions.add(ring.drain(options.completions(), visitor));
        watchOverflow();
        runTimers();
        counters.turns.add(1);
        count();
    }

    /** Shows others what the ring has and did. */
    private void count() {
        counters.enters.set(ring.enters());
        counters.pushedBack.set(ring.pushedBack());
        counters.outOfMemory.set(ring.outOfMemory());
        counters.inFlight.set(table.size());
        counters.waiting.set(waiting.size());
        counters.buffersInKernel.set(ring.buffersInKernel());
        counters.buffersLeased.set(ring.buffersLeased());
        counters.slotsUsed.set(ring.slotsUsed());
    }

    /** Writes the operation, or keeps it until there is room. */
    void start(LoopOperation operation) {
        if (writing) {
            operation.unclaim();
            throw new IllegalStateException(
                    "an operation that is being written can't submit another: it would be written"
                            + " into the same entry; submit it when this one completes");
        }
        if (loop.isClosing()) {
            operation.refuse(loop);
        } else if (waiting.isEmpty() && makeRoom(operation.chainLength())) {
            write(operation);
        } else {
            hold(operation);
        }
    }

    void cancel(LoopOperation operation) {
        if (operation.state() == LoopOperation.POSTED) {
            // Asked on this thread, while the submit of another lies in the mailbox.
            loop.postBehind(core -> core.cancelStarted(operation));
        } else {
            cancelStarted(operation);
        }
    }

    private void cancelStarted(LoopOperation operation) {
        switch (operation.state()) {
            case LoopOperation.IN_FLIGHT -> {
                long userData = operation.userData;
                cancel(entry -> entry.cancel(userData));
            }
            case LoopOperation.WAITING -> {
                if (waiting.remove(operation)) {
                    operation.refuse(loop);
                }
            }
            default -> {} // it has ended, or never began
        }
    }

    /** Writes a cancellation: it needs no place in the table, so that a full one can't stop it. */
    void cancel(Consumer<SubmissionEntry> cancellation) {
        counters.cancellations.add(1);
        if (!writing && roomInQueue(1)) {
            cancellation.accept(ring.next(NOBODY));
        } else {
            cancellations.add(cancellation);
        }
    }

    /**
     * The buffers of sockets, made when first asked for.
     *
     * @throws ErrnoException why the kernel refuses them
     */
    ReceiveBuffers receiveBuffers() throws ErrnoException {
        ReceiveBuffers made = receiveBuffers;
        if (made == null) {
            made = new ReceiveBuffers(loop, this);
            receiveBuffers = made;
        }
        return made;
    }

    void add(LoopTimer timer) {
        timers.add(timer);
    }

    /**
     * Refuses what waits, cancels what is in flight, and closes the ring.
     *
     * @throws OperationsInFlightException which operations did not end; they are abandoned, and
     *     their memory is kept
     */
    void close(Duration deadline) throws IOException {
        try {
            refuseWaiting();
            submitAll(); // what the ring has not seen it could not complete
        } finally {
            closeRing(deadline);
        }
    }

    private void refuseWaiting() {
        while (!waiting.isEmpty()) { // a callback may cancel another of them
            waiting.remove().refuse(loop);
        }
        if (receiveBuffers != null) {
            receiveBuffers.end();
        }
    }

    private void closeRing(Duration deadline) throws IOException {
        try {
            ring.close(deadline, visitor);
        } catch (OperationsInFlightException e) {
            throw e.naming(table.all().stream().map(LoopOperation::description).toList());
        } finally {
            List<LoopOperation> left = table.all();
            if (left.isEmpty()) {
                arena.close();
            }
            abandon(left);
        }
    }

    private void submitAll() throws ErrnoException {
        int before = Integer.MAX_VALUE;
        while (ring.waiting() > 0 && ring.waiting() < before) {
            before = ring.waiting();
            counters.submitted.add(ring.submitAndWait(0));
            counters.completions.add(ring.drain(options.completions(), visitor));
        }
    }

    private void abandon(List<LoopOperation> left) {
        counters.abandoned.add(left.size());
        counters.inFlight.set(left.size());
        counters.waiting.set(0);
        for (LoopOperation operation : left) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} ended with {1} in flight; its memory is not given back",
                    options.name(),
                    operation.description());
            ABANDONED.add(operation);
            loop.guarded(operation::abandoned);
        }
    }

    private void runAll(@Nullable Posted first) {
        Posted each = first;
        while (each != null) {
            Posted next = each.next;
            each.next = null; // it may be posted again as it runs
            runOne(each);
            each = next;
        }
    }

    private void runOne(Posted posted) {
        try {
            posted.run(this);
        } catch (RingLoop.RingFailure e) {
            throw e;
        } catch (RuntimeException | Error e) {
            loop.report(e);
        }
    }

    private void startWaiting() {
        if (deaf) {
            armWakeup();
        }
        while (!cancellations.isEmpty() && roomInQueue(1)) {
            cancellations.remove().accept(ring.next(NOBODY));
        }
        while (!waiting.isEmpty() && makeRoom(waiting.element().chainLength())) {
            write(waiting.remove());
        }
    }

    /** Submits and waits in one call. Whoever posts while this sleeps wakes it. */
    private void enter(Mailbox mailbox, AtomicBoolean sleeping) throws ErrnoException {
        long nanos = timeToSleep();
        boolean announced = nanos > 0 && !wakeOwed;
        if (announced) {
            sleeping.set(true); // then the mailbox; who posts looks in the reverse order
        }
        boolean sleep = nanos > 0 && mailbox.isEmpty();
        try {
            counters.submitted.add(sleep ? ring.submitAndWait(1, nanos) : ring.submitAndWait(0));
        } finally { // also of a ring that failed: nobody may wake it once its eventfd is closed
            if (announced && !sleeping.compareAndSet(true, false)) {
                wakeOwed = true;
            }
        }
    }

    private long timeToSleep() {
        if (loop.isClosing() || deaf || inBacklog || !cancellations.isEmpty() || waitingCanGo()) {
            return 0;
        }
        LoopTimer next = nextTimer();
        return next == null ? Long.MAX_VALUE : Math.max(0, next.deadline() - System.nanoTime());
    }

    /** The queue was full; after the next enter it will not be. */
    private boolean waitingCanGo() {
        return !waiting.isEmpty() && waiting.element().chainLength() <= table.room();
    }

    private void dispatch(long userData, int result, int flags) {
        if (userData == WAKEUP) {
            wakeOwed = false;
            armWakeup();
            return;
        }
        LoopOperation operation = table.find(userData);
        if (operation != null) {
            complete(operation, result, flags);
        } else if (userData != NOBODY) {
            counters.stray.add(1);
        }
    }

    private void complete(LoopOperation operation, int result, int flags) {
        if (operation.startedAt != 0) {
            time(operation, result);
        }
        int outcome = operation.broken ? -Errno.EINVAL.code() : result;
        if (Completion.isLast(flags)) {
            table.remove(operation.userData);
            operation.broken = false;
            operation.idle();
        }
        try {
            operation.completed(outcome, flags);
        } catch (RingLoop.RingFailure e) {
            throw e;
        } catch (RuntimeException | Error e) {
            loop.report(e);
        }
    }

    /** Records the operation if it was slow. */
    private void time(LoopOperation operation, int result) {
        long took = System.nanoTime() - operation.startedAt;
        operation.startedAt = 0;
        if (took >= SlowOperationEvent.SLOW_NANOS && !operation.waitsForOthers()) {
            SlowOperationEvent event = new SlowOperationEvent();
            event.ring = options.name();
            event.operation = operation.description();
            event.took = took;
            event.result = result;
            event.commit();
        }
    }

    private void hold(LoopOperation operation) {
        if (table.room() < operation.chainLength()) {
            counters.limitWaits.add(1);
        }
        for (LoopOperation each = operation; each != null; each = each.chained()) {
            each.state(LoopOperation.WAITING);
        }
        waiting.add(operation);
    }

    private boolean makeRoom(int count) {
        return table.room() >= count && roomInQueue(count);
    }

    private boolean roomInQueue(int count) {
        if (ring.room() < count) {
            try {
                counters.submitted.add(ring.submit());
            } catch (ErrnoException e) {
                throw new RingLoop.RingFailure(e);
            }
        }
        return ring.room() >= count;
    }

    private void write(LoopOperation first) {
        LoopOperation each = first;
        while (each != null) {
            LoopOperation next = each.chained();
            long userData = table.add(each);
            each.userData = userData;
            each.state(LoopOperation.IN_FLIGHT);
            each.startedAt = timed ? System.nanoTime() : 0;
            SubmissionEntry entry = ring.next(userData);
            write(each, entry);
            if (next != null) {
                entry.addFlags(each.hardChain() ? SqeLayout.IO_HARDLINK : SqeLayout.IO_LINK);
            }
            each = next;
        }
    }

    /**
     * An operation that can't be written goes as one that fails, for its entry is claimed, and what
     * is chained to it must not start.
     */
    private void write(LoopOperation operation, SubmissionEntry entry) {
        try {
            writing = true;
            operation.write(entry, table.room(operation.userData));
            if (entry.skipsSuccess()) {
                throw new IllegalStateException(
                        operation.description()
                                + " has skipSuccess: a loop waits for each operation's completion");
            }
        } catch (RuntimeException | Error e) {
            operation.broken = true;
            entry.reset().poll(NO_DESCRIPTOR, 0);
            loop.report(e);
        } finally {
            writing = false;
        }
    }

    private void armWakeup() {
        if (loop.isClosing()) {
            return;
        }
        deaf = !roomInQueue(1);
        if (!deaf) {
            ring.next(WAKEUP).read(wakeup, wakeupCount.address(), 8, Operation.CURRENT_POSITION);
        }
    }

    private void watchOverflow() {
        boolean backlog = ring.hasBacklog();
        if (backlog && !inBacklog) {
            beginEpisode();
        } else if (!backlog && inBacklog) {
            endEpisode();
        }
        inBacklog = backlog;
        int lost = ring.lostCompletions();
        if (lost != lostSeen) {
            counters.lostCompletions.add(Integer.toUnsignedLong(lost - lostSeen));
            lostSeen = lost;
            LOG.log(
                    System.Logger.Level.ERROR,
                    "{0}: the kernel had no memory for completions and lost some",
                    options.name());
        }
    }

    private void beginEpisode() {
        counters.overflowEpisodes.add(1);
        episode = new OverflowEvent();
        episode.begin();
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: completions wait in the kernel, their queue of {1} is full; make the loop with"
                        + " more completion entries",
                options.name(),
                ring.completionEntries());
    }

    private void endEpisode() {
        episode.ring = options.name();
        episode.entries = ring.completionEntries();
        episode.lost = counters.lostCompletions.get();
        episode.commit();
    }

    private void runTimers() {
        LoopTimer next = nextTimer();
        long now = next == null ? 0 : System.nanoTime();
        while (next != null && next.deadline() - now <= 0) {
            loop.guarded(timers.remove()::run);
            next = nextTimer();
        }
    }

    private @Nullable LoopTimer nextTimer() {
        LoopTimer next = timers.peek();
        while (next != null && next.cancelled()) {
            timers.remove();
            next = timers.peek();
        }
        return next;
    }
}

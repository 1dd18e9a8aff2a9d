package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.Tally;
import dev.ringwatch.uring.resource.Ticket;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One io_uring: operations go in, completions come out.
 *
 * <h2>Use</h2>
 *
 * <pre>{@code
 * try (IoUring ring = IoUring.open(RingOptions.entries(64))) {
 *     ring.prepare(new Operation.Read(Target.descriptor(fd), buffer, 0), 7);
 *     ring.submitAndWait(1);
 *     ring.drain(64, (userData, result, flags) -> ...);
 * }
 * }</pre>
 *
 * <h2>How it works</h2>
 *
 * <p>Ring and program share memory: an array of submission entries with a tail the program moves and
 * a head the kernel moves, and an array of completion entries with the roles exchanged. {@link
 * #prepare} writes an entry. {@link #submit} publishes the tail and, unless a poll thread of the
 * kernel looks at it by itself, calls io_uring_enter. {@link #drain} takes completions without a
 * system call. Who may read and write which word in which order stands beside each access in
 * SubmissionQueue and CompletionQueue.
 *
 * <p>This class has no policy: it never submits, waits, allocates or retries unless asked. When the
 * kernel wants completions taken first, {@link #submit} says so by accepting less than was prepared.
 *
 * <h2>Threads</h2>
 *
 * <p>A ring belongs to the platform thread that made it, or that called {@link #enable()} if it was
 * made with {@link SetupFlag#R_DISABLED}. Everything else from another thread is a {@link
 * WrongThreadException}; a virtual thread is refused, because the kernel binds rings to kernel tasks
 * and a virtual thread changes them. Counts are kept by the owner; another thread may read them late.
 *
 * <h2>The end</h2>
 *
 * <p>{@link #close()} cancels what is in flight, takes completions until nothing is left or five
 * seconds have passed, then lets go of everything. Memory named by an operation must live until
 * then. Under the ring there are three things that hold it alive in the kernel, each of which a
 * program may give up alone: {@link #closeDescriptor() the descriptor}, {@link #unmap() the
 * mappings}, and {@link #registerDescriptor() the task's registration}. Giving them up without
 * close leaves the operations in flight to the kernel, and a ring that holds its own file in one of
 * them stays for ever. That is legal, and what ringwatch was written to find.
 *
 * <p>Sources: io_uring(7), io_uring_setup(2), io_uring_enter(2), io_uring_register(2).
 */
public final class IoUring implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("dev.ringwatch.uring");

    private static final int ENTER_GETEVENTS = 1;
    private static final int ENTER_SQ_WAKEUP = 1 << 1;
    private static final int ENTER_REGISTERED_RING = 1 << 4;
    private static final int ENTER_ABS_TIMER = 1 << 5;
    private static final int ENTER_NO_IOWAIT = 1 << 7;

    private static final int REGISTER_ENABLE_RINGS = 12;
    private static final int REGISTER_RING_FDS = 20;
    private static final int UNREGISTER_RING_FDS = 21;
    private static final int REGISTER_USE_REGISTERED_RING = 1 << 31;

    private static final int RING_FD_UPDATE_SIZE = 16;
    private static final int NOT_REGISTERED = -1;

    private static final int REAP_FIRST = -1;
    private static final int TIMED_OUT = -2;
    private static final int INTERRUPTED = -3;

    /** How long {@link #close()} waits for operations in flight. */
    public static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);

    /** What the completions of close's own cancellations carry. */
    private static final long CLOSE_USER_DATA = -1;

    /** Of a cancellation: not answered yet. */
    private static final int UNKNOWN = -1;

    /** An operation that a worker is starting escapes one cancellation; the next finds it. */
    private static final long CANCEL_AGAIN_NANOS = 10_000_000;

    private final OwnedFd descriptor;
    private final List<BufferRing> bufferRings = new ArrayList<>();
    private final int number;
    private final String noun;
    private final Ticket ticket;
    private final Tally operations;
    private final RingControl control = new RingControl(this);
    private final boolean pollThread;
    private RingOptions options;
    private RingSetup setup;
    private SubmissionQueue submissions;
    private CompletionQueue completions;
    private WaitArgument wait = WaitArgument.copied();

    /** Flags that every enter that waits has. */
    private int waitFlags = ENTER_GETEVENTS;

    private Thread owner;
    private boolean enabled;
    private boolean mapped = true;
    private boolean closed;
    private boolean draining;
    private int registeredIndex = NOT_REGISTERED;
    private long accepted;

    /** Operations submitted that complete only if they fail. */
    private long silent;

    private long enters;
    private long outOfMemory;
    private long pushedBack;
    private long overflows;
    private boolean backlog;

    /** While closing: how many operations the last cancellation found, or {@link #UNKNOWN}. */
    private int found;

    /** A completion was lost, and the kernel said so. */
    private boolean unsound;

    private IoUring(RingOptions options, RingSetup setup) {
        this.options = options;
        this.setup = setup;
        pollThread = options.has(SetupFlag.SQPOLL);
        descriptor = setup.descriptor();
        submissions = setup.submissions();
        completions = setup.completions();
        registeredIndex = setup.registration().orElse(NOT_REGISTERED);
        owner = Thread.currentThread();
        enabled = !options.has(SetupFlag.R_DISABLED);
        ResourceTracker tracker = ResourceTracker.global();
        boolean hasDescriptor = descriptor.isOpen();
        number = hasDescriptor ? descriptor.number() : registeredIndex;
        noun = hasDescriptor ? "ring fd" : "registered ring";
        ticket = tracker.opened(ResourceKind.RING, noun, number, this);
        operations = tracker.tally(ResourceKind.OPERATION);
    }

    /**
     * Makes a ring that belongs to the calling thread.
     *
     * @throws ErrnoException why the kernel refuses, and what to change
     * @throws WrongThreadException on a virtual thread
     */
    public static IoUring open(RingOptions options) throws ErrnoException {
        requirePlatformThread();
        return new IoUring(options, RingSetup.of(options));
    }

    /** What the ring was made with. */
    public RingOptions options() {
        return options;
    }

    /** Whether the kernel has a feature. Any thread. */
    public boolean has(Feature feature) {
        return feature.in(setup.features());
    }

    /** Submission entries the ring has, a power of two. Any thread. */
    public int submissionEntries() {
        return submissions.capacity();
    }

    /** Completion entries the ring has, a power of two. Any thread. */
    public int completionEntries() {
        return completions.capacity();
    }

    /**
     * Starts a ring made with {@link SetupFlag#R_DISABLED} and binds it to the calling thread, the one
     * method another thread may call. Handing the object over safely is the caller's.
     *
     * @throws IllegalStateException if it is enabled, closed, or registered with a task already
     * @throws ErrnoException what io_uring_register(2) says
     */
    public void enable() throws ErrnoException {
        requirePlatformThread();
        if (enabled || closed) {
            throw new IllegalStateException(
                    closed ? "the ring is closed" : "the ring is enabled already");
        }
        if (registeredIndex != NOT_REGISTERED) {
            throw new IllegalStateException(
                    "the ring is registered with the task of " + owner.getName());
        }
        owner = Thread.currentThread();
        register(REGISTER_ENABLE_RINGS, MemorySegment.NULL, 0, "");
        enabled = true;
    }

    /**
     * Writes an operation into the submission queue, to go with the next submit.
     *
     * @param userData comes back with each completion; values from -2^48 to -1 are reserved. Never a
     *     descriptor's number: numbers are used again
     * @return the entry written, for what goes beyond the operation; good until the next one
     * @throws IllegalStateException if the queue is full, or the ring closed
     */
    public SubmissionEntry prepare(Operation operation, long userData) {
        return prepare(operation, userData, 0);
    }

    /**
     * {@link #prepare(Operation, long)} with entry flags.
     *
     * <p>An operation with {@link SqeLayout#CQE_SKIP_SUCCESS} is not counted in flight, since its
     * end may go unseen.
     *
     * @param flags constants of {@link SqeLayout}
     */
    public SubmissionEntry prepare(Operation operation, long userData, int flags) {
        requireMapped();
        requireFree(userData);
        return submissions.put(operation, userData, flags);
    }

    /**
     * Claims the next submission entry, to be written without an object for it.
     *
     * @param userData as for {@link #prepare(Operation, long)}
     * @return the ring's writer, placed on a nop
     * @throws IllegalArgumentException if the user data is reserved
     * @throws IllegalStateException if the queue is full, or the ring closed
     */
    public SubmissionEntry next(long userData) {
        requireMapped();
        requireFree(userData);
        return submissions.next(userData);
    }

    /** {@link #next} for an operation of the ring itself. */
    SubmissionEntry nextOwn(long userData) {
        requireMapped();
        return submissions.next(userData);
    }

    /**
     * Makes sure that a whole chain fits before any of it is written.
     *
     * @param count how many operations
     * @throws IllegalStateException if {@link #room()} is less
     */
    public void reserve(int count) {
        requireMapped();
        submissions.reserve(count);
    }

    /** Operations that can be prepared before the queue is full. */
    public int room() {
        requireMapped();
        return submissions.room();
    }

    /** Operations prepared and not yet taken by the kernel. */
    public int waiting() {
        requireMapped();
        return submissions.waiting();
    }

    /** Completions that {@link #drain} can take now. */
    public int ready() {
        requireMapped();
        return completions.ready();
    }

    /**
     * Operations submitted whose last completion was not taken yet. Completions that another ring
     * sent here count against it, and so do failures of operations that are silent on success.
     */
    public long inFlight() {
        return accepted - silent - completions.finished();
    }

    /** System calls made to submit, wait or fetch. */
    public long enters() {
        return enters;
    }

    /** Operations the kernel, or its poll thread, was given. */
    public long submitted() {
        return accepted;
    }

    /** Completions taken; an operation may have many, or none. */
    public long completed() {
        return completions.taken();
    }

    /** Times the kernel had no memory for a request (EAGAIN). */
    public long outOfMemory() {
        return outOfMemory;
    }

    /** Times the kernel wanted completions taken before it went on (EBUSY). */
    public long pushedBack() {
        return pushedBack;
    }

    /** Times that completions began to wait in the kernel because their queue was full. */
    public long overflows() {
        return overflows;
    }

    /** Completions lost for ever because the kernel had no memory for them, modulo 2^32. */
    public int lostCompletions() {
        requireMapped();
        return completions.lost();
    }

    /** Whether completions wait in the kernel because their queue is full; draining brings them. */
    public boolean hasBacklog() {
        requireMapped();
        noteBacklog();
        return backlog;
    }

    /**
     * Hands what was prepared to the kernel.
     *
     * @return operations the kernel took; fewer than were waiting if it wants completions taken
     *     first, or stopped at an entry in error (see {@link SetupFlag#SUBMIT_ALL})
     * @throws ErrnoException if the ring cannot go on; an operation's error is in its completion
     */
    public int submit() throws ErrnoException {
        requireEnterable();
        int count = publish();
        if (pollThread) {
            int result = submissions.needsWakeup() ? enter(count, 0, ENTER_SQ_WAKEUP) : 0;
            return accept(count, result);
        }
        return count == 0 ? 0 : accept(count, enter(count, 0, 0));
    }

    /**
     * {@link #submit()}, then waits until so many completions are ready.
     *
     * @param completionsWanted 0 only runs completion work that waits for the owner; never more than
     *     {@link #completionEntries()}
     * @return operations the kernel took; fewer completions are ready only if it wants completions
     *     taken first
     * @throws ErrnoException if the ring cannot go on
     */
    public int submitAndWait(int completionsWanted) throws ErrnoException {
        return submitAndWait(completionsWanted, Long.MAX_VALUE);
    }

    /**
     * {@link #submitAndWait(int)} for a limited time.
     *
     * @param nanos at most so long; Long.MAX_VALUE is without limit
     * @return operations the kernel took; the time being up is no error
     * @throws ErrnoException if the ring cannot go on
     */
    public int submitAndWait(int completionsWanted, long nanos) throws ErrnoException {
        requireEnterable();
        requireWaitable(completionsWanted);
        long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
        int taken = 0;
        do {
            int count = publish();
            int hidden = completions.hidden();
            int wanted = withHidden(completionsWanted, hidden);
            int result = enterAndWait(count, wanted, left(nanos, start));
            taken += accept(count, result);
            if (result == REAP_FIRST || isFull(hidden)) {
                return taken;
            }
        } while (completions.ready() < completionsWanted && left(nanos, start) > 0);
        return taken;
    }

    /**
     * {@link #submitAndWait(int, long)} that is content with less after a while: trades latency for
     * full batches. Since 6.12 ({@link Feature#MIN_TIMEOUT}).
     *
     * @param minimalNanos how long to wait for all that is wanted; after that one is enough
     * @param nanos at most so long, if not even one comes
     * @throws UnsupportedOperationException if the kernel can't
     * @throws ErrnoException if the ring cannot go on
     */
    public int submitAndGather(int completionsWanted, long minimalNanos, long nanos)
            throws ErrnoException {
        requireEnterable();
        requireWaitable(completionsWanted);
        requireFeature(Feature.MIN_TIMEOUT);
        long start = System.nanoTime();
        int taken = 0;
        boolean enough;
        do {
            long minimum = left(minimalNanos, start);
            wait.set(left(nanos, start), minimum);
            int count = publish();
            // When the minimum is over and only completions of tables came, one is enough.
            int target = minimum == 0 && minimalNanos > 0 ? 1 : completionsWanted;
            int hidden = completions.hidden();
            int result = enter(count, withHidden(target, hidden), waitFlags(), wait);
            taken += accept(count, result);
            if (result == REAP_FIRST || isFull(hidden)) {
                return taken;
            }
            int ready = completions.ready();
            enough = ready >= completionsWanted || (ready > 0 && left(minimalNanos, start) == 0);
        } while (!enough && left(nanos, start) > 0);
        return taken;
    }

    /**
     * {@link #submitAndWait(int)} until a point of time. Since 6.12.
     *
     * @param deadline by {@link System#nanoTime()}, which is CLOCK_MONOTONIC; by another clock after
     *     {@link RingControl#useClock}
     * @return operations the kernel took; the time being up is no error
     * @throws ErrnoException EINVAL if the kernel can't; or if the ring cannot go on
     */
    public int submitAndWaitUntil(int completionsWanted, long deadline) throws ErrnoException {
        requireEnterable();
        requireWaitable(completionsWanted);
        wait.set(deadline, 0);
        int taken = 0;
        while (true) {
            int count = publish();
            int hidden = completions.hidden();
            int wanted = withHidden(completionsWanted, hidden);
            int flags = waitFlags() | ENTER_ABS_TIMER | wait.flags();
            int result = enter(count, wanted, flags, wait.argument(), wait.size());
            taken += accept(count, result);
            // Where some completions are ready, but too few, the kernel returns 0 at the deadline.
            boolean late = result == 0 && completions.all() < wanted;
            boolean refused = result == REAP_FIRST || result == TIMED_OUT || isFull(hidden);
            if (late || refused || completions.ready() >= completionsWanted) {
                return taken;
            }
        }
    }

    /** What to wait for so that so many are ready besides completions of the ring's tables. */
    private int withHidden(int completionsWanted, int hidden) {
        return completionsWanted == 0
                ? 0
                : Math.min(completionsWanted + hidden, completions.capacity());
    }

    /** Whether completions of tables leave no room, so that waiting on would not end. */
    private boolean isFull(int hidden) {
        return hidden > 0 && completions.isFull();
    }

    /**
     * Whether a wait counts as waiting for input and output, which it does at first: the processor
     * then seems busy with it and keeps a higher frequency. Since 6.15 ({@link Feature#NO_IOWAIT}).
     *
     * @throws UnsupportedOperationException if the kernel can't
     */
    public void countAsIoWait(boolean on) {
        requireOwner();
        requireFeature(Feature.NO_IOWAIT);
        waitFlags = on ? ENTER_GETEVENTS : ENTER_GETEVENTS | ENTER_NO_IOWAIT;
    }

    /**
     * Puts the arguments of waits where the kernel reads them without copying. Once, before {@link
     * #enable()}. Since 6.13.
     *
     * @throws ErrnoException EINVAL if the kernel can't, or the ring is enabled
     */
    public void registerWaits() throws ErrnoException {
        requireRegisterable();
        MemorySegment pages = WaitArgument.pages();
        control.registerWaitRegion(pages);
        wait = WaitArgument.inRegion(pages);
    }

    /**
     * Gives the ring queues of other sizes, with the completions that are in them. Since 6.13.
     *
     * <p>Only a ring with {@link SetupFlag#DEFER_TASKRUN} and {@link SetupFlag#NO_SQARRAY} (the
     * kernel does not tell where the new array of indices is), and without {@link
     * SetupFlag#TASKRUN_FLAG} (kernels up to 6.18 may write that flag while they exchange the
     * queues).
     *
     * @param entries submission entries, as {@link RingOptions#entries}
     * @param completionEntries completion entries, as {@link RingOptions#completions}
     * @throws IllegalStateException if the ring is another kind; if operations are prepared and not
     *     taken; if a ring with {@link SetupFlag#CQE32} has completions, which kernels up to 6.18
     *     copy wrong; or if called by a visitor
     * @throws ErrnoException EOVERFLOW if the completions do not fit; the ring is as before. If only
     *     mapping the new queues failed, it can be closed and nothing else
     */
    public void resize(int entries, int completionEntries) throws ErrnoException {
        requireEnterable();
        requireNotDraining();
        requireResizable();
        RingOptions resized = options.resized(entries, completionEntries);
        RingSetup made;
        try {
            made = setup.resize(this, resized);
        } catch (ErrnoException e) {
            if (!e.call().equals(Syscall.IO_URING_REGISTER.call())) {
                unmap(); // the kernel uses the new queues, so the old ones mean nothing
            }
            throw e;
        }
        Arena replaced = setup.arena();
        setup = made;
        submissions = made.submissions();
        completions = made.completions();
        options = resized;
        replaced.close();
    }

    /**
     * Takes completions that are ready, in order, without waiting.
     *
     * <p>Completions that tell a table that a slot is free are taken too, and not shown.
     *
     * <p>Completions that wait in the kernel for room, or for the owner to enter (the ring's flags
     * say both), are fetched first if none is ready. With {@link SetupFlag#DEFER_TASKRUN} and
     * without {@link SetupFlag#TASKRUN_FLAG} nothing says so: call {@link #submitAndWait(int)}.
     *
     * @param limit at most so many
     * @return how many were shown
     * @throws ErrnoException if the ring cannot go on
     * @throws IllegalStateException if called by the visitor
     */
    public int drain(int limit, Completion.Visitor visitor) throws ErrnoException {
        fetch();
        draining = true;
        try {
            return completions.drain(limit, visitor);
        } finally {
            draining = false;
            operations.set(inFlight());
        }
    }

    /**
     * {@link #drain} with the 16 bytes more that completions of 32 bytes have.
     *
     * @throws IllegalStateException also if the ring has neither {@link SetupFlag#CQE32} nor {@link
     *     SetupFlag#CQE_MIXED}
     */
    public int drainBig(int limit, Completion.BigVisitor visitor) throws ErrnoException {
        fetch();
        if (!completions.hasBigEntries()) {
            throw new IllegalStateException(
                    "completions of this ring have 16 bytes; make it with CQE32 or CQE_MIXED");
        }
        draining = true;
        try {
            return completions.drainBig(limit, visitor);
        } finally {
            draining = false;
            operations.set(inFlight());
        }
    }

    /** Before draining: lets the kernel put into the queue what waits for that. */
    private void fetch() throws ErrnoException {
        requireMapped();
        requireNotDraining();
        int flags = noteBacklog();
        boolean more = (flags & (SubmissionQueue.CQ_OVERFLOW | SubmissionQueue.TASKRUN)) != 0;
        if (more && completions.ready() == 0) {
            requireEnterable();
            completions.takeHidden(); // they may be all there is room for
            enter(0, 0, ENTER_GETEVENTS);
        }
    }

    /** Buffers of all its groups that the kernel may put something into. */
    public int buffersInKernel() {
        requireOwner();
        int sum = 0;
        for (BufferRing group : bufferRings) {
            sum += group.kernelHolds();
        }
        return sum;
    }

    /** Buffers of all its groups that the program holds, as far as a refill heard. */
    public int buffersLeased() {
        requireOwner();
        int sum = 0;
        for (BufferRing group : bufferRings) {
            sum += group.leased();
        }
        return sum;
    }

    /** Slots of its file table that hold a file. */
    public int slotsUsed() {
        requireOwner();
        return tags().filesUsed();
    }

    /** What is set on the ring besides its queues and tables. */
    public RingControl control() {
        return control;
    }

    /**
     * Puts files into a new table of the ring; the ring holds them until they are taken out or it
     * is gone.
     *
     * @param descriptors one a slot, -1 for an empty slot
     * @throws ErrnoException EBADF if one is not open or is a ring; EBUSY if there is a table;
     *     EMFILE if there are more than RLIMIT_NOFILE
     */
    public FileTable registerFiles(int... descriptors) throws ErrnoException {
        requireRegisterable();
        return FileTable.register(this, descriptors);
    }

    /**
     * Makes a table of empty slots. Since 5.19.
     *
     * @param slots 1 to RLIMIT_NOFILE
     * @throws ErrnoException as for {@link #registerFiles}
     */
    public FileTable registerEmptyFiles(int slots) throws ErrnoException {
        requireRegisterable();
        return FileTable.empty(this, slots);
    }

    /**
     * Makes a table of registered buffers without memory yet. Since 5.19.
     *
     * @param slots 1 to 16384
     * @throws ErrnoException as for {@link #registerBuffers}
     */
    public BufferTable registerEmptyBuffers(int slots) throws ErrnoException {
        requireRegisterable();
        return BufferTable.empty(this, slots);
    }

    /**
     * Registers what another ring of this process has registered, without pinning it again. Since
     * 6.12.
     *
     * @param source of another ring, whose owner does not change it meanwhile
     * @throws ErrnoException EBUSY if there are buffers already; EINVAL if the kernel does not know it
     */
    public BufferTable cloneBuffers(BufferTable source) throws ErrnoException {
        requireRegisterable();
        return BufferTable.copyOf(this, source);
    }

    /**
     * Pins memory for {@link Operation.ReadFixed} and {@link Operation.WriteFixed}.
     *
     * @param buffers native memory, alive until they are unregistered or the ring is gone
     * @throws ErrnoException ENOMEM beyond RLIMIT_MEMLOCK; EBUSY if there are some already; EFAULT
     *     or EOPNOTSUPP for memory that cannot be pinned
     */
    public BufferTable registerBuffers(MemorySegment... buffers) throws ErrnoException {
        requireRegisterable();
        return BufferTable.register(this, buffers);
    }

    /**
     * Makes a group of buffers from which the kernel takes one when there is something to put into
     * it. Since 5.19.
     *
     * @throws ErrnoException EEXIST if the ring has the group; ENOMEM
     */
    public BufferRing registerBufferRing(BufferRingOptions bufferRing) throws ErrnoException {
        requireRegisterable();
        BufferRing made = BufferRing.register(this, bufferRing);
        bufferRings.add(made);
        return made;
    }

    /** The buffer ring was closed by itself. */
    void forget(BufferRing bufferRing) {
        bufferRings.remove(bufferRing);
    }

    /**
     * The number of the ring's descriptor. Any thread.
     *
     * @throws IllegalStateException after {@link #closeDescriptor()} or {@link #close()}
     */
    public int descriptor() {
        return descriptor.number();
    }

    /**
     * Registers the ring with the calling task, so that enter need not look its descriptor up; from
     * then on the task holds the ring too, and it works without its descriptor. Since 5.18.
     *
     * @throws IllegalStateException if it is registered already
     * @throws ErrnoException EBUSY if the task has 16 already
     */
    public void registerDescriptor() throws ErrnoException {
        requireRegisterable();
        if (registeredIndex != NOT_REGISTERED) {
            throw new IllegalStateException("the ring is registered with its task already");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = ringUpdate(arena, -1, descriptor.number());
            register(REGISTER_RING_FDS, update, 1, "");
            registeredIndex = update.get(JAVA_INT, 0);
        }
    }

    /**
     * Takes the ring's registration with its task back.
     *
     * @throws IllegalStateException if it is not registered
     */
    public void unregisterDescriptor() throws ErrnoException {
        requireOwner();
        if (registeredIndex == NOT_REGISTERED) {
            throw new IllegalStateException("the ring is not registered with its task");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = ringUpdate(arena, registeredIndex, 0);
            register(UNREGISTER_RING_FDS, update, 1, "");
            registeredIndex = NOT_REGISTERED;
        }
    }

    /**
     * Closes the descriptor and nothing else: a mapping or a registration still holds the ring, and
     * operations in flight go on. Does nothing the second time.
     *
     * @throws ErrnoException what close(2) reports
     */
    public void closeDescriptor() throws ErrnoException {
        requireOwner();
        descriptor.close();
    }

    /**
     * Gives up the mappings and nothing else: a descriptor or a registration still holds the ring,
     * and operations in flight go on, their completions unseen. Does nothing the second time.
     *
     * @throws IllegalStateException if called by a visitor
     */
    public void unmap() {
        requireOwner();
        requireNotDraining();
        if (mapped) {
            mapped = false;
            setup.arena().close();
        }
    }

    /** Whether {@link #close()} was called. Owner only. */
    public boolean isClosed() {
        requireOwner();
        return closed;
    }

    /**
     * Ends the ring in order: cancels all, takes completions until nothing is in flight, gives up
     * registration, mappings and descriptor. Does nothing the second time.
     *
     * <p>A completion taken here is dropped; use {@link #close(Duration, Completion.Visitor)} where
     * one may bring a descriptor.
     *
     * @throws OperationsInFlightException if some did not end within {@link #CLOSE_DEADLINE}; the
     *     ring is closed, their memory is the kernel's
     * @throws IOException what the kernel says; the ring is closed
     */
    @Override
    public void close() throws IOException {
        close(CLOSE_DEADLINE, (userData, result, flags) -> {});
    }

    /**
     * {@link #close()} with a deadline, showing the completions taken.
     *
     * <p>Leases that are open are named in the log: their memory is gone with the ring. Slots are
     * emptied by the kernel.
     *
     * <p>What was prepared and not submitted is dropped. A ring whose mappings or whose every way
     * into the kernel were given up before is not waited for.
     *
     * @param visitor sees each completion; a cancelled operation may have succeeded
     */
    public void close(Duration deadline, Completion.Visitor visitor) throws IOException {
        requireOwner();
        requireNotDraining();
        if (closed) {
            return;
        }
        closed = true;
        long left;
        try {
            left = settle(deadline.toNanos(), visitor);
        } finally {
            try {
                release();
            } finally {
                endResources();
            }
        }
        if (left > 0) {
            List<String> open = openLeases();
            tags().inUse().ifPresent(open::add);
            throw new OperationsInFlightException(left, open);
        }
    }

    private void endResources() {
        ticket.close();
        boolean idle = inFlight() <= 0 && found == 0;
        if (idle) {
            operations.end(); // else what is left stays counted
        }
        bufferRings.forEach(bufferRing -> bufferRing.ended(idle));
        tags().ended();
        List<String> leases = openLeases();
        if (!leases.isEmpty()) {
            LOGGER.log(Level.WARNING, name() + " was closed, and its memory is gone: " + leases);
        }
    }

    private List<String> openLeases() {
        List<String> open = new ArrayList<>();
        for (BufferRing bufferRing : bufferRings) {
            bufferRing.openLeases().ifPresent(open::add);
        }
        return open;
    }

    /** Cancels and reaps; how many operations remained. */
    private long settle(long nanos, Completion.Visitor visitor) throws ErrnoException {
        if (!mapped || !enabled || !reachable()) {
            return 0;
        }
        submissions.takeBack();
        long start = System.nanoTime();
        Completion.Visitor others =
                (userData, result, flags) -> {
                    if (userData == CLOSE_USER_DATA) {
                        found = Math.max(0, result);
                    } else {
                        visitor.completed(userData, result, flags);
                    }
                };
        reap(others);
        // The count alone won't do: what another ring sent here, and what is silent, make it less.
        found = accepted > 0 && nanos > 0 ? UNKNOWN : 0;
        while ((inFlight() > 0 || found != 0) && left(nanos, start) > 0) {
            cancelAll();
            waitFor(0, 0);
            reap(others);
            if (inFlight() > 0 || found == UNKNOWN) {
                waitFor(1, Math.min(left(nanos, start), CANCEL_AGAIN_NANOS));
                reap(others);
            }
        }
        return found == 0 ? inFlight() : Math.max(1, inFlight());
    }

    private void cancelAll() {
        found = UNKNOWN;
        if (submissions.room() > 0) { // with a full queue it goes with the next turn
            submissions.put(new Operation.CancelAll(), CLOSE_USER_DATA, 0);
        }
    }

    private void waitFor(int completionsWanted, long nanos) throws ErrnoException {
        int count = publish();
        int result = enterAndWait(count, completionsWanted, nanos);
        accept(count, result);
    }

    private void reap(Completion.Visitor visitor) {
        do {
            completions.drain(completions.capacity(), visitor);
        } while (completions.ready() > 0);
    }

    /** Gives up all that holds the ring, each also when another fails. */
    private void release() throws ErrnoException {
        try {
            if (registeredIndex != NOT_REGISTERED) {
                unregisterDescriptor();
            }
        } finally {
            try {
                unmap();
            } finally {
                descriptor.close();
            }
        }
    }

    /** Entries to submit, now visible to the kernel. */
    private int publish() {
        // The poll thread takes entries at any time, so count what was not shown to it; without
        // one, the kernel takes entries only in enter, and some may be left over from the last.
        int count = pollThread ? submissions.unpublished() : submissions.waiting();
        submissions.publish();
        silent += submissions.takeSilent();
        return count;
    }

    /** Counts what an enter took of so many entries; a poll thread takes all, in its own time. */
    private int accept(int count, int result) {
        int took = pollThread ? count : Math.max(0, result);
        accepted += took;
        operations.set(inFlight());
        return took;
    }

    private int enterAndWait(int count, int completionsWanted, long nanos) throws ErrnoException {
        if (nanos == Long.MAX_VALUE) {
            return enter(count, completionsWanted, waitFlags());
        }
        wait.set(nanos, 0);
        return enter(count, completionsWanted, waitFlags(), wait);
    }

    private int waitFlags() {
        boolean wake = pollThread && submissions.needsWakeup();
        return wake ? waitFlags | ENTER_SQ_WAKEUP : waitFlags;
    }

    /** {@link #enter(int, int, int, long, int)} without a limit of time. */
    private int enter(int count, int wanted, int flags) throws ErrnoException {
        int result;
        do {
            result = enter(count, wanted, flags, 0, 0);
        } while (result == INTERRUPTED);
        return result;
    }

    /** {@link #enter(int, int, int, long, int)} for some time, which a signal may cut short. */
    private int enter(int count, int wanted, int flags, WaitArgument time) throws ErrnoException {
        int result = enter(count, wanted, flags | time.flags(), time.argument(), time.size());
        return result == INTERRUPTED ? 0 : result;
    }

    /**
     * io_uring_enter(2).
     *
     * @return entries the kernel took, {@link #REAP_FIRST}, {@link #TIMED_OUT} or {@link
     *     #INTERRUPTED}
     */
    private int enter(int count, int wanted, int flags, long argument, int size)
            throws ErrnoException {
        boolean registered = registeredIndex != NOT_REGISTERED;
        int fd = registered ? registeredIndex : descriptor.number();
        int all = registered ? flags | ENTER_REGISTERED_RING : flags;
        enters++;
        long result = Sys.call(Syscall.IO_URING_ENTER, fd, count, wanted, all, argument, size);
        noteBacklog();
        return result >= 0 ? (int) result : failed((int) -result, fd);
    }

    private int failed(int code, int fd) throws ErrnoException {
        unsound |= code == Errno.EBADR.code();
        return switch (EnterFailure.of(code, fd)) {
            case INTERRUPTED -> INTERRUPTED;
            case TIMED_OUT -> TIMED_OUT;
            case NO_MEMORY -> {
                outOfMemory++;
                yield REAP_FIRST;
            }
            case REAP_FIRST -> {
                pushedBack++;
                yield REAP_FIRST;
            }
        };
    }

    /** Counts the times that completions began to wait for room; returns the kernel's flags. */
    private int noteBacklog() {
        int flags = submissions.flags();
        boolean now = (flags & SubmissionQueue.CQ_OVERFLOW) != 0;
        if (now && !backlog) {
            overflows++;
        }
        backlog = now;
        return flags;
    }

    /**
     * io_uring_register(2) on this ring.
     *
     * @return what the call returned, 0 or more
     */
    int register(int opcode, MemorySegment argument, int count, String detail)
            throws ErrnoException {
        boolean byIndex = !descriptor.isOpen();
        int fd = byIndex ? registeredIndex : descriptor.number();
        int code = byIndex ? opcode | REGISTER_USE_REGISTERED_RING : opcode;
        long result =
                Sys.call(
                        Syscall.IO_URING_REGISTER,
                        fd,
                        Integer.toUnsignedLong(code),
                        argument.address(),
                        count);
        if (Sys.failed(result)) {
            throw registerRefusal((int) -result, opcode, detail);
        }
        return (int) result;
    }

    private static ErrnoException registerRefusal(int code, int opcode, String detail) {
        String what = "opcode " + opcode + (detail.isEmpty() ? "" : ": " + detail);
        boolean denied = code == Errno.EPERM.code() || code == Errno.ENOSYS.code();
        boolean restricted = code == Errno.EACCES.code();
        String why =
                denied
                        ? "; " + Sandbox.denied(Syscall.IO_URING_REGISTER)
                        : restricted ? "; the ring's restrictions do not allow it" : "";
        return new ErrnoException(Syscall.IO_URING_REGISTER.call(), code, what + why);
    }

    /** Turns notices to the registered eventfd on or off. */
    void notifyEventFd(boolean on) {
        requireMapped();
        completions.notifyEventFd(on);
    }

    /** Throws unless the ring is this thread's, open, and has a way into the kernel. */
    void requireRegisterable() {
        requireOwner();
        requireOpen();
        requireReachable();
    }

    /** What messages call it, also when its descriptor is closed. */
    String name() {
        return noun + " " + number;
    }

    Tags tags() {
        return completions.tags();
    }

    private void requireEnterable() {
        requireMapped();
        requireReachable();
        if (unsound) {
            throw new IllegalStateException(
                    "completions of this ring were lost for want of memory, so what its operations"
                            + " did is not known: take what there is, close it and make another");
        }
    }

    private void requireFeature(Feature feature) {
        if (!has(feature)) {
            throw new UnsupportedOperationException(
                    "this kernel's io_uring has no " + feature + "; ask has(Feature) first");
        }
    }

    private void requireMapped() {
        requireOwner();
        requireOpen();
        if (!mapped) {
            throw new IllegalStateException("the ring is unmapped: its queues are out of reach");
        }
    }

    /** Whether the calling thread is the owner. Any thread. */
    boolean isOwner() {
        return Thread.currentThread() == owner;
    }

    void requireOwner() {
        if (!isOwner()) {
            throw new WrongThreadException(
                    "a ring has one owner thread; this one belongs to "
                            + owner.getName()
                            + " and "
                            + Thread.currentThread().getName()
                            + " used it");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the ring is closed");
        }
    }

    private void requireReachable() {
        if (!reachable()) {
            throw new IllegalStateException(
                    "the ring's descriptor is closed and it is not registered with its task, so"
                            + " there is no way into the kernel");
        }
    }

    private boolean reachable() {
        return descriptor.isOpen() || registeredIndex != NOT_REGISTERED;
    }

    private static void requireFree(long userData) {
        if (Tags.isReserved(userData)) {
            throw new IllegalArgumentException(
                    "user data from -2^48 to -1 is the ring's own, this is " + userData);
        }
    }

    private void requireNotDraining() {
        if (draining) {
            throw new IllegalStateException(
                    "a visitor may prepare and submit; it may not drain, unmap or close its ring");
        }
    }

    private void requireWaitable(int completionsWanted) {
        if (completionsWanted < 0 || completionsWanted > completions.capacity()) {
            throw new IllegalArgumentException(
                    "wait for 0 to "
                            + completions.capacity()
                            + " completions, the size of their queue, not for "
                            + completionsWanted);
        }
    }

    private void requireResizable() {
        if (!options.has(SetupFlag.DEFER_TASKRUN)
                || !options.has(SetupFlag.NO_SQARRAY)
                || options.has(SetupFlag.TASKRUN_FLAG)) {
            throw new IllegalStateException(
                    "only a ring with DEFER_TASKRUN and NO_SQARRAY and without TASKRUN_FLAG can be"
                            + " resized, not one with "
                            + options.flags());
        }
        if (submissions.waiting() > 0) {
            throw new IllegalStateException(
                    submissions.waiting()
                            + " operations are prepared; they would stay behind: submit them first");
        }
        if (options.has(SetupFlag.CQE32) && completions.ready() > 0) {
            throw new IllegalStateException(
                    "completions of 32 bytes are not moved right: take them first");
        }
    }

    private static void requirePlatformThread() {
        if (Thread.currentThread().isVirtual()) {
            throw new WrongThreadException(
                    "a ring belongs to a platform thread: the kernel binds it to a task, and a"
                            + " virtual thread changes tasks");
        }
    }

    /** struct io_uring_rsrc_update. */
    private static MemorySegment ringUpdate(Arena arena, int offset, long data) {
        MemorySegment update = arena.allocate(RING_FD_UPDATE_SIZE, 8);
        update.set(JAVA_INT, 0, offset);
        update.set(JAVA_LONG, 8, data);
        return update;
    }

    private static long left(long nanos, long start) {
        return nanos == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(0, nanos - (System.nanoTime() - start));
    }

    @Override
    public String toString() {
        return "IoUring[" + descriptor + ", " + options + "]";
    }
}

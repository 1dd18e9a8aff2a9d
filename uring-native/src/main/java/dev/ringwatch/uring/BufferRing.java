package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.Tally;
import dev.ringwatch.uring.resource.Ticket;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.MappedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Buffers from which the kernel takes one when there is something to put into it.
 *
 * <h2>Use</h2>
 *
 * <p>An operation prepared with BUFFER_SELECT names the group instead of memory. Its completion has
 * {@link Completion#F_BUFFER}, and {@link #lease} makes a {@link Lease} of it; {@link #leaseBundle}
 * makes several, where one completion may cover several buffers. Closing the lease gives the memory
 * back. Also an error can come with a buffer: what has F_BUFFER is leased and closed, or the buffer
 * is lost.
 *
 * <p>With no buffer left an operation ends with ENOBUFS. That does not mean that the program has
 * them all: others may be in operations under way. Start it again when some came back, which {@link
 * #onReturn} tells.
 *
 * <p>A ring {@linkplain BufferRingOptions#forSending() for sending} begins with all buffers at the
 * program: {@link #vacant} leases one, the program fills it, {@link Lease#publish} gives it to the
 * kernel. A send that names the group takes it, and its completion is leased as one of a receive is:
 * the lease is over the bytes sent, which may be fewer than published.
 *
 * <h2>How it works</h2>
 *
 * <p>Program and kernel share an array of entries, each the address, length and number of a buffer.
 * The program adds at the tail, the kernel takes at its head, and both are 16 bits that wrap. Since
 * buffers come back in any order, the order of entries changes for ever; it is remembered, for a
 * bundle names its first buffer only.
 *
 * <p>Entries and buffers lie in one anonymous mapping of ours, pinned by the registration. The
 * kernel could make the entries and let them be mapped through the ring's descriptor, but a mapping
 * holds the ring as a descriptor does, so one forgotten would keep all its files.
 *
 * <p>In an incremental ring, a buffer whose completion has {@link Completion#F_BUF_MORE} stays the
 * kernel's, which puts the next bytes behind; it goes back when the kernel has done with it and all
 * its leases are closed. Where bytes begin is the sum of the results before, which holds for sockets
 * and pipes in completion order. A read of a regular file, or one that a kernel worker makes (entry
 * flag ASYNC), takes what it asked for and not what it got: give it length 0, which takes all that
 * is left of the buffer.
 *
 * <h2>Threads</h2>
 *
 * <p>All is for the ring's owner thread, but a lease may be closed by any. Another thread puts it on
 * a list with one atomic exchange and the owner publishes it with {@link #refill()}, so publishing
 * needs no lock and the owner's own close no atomic instruction.
 *
 * <p>Sources: io_uring_register(2), IORING_REGISTER_PBUF_RING; io_uring/kbuf.c.
 */
public final class BufferRing implements AutoCloseable {
    private static final int REGISTER_PBUF_RING = 22;
    private static final int UNREGISTER_PBUF_RING = 23;
    private static final int REGISTER_PBUF_STATUS = 26;

    private static final int REG_SIZE = 40;
    private static final int REG_ENTRIES = 8;
    private static final int REG_GROUP = 12;
    private static final int REG_FLAGS = 14;
    private static final int REG_MIN_LEFT = 16;
    private static final short INCREMENTAL = 2;

    private static final int STATUS_SIZE = 40;
    private static final int STATUS_HEAD = 4;

    private static final int ENTRY_SIZE = 16;
    private static final int ENTRY_LENGTH = 8;
    private static final int ENTRY_ID = 12;

    /** The tail lies where entry 0, which begins at the same address, has nothing. */
    private static final int TAIL = 14;

    private static final int BUFFERS_ALIGNMENT = 4096;
    private static final int BUFFER_SHIFT = 16;
    private static final int POSITIONS = 0xffff;

    private static final VarHandle SHORT = JAVA_SHORT.varHandle();

    private final IoUring ring;
    private final BufferRingOptions options;
    private final MappedMemory mapping;
    private final MemorySegment memory;
    private final MemorySegment status;
    private final MemorySegment[] buffers;
    private final int mask;

    /** By position and mask: the buffer published there. */
    private final char[] order;

    /** By buffer: the position at which it was last published. */
    private final char[] positions;

    /** By buffer: bytes published, and how many of them the kernel has used since. */
    private final int[] lengths;

    private final int[] filled;

    /** By buffer: leases on it. */
    private final int[] leases;

    /** By buffer: whether the kernel may still put something into it. */
    private final boolean[] kernels;

    /** The next position to publish at, 16 bits. */
    private int tail;

    private final Ticket ticket;
    private final Tally tally;

    private int kernelHolds;
    private int leased;
    private long published;
    private long leasedEver;
    private boolean closed;

    /** Buffers that nobody has, of a ring for sending: so many from the first on, by mask. */
    private final char[] vacant;

    private int firstVacant;
    private int vacantCount;

    /** Lease objects not in use, first in first out so that a stale one stays recognisable long. */
    private final ArrayDeque<Lease> free;

    /** Closed by other threads, the last first; only ever pushed to, or taken as a whole. */
    private final AtomicReference<Lease> returned;

    /** Stands at the end of that list. */
    private final Lease end = new Lease(this);

    private final AtomicReference<Optional<Runnable>> onReturn =
            new AtomicReference<>(Optional.empty());

    private BufferRing(IoUring ring, BufferRingOptions options, MappedMemory mapping) {
        this.ring = ring;
        this.options = options;
        this.mapping = mapping;
        memory = mapping.segment();
        int entries = options.entries();
        status = memory.asSlice(entriesBytes(options), STATUS_SIZE);
        buffers = new MemorySegment[entries];
        mask = entries - 1;
        order = new char[entries];
        positions = new char[entries];
        lengths = new int[entries];
        filled = new int[entries];
        vacant = new char[entries];
        leases = new int[entries];
        kernels = new boolean[entries];
        free = new ArrayDeque<>(entries);
        returned = new AtomicReference<>(end);
        ResourceTracker tracker = ResourceTracker.global();
        ticket = tracker.opened(ResourceKind.BUFFER_RING, "buffer group", options.group(), this);
        tally = tracker.tally(ResourceKind.LEASE);
        long at = buffersOffset(options);
        for (int id = 0; id < entries; id++) {
            buffers[id] = memory.asSlice(at + (long) id * options.bufferSize(), size());
            free.addLast(new Lease(this));
        }
    }

    static BufferRing register(IoUring ring, BufferRingOptions options) throws ErrnoException {
        long bytes = buffersOffset(options) + (long) options.entries() * options.bufferSize();
        MappedMemory mapping =
                MappedMemory.map(
                        bytes,
                        MappedMemory.PROT_READ | MappedMemory.PROT_WRITE,
                        MappedMemory.MAP_PRIVATE | MappedMemory.MAP_ANONYMOUS,
                        -1,
                        0);
        BufferRing made = new BufferRing(ring, options, mapping);
        try {
            made.register();
            return made;
        } catch (ErrnoException | RuntimeException e) {
            made.ended(true);
            throw e;
        }
    }

    private void register() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(REG_SIZE, 8);
            request.set(JAVA_LONG, 0, memory.address());
            request.set(JAVA_INT, REG_ENTRIES, options.entries());
            request.set(JAVA_SHORT, REG_GROUP, (short) options.group());
            request.set(JAVA_SHORT, REG_FLAGS, isIncremental() ? INCREMENTAL : 0);
            request.set(JAVA_INT, REG_MIN_LEFT, options.minimumLeft());
            ring.register(
                    REGISTER_PBUF_RING,
                    request,
                    1,
                    options
                            + "; EEXIST means that the ring has the group already, EINVAL that the"
                            + " kernel does not know buffer rings (before 5.19), incremental ones"
                            + " (before 6.12) or a minimum that must be left");
        }
        for (int id = 0; id < options.entries(); id++) {
            unused(id);
        }
        showTail();
    }

    /** What it was made with. Any thread. */
    public BufferRingOptions options() {
        return options;
    }

    /** The number operations name it by. Any thread. */
    public int group() {
        return options.group();
    }

    /** Whether a completion with these flags has a buffer, which must be leased. */
    public static boolean hasBuffer(int flags) {
        return (flags & Completion.F_BUFFER) != 0;
    }

    /**
     * Leases the buffer of a completion, or the part of it that the completion is about.
     *
     * @param result the completion's
     * @param flags the completion's, with {@link Completion#F_BUFFER}
     * @throws IllegalArgumentException if there is no buffer in the flags, or not one of this ring
     * @throws IllegalStateException if the kernel does not have that buffer: the completion was leased
     *     before, or is another group's
     */
    public Lease lease(int result, int flags) {
        requireOwner();
        int id = buffer(flags);
        int bytes = Math.min(Math.max(result, 0), lengths[id] - filled[id]);
        return take(id, bytes, (flags & Completion.F_BUF_MORE) != 0);
    }

    /**
     * Leases the buffers of a completion of an operation prepared for bundles, in the order of the
     * bytes.
     *
     * @param into is given each lease; may close it
     * @return how many
     * @throws IllegalArgumentException as for {@link #lease}
     * @throws IllegalStateException as for {@link #lease}
     */
    public int leaseBundle(int result, int flags, Consumer<? super Lease> into) {
        requireOwner();
        int id = buffer(flags);
        int position = positions[id];
        boolean more = (flags & Completion.F_BUF_MORE) != 0;
        int left = Math.max(result, 0);
        int count = 1;
        while (left > lengths[id] - filled[id]) {
            int bytes = lengths[id] - filled[id];
            left -= bytes;
            // Read before the lease is shown: closing it publishes.
            int next = after(position, id);
            into.accept(take(id, bytes, false));
            position = (position + 1) & POSITIONS;
            id = next;
            count++;
        }
        into.accept(take(id, left, more));
        return count;
    }

    /** Whether {@link #vacant()} has a buffer. */
    public boolean hasVacant() {
        requireOwner();
        return vacantCount > 0;
    }

    /**
     * Leases a buffer that nobody has, to be filled and published; closed, it is vacant again.
     *
     * @throws IllegalStateException if there is none: all are published or leased, or the ring is not
     *     for sending
     */
    public Lease vacant() {
        requireRegistered();
        if (vacantCount == 0) {
            throw new IllegalStateException(
                    "no buffer of "
                            + this
                            + " is vacant: "
                            + kernelHolds
                            + " are published, "
                            + leased
                            + " leases open; lease and close those of completed sends first");
        }
        int id = vacant[firstVacant & mask];
        firstVacant++;
        vacantCount--;
        filled[id] = 0;
        return lease(id, 0, size());
    }

    /** The owner filled a vacant buffer. */
    void publish(Lease lease, int length) {
        int id = lease.bufferId();
        requireRegistered();
        if (leases[id] > 1 || length < 1 || length > size()) {
            throw new IllegalArgumentException(
                    "publish 1 to " + size() + " bytes of a buffer leased once, not " + length);
        }
        lease.published();
        over(lease);
        write(id, length);
        showTail();
    }

    /**
     * Publishes what other threads gave back.
     *
     * @return leases that came back
     */
    public int refill() {
        requireOwner();
        if (returned.getOpaque() == end) {
            return 0;
        }
        Lease lease = returned.getAndSet(end);
        int count = 0;
        while (lease != end) {
            Lease next = lease.next();
            lease.taken();
            back(lease);
            lease = next;
            count++;
        }
        return count;
    }

    /**
     * Has an action run once when a lease is closed next, by the thread that closes it; at once, by
     * this one, if other threads closed some that {@link #refill()} was not called for. It replaces an
     * action that did not run yet. For the owner that has operations without a buffer (ENOBUFS): the
     * action wakes it, it calls {@link #refill()} and starts them again.
     *
     * @param action short, from any thread
     */
    public void onReturn(Runnable action) {
        requireOwner();
        // A thread that gives back writes the list, then reads this; we write this, then read the
        // list. Both are volatile, so one of the two sees the other.
        onReturn.set(Optional.of(action));
        if (returned.get() != end) {
            runOnReturn();
        }
    }

    /**
     * Entries published since the beginning; those of a ring for receiving come first with
     * registration.
     */
    public long published() {
        requireOwner();
        return published;
    }

    /** Leases made since the beginning. */
    public long leasedEver() {
        requireOwner();
        return leasedEver;
    }

    /** Leases that are open, as far as {@link #refill()} heard. */
    public int leased() {
        requireOwner();
        return leased;
    }

    /**
     * Buffers the kernel may put something into: published and not leased, partly used, or in an
     * operation whose completion was not leased yet.
     */
    public int kernelHolds() {
        requireOwner();
        return kernelHolds;
    }

    /**
     * The kernel's head, 16 bits: entries it has done with, modulo 65536. Since 6.8.
     *
     * @throws ErrnoException EINVAL if the kernel does not know the question
     */
    public int kernelHead() throws ErrnoException {
        requireRegistered();
        status.set(JAVA_INT, 0, options.group());
        status.set(JAVA_INT, STATUS_HEAD, 0);
        ring.register(REGISTER_PBUF_STATUS, status, 1, "group " + options.group());
        return status.get(JAVA_INT, STATUS_HEAD) & POSITIONS;
    }

    /**
     * Entries the kernel has not taken, asked of the kernel. Less than {@link #kernelHolds()} by
     * those whose completion was not leased.
     *
     * @throws ErrnoException as for {@link #kernelHead()}
     */
    public int available() throws ErrnoException {
        return (tail - kernelHead()) & POSITIONS;
    }

    /**
     * Takes the group from the kernel and lets go of the memory. Operations that name the group end
     * with ENOBUFS when they next need a buffer. Does nothing the second time, or after the ring's
     * end.
     *
     * @throws IllegalStateException if leases are open, or buffers are in operations whose
     *     completions were not leased
     * @throws ErrnoException what io_uring_register(2) says
     */
    @Override
    public void close() throws ErrnoException {
        requireOwner();
        if (closed) {
            return;
        }
        refill();
        requireQuiet();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(REG_SIZE, 8);
            request.set(JAVA_SHORT, REG_GROUP, (short) options.group());
            ring.register(UNREGISTER_PBUF_RING, request, 1, "group " + options.group());
        }
        ring.forget(this);
        ended(true);
    }

    /**
     * The ring has ended, and with it the registration.
     *
     * @param memoryIsFree whether no operation is left that could write into the buffers
     */
    void ended(boolean memoryIsFree) {
        if (closed) {
            return;
        }
        closed = true;
        ticket.close();
        tally.end();
        if (memoryIsFree) {
            mapping.close();
        }
    }

    /** The leases that are open, for a message. */
    Optional<String> openLeases() {
        return leased == 0
                ? Optional.empty()
                : Optional.of(leased + " leases of buffer group " + options.group());
    }

    boolean isOwner() {
        return ring.isOwner();
    }

    void requireOwner() {
        ring.requireOwner();
    }

    /** The owner closed a lease. */
    void giveBack(Lease lease) {
        back(lease);
        runOnReturn();
    }

    /** Another thread closed a lease. */
    void giveBackLater(Lease lease) {
        Lease head;
        do {
            head = returned.get();
            lease.before(head);
        } while (!returned.compareAndSet(head, lease));
        runOnReturn();
    }

    private void back(Lease lease) {
        int id = lease.bufferId();
        over(lease);
        if (!closed && leases[id] == 0 && !kernels[id]) {
            unused(id);
            showTail();
        }
    }

    private void over(Lease lease) {
        leased--;
        leases[lease.bufferId()]--;
        tally.closed();
        lease.ended();
        free.addLast(lease);
    }

    /** A buffer has neither lease nor bytes. */
    private void unused(int id) {
        switch (options.first()) {
            case KERNEL -> write(id, size());
            case PROGRAM -> {
                vacant[(firstVacant + vacantCount) & mask] = (char) id;
                vacantCount++;
            }
        }
    }

    private void runOnReturn() {
        Optional<Runnable> action = onReturn.get();
        if (action.isPresent() && onReturn.compareAndSet(action, Optional.empty())) {
            action.get().run();
        }
    }

    private Lease take(int id, int bytes, boolean more) {
        int from = filled[id];
        filled[id] = from + bytes;
        if (!more) {
            kernels[id] = false;
            kernelHolds--;
        }
        return lease(id, from, bytes);
    }

    private Lease lease(int id, int from, int bytes) {
        leases[id]++;
        leased++;
        leasedEver++;
        Lease lease = object();
        lease.begin(buffers[id], id, from, bytes);
        if (tally.opened()) {
            lease.follow(ResourceTracker.global().follow(ResourceKind.LEASE, lease.toString()));
        }
        return lease;
    }

    /** Writes an entry at the tail, which the kernel sees with {@link #showTail()}. */
    private void write(int id, int length) {
        long at = (long) (tail & mask) * ENTRY_SIZE;
        memory.set(JAVA_LONG, at, buffers[id].address());
        memory.set(JAVA_INT, at + ENTRY_LENGTH, length);
        memory.set(JAVA_SHORT, at + ENTRY_ID, (short) id);
        order[tail & mask] = (char) id;
        positions[id] = (char) tail;
        lengths[id] = length;
        filled[id] = 0;
        kernels[id] = true;
        tail = (tail + 1) & POSITIONS;
        kernelHolds++;
        published++;
    }

    private void showTail() {
        // The kernel reads this word with acquire, then the entries before it.
        SHORT.setRelease(memory, (long) TAIL, (short) tail);
    }

    private int buffer(int flags) {
        if (!hasBuffer(flags)) {
            throw new IllegalArgumentException(
                    "flags 0x" + Integer.toHexString(flags) + " have no buffer (F_BUFFER)");
        }
        int id = flags >>> BUFFER_SHIFT;
        if (id >= options.entries()) {
            throw new IllegalArgumentException(
                    "buffer " + id + " is not one of " + this + "; it is another group's");
        }
        requireKernels(id);
        return id;
    }

    /** The buffer published behind a position. */
    private int after(int position, int id) {
        int wanted = (position + 1) & POSITIONS;
        int next = order[wanted & mask];
        if (positions[next] != wanted || !kernels[next]) {
            throw new IllegalStateException(
                    "the completion has more bytes than the buffers published from buffer "
                            + id
                            + " on; is it of an operation with MSG_TRUNC, or of another group?");
        }
        return next;
    }

    private void requireKernels(int id) {
        if (!kernels[id]) {
            throw new IllegalStateException(
                    "buffer "
                            + id
                            + " of "
                            + this
                            + " is not the kernel's: its completion was leased before, or is"
                            + " another group's");
        }
    }

    private void requireRegistered() {
        ring.requireRegisterable();
        if (closed) {
            throw new IllegalStateException("the buffer ring is closed");
        }
    }

    private void requireQuiet() throws ErrnoException {
        if (leased > 0) {
            throw new IllegalStateException(
                    leased + " leases of " + this + " are open; close them first");
        }
        long inOperations = inOperations();
        if (inOperations > 0) {
            throw new IllegalStateException(
                    inOperations
                            + " buffers of "
                            + this
                            + " are, or may be, in operations whose completions were not leased; cancel them,"
                            + " drain and lease first");
        }
    }

    /** Buffers in operations; where the kernel does not tell, operations of the whole ring. */
    private long inOperations() throws ErrnoException {
        try {
            return (long) kernelHolds - available();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL) {
                return ring.inFlight();
            }
            throw e;
        }
    }

    private boolean isIncremental() {
        return switch (options.use()) {
            case WHOLE -> false;
            case INCREMENTAL -> true;
        };
    }

    private int size() {
        return options.bufferSize();
    }

    private Lease object() {
        // An incremental buffer has several leases at once, so there may be more than buffers.
        return free.isEmpty() ? new Lease(this) : free.removeFirst();
    }

    private static long entriesBytes(BufferRingOptions options) {
        return (long) options.entries() * ENTRY_SIZE;
    }

    private static long buffersOffset(BufferRingOptions options) {
        long used = entriesBytes(options) + STATUS_SIZE;
        return (used + BUFFERS_ALIGNMENT - 1) & -BUFFERS_ALIGNMENT;
    }

    @Override
    public String toString() {
        return "buffer group " + options.group() + " of " + ring.name();
    }
}

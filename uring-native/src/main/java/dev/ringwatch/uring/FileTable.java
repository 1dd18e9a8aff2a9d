package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The files a ring holds by itself, in numbered slots.
 *
 * <p>A file in a slot stays open for the ring after its descriptor is closed, until the slot is
 * changed, the table unregistered or the ring gone; and, even then, until the operations that use
 * the slot have ended.
 *
 * <h2>Slots</h2>
 *
 * <p>What {@link #add}, {@link #update} and registration put into a slot has a tag. Emptied, the slot
 * is {@link SlotState#DRAINING} until the kernel has let go of the file and said so in a completion,
 * which {@link IoUring#drain} takes and does not show.
 *
 * <p>Operations fill slots too: accept, open and socket with {@link SubmissionEntry#intoSlot}, and
 * messages from other rings. The kernel gives no tag to those, so the table must be told: {@link
 * #claimed} when such an operation succeeded, {@link #closed} when {@link SubmissionEntry#closeSlot}
 * did; a slot so closed is free at once, and operations that still use its file go on. Where the
 * kernel chooses the slot it knows nothing of {@link #reserve} and of draining; {@link
 * #allocationRange} keeps it apart from slots chosen here. A slot cannot be sent as a descriptor:
 * {@link SubmissionEntry#installSlot} makes one.
 *
 * <p>A table does not grow; {@link #replaceBy} makes a larger one while the ring is idle.
 *
 * <p>Used by the ring's owner thread only. Sources: io_uring_register(2), io_uring/filetable.c.
 */
public final class FileTable {
    /** In an update: leaves the slot as it is. */
    public static final int KEEP = -2;

    /** In an update: empties the slot. */
    public static final int EMPTY = -1;

    private static final int UNREGISTER_FILES = 3;
    private static final int REGISTER_FILES2 = 13;
    private static final int REGISTER_FILES_UPDATE2 = 14;
    private static final int REGISTER_FILE_ALLOC_RANGE = 25;
    private static final int RANGE_SIZE = 16;

    private final IoUring ring;
    private Slots slots;
    private boolean registered = true;

    private FileTable(IoUring ring, Slots slots) {
        this.ring = ring;
        this.slots = slots;
    }

    static FileTable register(IoUring ring, int[] descriptors) throws ErrnoException {
        Slots slots = new Slots(ring.tags(), Tags.Table.FILES, descriptors.length);
        try (Arena arena = Arena.ofConfined()) {
            long[] tags = tags(slots, 0, descriptors);
            MemorySegment request =
                    ResourceRequest.register(
                            arena,
                            descriptors.length,
                            arena.allocateFrom(JAVA_INT, descriptors),
                            arena.allocateFrom(JAVA_LONG, tags));
            register(ring, request, descriptors.length);
            FileTable table = new FileTable(ring, slots);
            ring.tags().use(slots);
            for (int slot = 0; slot < descriptors.length; slot++) {
                table.note(slot, descriptors[slot], tags[slot]);
            }
            return table;
        }
    }

    static FileTable empty(IoUring ring, int slots) throws ErrnoException {
        return new FileTable(ring, registerEmpty(ring, slots));
    }

    private static Slots registerEmpty(IoUring ring, int count) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            register(ring, ResourceRequest.sparse(arena, count), count);
        }
        Slots slots = new Slots(ring.tags(), Tags.Table.FILES, count);
        ring.tags().use(slots);
        return slots;
    }

    private static void register(IoUring ring, MemorySegment request, int count)
            throws ErrnoException {
        if (count < 1) {
            throw new IllegalArgumentException("a file table has at least one slot");
        }
        ring.register(
                REGISTER_FILES2,
                request,
                (int) request.byteSize(),
                count
                        + " slots; EBADF means that one is not open or is a ring, which no ring may"
                        + " hold; EMFILE that there are more than RLIMIT_NOFILE (ulimit -n) or"
                        + " 1048576; EBUSY that the ring has a table already");
    }

    /** Slots, used or not. */
    public int capacity() {
        return slots.capacity();
    }

    /** Slots that hold a file. */
    public int size() {
        return slots.used();
    }

    /** Slots that hold no file and are not free yet, because operations use what they held. */
    public int draining() {
        return slots.draining();
    }

    /** Whether a slot holds a file. */
    public boolean isUsed(int slot) {
        return state(slot) == SlotState.USED;
    }

    /** What a slot is in, as of the completions drained. */
    public SlotState state(int slot) {
        return slots.state(slot);
    }

    /**
     * Puts a file into the lowest free slot.
     *
     * @return the slot
     * @throws IllegalStateException if there is none
     * @throws ErrnoException as for {@link #update}
     */
    public int add(int descriptor) throws ErrnoException {
        int slot = slots.free();
        update(slot, descriptor);
        return slot;
    }

    /**
     * Sets the lowest free slot aside for an operation that will fill it. Then either {@link
     * #claimed} or {@link #unreserve} follows.
     *
     * @return the slot
     * @throws IllegalStateException if there is none
     */
    public int reserve() {
        requireRegistered();
        int slot = slots.free();
        slots.reserve(slot);
        return slot;
    }

    /**
     * The operation that a slot was reserved for failed, or was not submitted.
     *
     * @throws IllegalStateException if the slot is not reserved
     */
    public void unreserve(int slot) {
        requireRegistered();
        slots.unreserve(slot);
    }

    /**
     * An operation put a file into a slot: its completion's result if the kernel chose it ({@link
     * SubmissionEntry#ANY_SLOT}), else the one reserved.
     *
     * @return the slot
     * @throws IllegalStateException if the slot holds a file for all the table knows: the completion
     *     of its close was not passed to {@link #closed}
     */
    public int claimed(int slot) {
        requireRegistered();
        if (isUsed(slot)) {
            throw new IllegalStateException(
                    "slot "
                            + slot
                            + " was used already; pass the completion of each closeSlot to closed()");
        }
        slots.filled(slot, Tags.NONE);
        return slot;
    }

    /**
     * {@link SubmissionEntry#closeSlot} on the slot succeeded.
     *
     * @throws IllegalStateException if the slot holds no file for all the table knows
     */
    public void closed(int slot) {
        requireRegistered();
        SlotState state = state(slot);
        if (state != SlotState.USED && state != SlotState.DRAINING) {
            throw new IllegalStateException(
                    "slot "
                            + slot
                            + " was "
                            + state
                            + "; pass the completion of what fills a slot to claimed()");
        }
        slots.emptied(slot);
    }

    /**
     * Changes slots, one after the other.
     *
     * @param first the slot of the first descriptor
     * @param descriptors open descriptors, {@link #EMPTY} or {@link #KEEP}
     * @throws ErrnoException EBADF if one is not open or is a ring; those before it are changed
     */
    public void update(int first, int... descriptors) throws ErrnoException {
        requireRegistered();
        slots.require(first);
        slots.require(first + descriptors.length - 1);
        long[] tags = tags(slots, first, descriptors);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment files = arena.allocateFrom(JAVA_INT, descriptors);
            MemorySegment given = arena.allocateFrom(JAVA_LONG, tags);
            int done = 0;
            while (done < descriptors.length) {
                // The kernel stops at a wrong one and returns how many went before; asked for that
                // one alone it says what is wrong.
                int left = descriptors.length - done;
                MemorySegment request =
                        ResourceRequest.update(
                                arena,
                                first + done,
                                left,
                                files.asSlice(4L * done),
                                given.asSlice(8L * done));
                int changed = update(request, first + done, descriptors[done]);
                for (int i = done; i < done + changed; i++) {
                    note(first + i, descriptors[i], tags[i]);
                }
                done += changed;
            }
        }
    }

    /** Empties a slot; the file is let go when the operations that use it have ended. */
    public void clear(int slot) throws ErrnoException {
        update(slot, EMPTY);
    }

    /**
     * Limits the slots that the kernel chooses from ({@link SubmissionEntry#ANY_SLOT}). Since 6.0.
     *
     * @param first the first of them
     * @param count how many; with 0 the kernel finds none, ENFILE
     * @throws ErrnoException what io_uring_register(2) says
     */
    public void allocationRange(int first, int count) throws ErrnoException {
        requireRegistered();
        if (first < 0 || count < 0 || first > capacity() - count) {
            throw new IndexOutOfBoundsException(
                    count + " slots from " + first + " on of a table of " + capacity());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment range = arena.allocate(RANGE_SIZE, 8);
            range.set(JAVA_INT, 0, first);
            range.set(JAVA_INT, 4, count);
            ring.register(
                    REGISTER_FILE_ALLOC_RANGE, range, 0, count + " slots from " + first + " on");
        }
    }

    /**
     * Makes the table another size: a descriptor for each file, a new table, each file in its slot.
     * The allocation range is the whole table again. Since 6.8.
     *
     * <p>If the new table is refused the old one is registered again and keeps its files.
     *
     * @param capacity slots of the new table
     * @param others sees completions that other rings sent meanwhile
     * @throws IllegalStateException if operations are in flight, prepared or not drained, or a slot
     *     beyond the new size is not free
     * @throws IOException EMFILE if there are not as many descriptors free as files in the table;
     *     as for registration
     */
    public void replaceBy(int capacity, Completion.Visitor others) throws IOException {
        requireRegistered();
        requireIdle();
        requireFreeFrom(capacity);
        List<OwnedFd> files = new ArrayList<>();
        int[] descriptors = new int[capacity()];
        Arrays.fill(descriptors, EMPTY);
        try {
            install(files, descriptors, others);
            unregister();
            registerAgain(capacity, descriptors);
        } finally {
            OwnedFd.closeAll(files);
        }
    }

    /** Makes a descriptor for each file, some at a time. */
    private void install(List<OwnedFd> files, int[] descriptors, Completion.Visitor others)
            throws ErrnoException {
        int[] pending = {0};
        int[] failed = {0};
        Completion.Visitor visitor =
                (userData, result, flags) -> {
                    if (!Tags.isReserved(userData)) {
                        others.completed(userData, result, flags);
                        return;
                    }
                    pending[0]--;
                    if (result < 0) {
                        failed[0] = -result;
                    } else {
                        files.add(OwnedFd.own(result));
                        descriptors[Tags.slot(userData)] = result;
                    }
                };
        int slot = slots.nextUsed(0);
        while (slot >= 0 && failed[0] == 0) {
            for (int room = ring.room(); slot >= 0 && room > 0; room--) {
                ring.nextOwn(Tags.OWN | slot).installSlot(slot);
                pending[0]++;
                slot = slots.nextUsed(slot + 1);
            }
            while (pending[0] > 0) {
                ring.submitAndWait(1);
                ring.drain(Integer.MAX_VALUE, visitor);
            }
        }
        if (failed[0] != 0) {
            throw new ErrnoException(
                    "io_uring fixed_fd_install",
                    failed[0],
                    "a table of "
                            + size()
                            + " files needs as many free descriptors to be replaced; EMFILE means"
                            + " RLIMIT_NOFILE (ulimit -n), EINVAL a kernel before 6.8");
        }
    }

    private void registerAgain(int capacity, int[] descriptors) throws ErrnoException {
        int before = slots.capacity();
        try {
            slots = registerEmpty(ring, capacity);
        } catch (ErrnoException e) {
            slots = registerEmpty(ring, before);
            throw e;
        } finally {
            registered = true;
            update(0, Arrays.copyOf(descriptors, Math.min(descriptors.length, slots.capacity())));
        }
    }

    /**
     * Lets go of the table and all its files. On kernels before 5.19 waits for the operations that
     * use them.
     *
     * @throws IllegalStateException if it was done before
     */
    public void unregister() throws ErrnoException {
        requireRegistered();
        ring.register(UNREGISTER_FILES, MemorySegment.NULL, 0, "file table");
        registered = false;
        for (int slot = slots.nextUsed(0); slot >= 0; slot = slots.nextUsed(slot + 1)) {
            slots.emptied(slot);
        }
    }

    private int update(MemorySegment request, int slot, int descriptor) throws ErrnoException {
        return ring.register(
                REGISTER_FILES_UPDATE2,
                request,
                (int) request.byteSize(),
                "slot "
                        + slot
                        + " with fd "
                        + descriptor
                        + "; EBADF also means that it is a ring, which no ring may hold");
    }

    private void note(int slot, int descriptor, long tag) {
        if (descriptor >= 0) {
            slots.filled(slot, tag);
        } else if (descriptor == EMPTY) {
            slots.emptied(slot);
        }
    }

    /** The kernel refuses a tag for a slot that it empties or keeps. */
    private static long[] tags(Slots slots, int first, int[] descriptors) {
        long[] tags = new long[descriptors.length];
        for (int i = 0; i < tags.length; i++) {
            tags[i] = descriptors[i] >= 0 ? slots.nextTag(first + i) : Tags.NONE;
        }
        return tags;
    }

    private void requireRegistered() {
        ring.requireRegisterable();
        if (!registered) {
            throw new IllegalStateException("the file table is unregistered");
        }
    }

    private void requireIdle() {
        if (ring.inFlight() > 0 || ring.waiting() > 0 || ring.ready() > 0) {
            throw new IllegalStateException(
                    "a table is replaced while the ring is idle; "
                            + ring.inFlight()
                            + " operations are in flight, "
                            + ring.waiting()
                            + " prepared, "
                            + ring.ready()
                            + " completions not drained: end them first");
        }
    }

    private void requireFreeFrom(int capacity) {
        for (int slot = capacity; slot < capacity(); slot++) {
            if (state(slot) != SlotState.FREE) {
                throw new IllegalStateException(
                        "slot "
                                + slot
                                + " is "
                                + state(slot)
                                + " and would not be in a table of "
                                + capacity);
            }
        }
    }
}

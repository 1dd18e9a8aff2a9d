package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.ErrnoException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * The files a ring holds by itself, in numbered slots.
 *
 * <p>A file in a slot stays open for the ring after its descriptor is closed, until the slot is
 * changed, the table unregistered or the ring gone; and, even then, until the operations that use
 * the slot have ended. A table does not grow: unregister it and register a larger one.
 *
 * <p>Used by the ring's owner thread only. Source: io_uring_register(2).
 */
public final class FileTable {
    /** In an update: leaves the slot as it is. */
    public static final int KEEP = -2;

    /** In an update: empties the slot. */
    public static final int EMPTY = -1;

    private static final int REGISTER_FILES = 2;
    private static final int UNREGISTER_FILES = 3;
    private static final int REGISTER_FILES_UPDATE = 6;
    private static final int REGISTER_FILES2 = 13;
    private static final int SPARSE = 1;
    private static final int REGISTER_SIZE = 32;
    private static final int UPDATE_SIZE = 16;

    private final IoUring ring;
    private final int capacity;
    private final BitSet used = new BitSet();
    private boolean registered = true;

    private FileTable(IoUring ring, int capacity) {
        this.ring = ring;
        this.capacity = capacity;
    }

    static FileTable register(IoUring ring, int[] descriptors) throws ErrnoException {
        requireSlots(descriptors.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocateFrom(JAVA_INT, descriptors);
            ring.register(REGISTER_FILES, list, descriptors.length, refusal(descriptors.length));
        }
        FileTable table = new FileTable(ring, descriptors.length);
        for (int slot = 0; slot < descriptors.length; slot++) {
            table.note(slot, descriptors[slot]);
        }
        return table;
    }

    static FileTable empty(IoUring ring, int slots) throws ErrnoException {
        requireSlots(slots);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(REGISTER_SIZE, 8);
            request.set(JAVA_INT, 0, slots);
            request.set(JAVA_INT, 4, SPARSE);
            ring.register(REGISTER_FILES2, request, REGISTER_SIZE, refusal(slots));
        }
        return new FileTable(ring, slots);
    }

    /** Slots, used or not. */
    public int capacity() {
        return capacity;
    }

    /** Slots that hold a file. */
    public int size() {
        return used.cardinality();
    }

    /** Whether a slot holds a file. */
    public boolean isUsed(int slot) {
        requireSlot(slot);
        return used.get(slot);
    }

    /**
     * Puts a file into the lowest empty slot.
     *
     * @return the slot
     * @throws IllegalStateException if there is none
     * @throws ErrnoException as for {@link #update}
     */
    public int add(int descriptor) throws ErrnoException {
        int slot = used.nextClearBit(0);
        if (slot >= capacity) {
            throw new IllegalStateException(
                    "all "
                            + capacity
                            + " slots of the file table hold files; empty one, or register a larger"
                            + " table while the ring is idle");
        }
        update(slot, descriptor);
        return slot;
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
        requireSlot(first);
        requireSlot(first + descriptors.length - 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocateFrom(JAVA_INT, descriptors);
            int done = 0;
            while (done < descriptors.length) {
                // The kernel stops at a wrong one and returns how many went before; asked for that
                // one alone it says what is wrong.
                int changed = update(arena, first + done, list.asSlice(4L * done));
                for (int i = done; i < done + changed; i++) {
                    note(first + i, descriptors[i]);
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
     * Lets go of the table and all its files. On kernels before 5.19 waits for the operations that
     * use them.
     *
     * @throws IllegalStateException if it was done before
     */
    public void unregister() throws ErrnoException {
        requireRegistered();
        ring.register(UNREGISTER_FILES, MemorySegment.NULL, 0, "file table");
        registered = false;
        used.clear();
    }

    private int update(Arena arena, int slot, MemorySegment descriptors) throws ErrnoException {
        MemorySegment request = arena.allocate(UPDATE_SIZE, 8);
        request.set(JAVA_INT, 0, slot);
        request.set(JAVA_LONG, 8, descriptors.address());
        int count = (int) (descriptors.byteSize() / 4);
        return ring.register(
                REGISTER_FILES_UPDATE,
                request,
                count,
                "slot "
                        + slot
                        + " with fd "
                        + descriptors.get(JAVA_INT, 0)
                        + "; EBADF also means that it is a ring, which no ring may hold");
    }

    private void note(int slot, int descriptor) {
        if (descriptor != KEEP) {
            used.set(slot, descriptor >= 0);
        }
    }

    private void requireRegistered() {
        ring.requireRegisterable();
        if (!registered) {
            throw new IllegalStateException("the file table is unregistered");
        }
    }

    private void requireSlot(int slot) {
        if (slot < 0 || slot >= capacity) {
            throw new IndexOutOfBoundsException("slot " + slot + " of a file table of " + capacity);
        }
    }

    private static void requireSlots(int slots) {
        if (slots < 1) {
            throw new IllegalArgumentException("a file table has at least one slot");
        }
    }

    private static String refusal(int slots) {
        return slots
                + " slots; EBADF means that one is not open or is a ring, which no ring may hold;"
                + " EMFILE that there are more than RLIMIT_NOFILE (ulimit -n) or 1048576; EBUSY"
                + " that the ring has a table already";
    }
}

package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory the ring has pinned, in numbered slots.
 *
 * <p>It must stay allocated until it is taken out, which is when its slot is no more {@link
 * SlotState#DRAINING}, or the table unregistered and the ring idle. It pays for files opened with
 * O_DIRECT and for zero-copy sends; an ordinary send takes no registered buffer (EINVAL, up to
 * 6.18).
 *
 * <p>Used by the ring's owner thread only. Source: io_uring_register(2).
 */
public final class BufferTable {
    private static final int UNREGISTER_BUFFERS = 1;
    private static final int REGISTER_BUFFERS2 = 15;
    private static final int REGISTER_BUFFERS_UPDATE = 16;
    private static final int REGISTER_CLONE_BUFFERS = 30;

    private static final int CLONE_SIZE = 32;
    private static final int CLONE_FLAGS = 4;
    private static final int CLONE_FROM = 8;
    private static final int CLONE_TO = 12;
    private static final int CLONE_COUNT = 16;
    private static final int CLONE_REPLACE = 2;

    private final IoUring ring;
    private Slots slots;
    private FixedBuffer[] buffers;
    private boolean registered = true;

    private BufferTable(IoUring ring, Slots slots) {
        this.ring = ring;
        this.slots = slots;
        buffers = noBuffers(ring, slots.capacity());
    }

    static BufferTable register(IoUring ring, MemorySegment[] memory) throws ErrnoException {
        for (MemorySegment buffer : memory) {
            requireNative(buffer);
        }
        Slots slots = new Slots(ring.tags(), Tags.Table.BUFFERS, memory.length);
        try (Arena arena = Arena.ofConfined()) {
            long[] tags = new long[memory.length];
            for (int i = 0; i < tags.length; i++) {
                tags[i] = slots.nextTag(i);
            }
            MemorySegment request =
                    ResourceRequest.register(
                            arena,
                            memory.length,
                            vectors(arena, memory),
                            arena.allocateFrom(JAVA_LONG, tags));
            register(ring, request, memory.length);
            BufferTable table = new BufferTable(ring, slots);
            ring.tags().use(slots);
            for (int i = 0; i < memory.length; i++) {
                table.filled(i, memory[i], tags[i]);
            }
            return table;
        }
    }

    static BufferTable empty(IoUring ring, int count) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            register(ring, ResourceRequest.sparse(arena, count), count);
        }
        return adopt(ring, count);
    }

    static BufferTable copyOf(IoUring ring, BufferTable source) throws ErrnoException {
        requireOther(ring, source);
        clone(ring, source, 0, 0, 0, 0);
        BufferTable table = adopt(ring, source.capacity());
        table.copied(source, 0, 0, source.capacity());
        return table;
    }

    private static BufferTable adopt(IoUring ring, int count) {
        Slots slots = new Slots(ring.tags(), Tags.Table.BUFFERS, count);
        ring.tags().use(slots);
        return new BufferTable(ring, slots);
    }

    /** Slots, with memory or without. */
    public int capacity() {
        return slots.capacity();
    }

    /** Slots with memory. */
    public int size() {
        return slots.used();
    }

    /** What a slot is in, as of the completions drained. */
    public SlotState state(int index) {
        return slots.state(index);
    }

    /**
     * The buffer in a slot.
     *
     * @throws IllegalStateException if there is none
     */
    public FixedBuffer fixed(int index) {
        if (state(index) != SlotState.USED) {
            throw new IllegalStateException("there is no memory in slot " + index);
        }
        return buffers[index];
    }

    /**
     * The memory of the buffer in a slot.
     *
     * @throws IllegalStateException if there is none, or it is lent to an operation
     */
    public MemorySegment buffer(int index) {
        return fixed(index).memory();
    }

    /**
     * Puts memory into the lowest free slot.
     *
     * @return its place
     * @throws IllegalStateException if none is free
     * @throws ErrnoException as for {@link #update}
     */
    public FixedBuffer add(MemorySegment memory) throws ErrnoException {
        int index = slots.free();
        update(index, memory);
        return buffers[index];
    }

    /**
     * Puts memory into a slot. What was there stays pinned until the operations that use it have
     * ended.
     *
     * @throws IllegalStateException if an operation has what is there
     * @throws ErrnoException ENOMEM beyond RLIMIT_MEMLOCK; EFAULT or EOPNOTSUPP for memory that
     *     cannot be pinned
     */
    public void update(int index, MemorySegment memory) throws ErrnoException {
        requireNative(memory);
        requireNotLent(index);
        long tag = slots.nextTag(index);
        try (Arena arena = Arena.ofConfined()) {
            update(arena, index, vectors(arena, new MemorySegment[] {memory}), tag);
        }
        filled(index, memory, tag);
    }

    /**
     * Takes the memory out of a slot; it is unpinned when the slot is free.
     *
     * @throws IllegalStateException if an operation has it
     */
    public void clear(int index) throws ErrnoException {
        requireNotLent(index);
        try (Arena arena = Arena.ofConfined()) {
            update(arena, index, arena.allocate(Iovec.SIZE, 8), Tags.NONE);
        }
        slots.emptied(index);
    }

    private void update(Arena arena, int index, MemorySegment vector, long tag)
            throws ErrnoException {
        MemorySegment request =
                ResourceRequest.update(arena, index, 1, vector, arena.allocateFrom(JAVA_LONG, tag));
        ring.register(
                REGISTER_BUFFERS_UPDATE,
                request,
                (int) request.byteSize(),
                "buffer "
                        + index
                        + "; ENOMEM means RLIMIT_MEMLOCK (ulimit -l), EFAULT memory that is not"
                        + " mapped");
    }

    /**
     * Takes over a range of what another ring of this process has registered, without pinning it
     * again, in place of what is in the slots here. The table grows if the range goes beyond it. Since
     * 6.13.
     *
     * @param source of another ring, whose owner does not change it meanwhile
     * @param from the first slot there
     * @param to the first slot here
     * @param count how many, at least 1
     * @throws IllegalStateException if an operation has what is in one of the slots here
     * @throws ErrnoException EINVAL if the kernel does not know it
     */
    public void copyRange(BufferTable source, int from, int to, int count) throws ErrnoException {
        requireRegistered();
        requireOther(ring, source);
        if (count < 1 || from < 0 || to < 0 || from > source.capacity() - count) {
            throw new IndexOutOfBoundsException(
                    count + " buffers from " + from + " of a table of " + source.capacity());
        }
        for (int index = to; index < Math.min(to + count, capacity()); index++) {
            requireNotLent(index);
        }
        clone(ring, source, from, to, count, CLONE_REPLACE);
        grow(to + count);
        copied(source, from, to, count);
    }

    /**
     * Unpins the memory, when the operations that use it have ended.
     *
     * @throws IllegalStateException if it was done before
     */
    public void unregister() throws ErrnoException {
        requireRegistered();
        ring.register(UNREGISTER_BUFFERS, MemorySegment.NULL, 0, "buffers");
        registered = false;
        for (int i = slots.nextUsed(0); i >= 0; i = slots.nextUsed(i + 1)) {
            slots.emptied(i);
        }
    }

    private void filled(int index, MemorySegment memory, long tag) {
        buffers[index] = new FixedBuffer(ring, index, memory);
        slots.filled(index, tag);
    }

    /** The kernel gives copies no tags. */
    private void copied(BufferTable source, int from, int to, int count) {
        for (int i = 0; i < count; i++) {
            slots.emptied(to + i);
            if (source.slots.state(from + i) == SlotState.USED) {
                filled(to + i, source.buffers[from + i].address(), Tags.NONE);
            }
        }
    }

    private void grow(int capacity) {
        if (capacity > slots.capacity()) {
            FixedBuffer[] before = buffers;
            slots.grow(capacity);
            buffers = noBuffers(ring, capacity);
            System.arraycopy(before, 0, buffers, 0, before.length);
        }
    }

    private static void clone(
            IoUring ring, BufferTable source, int from, int to, int count, int flags)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(CLONE_SIZE, 8);
            request.set(JAVA_INT, 0, source.ring.descriptor());
            request.set(JAVA_INT, CLONE_FLAGS, flags);
            request.set(JAVA_INT, CLONE_FROM, from);
            request.set(JAVA_INT, CLONE_TO, to);
            request.set(JAVA_INT, CLONE_COUNT, count);
            ring.register(
                    REGISTER_CLONE_BUFFERS,
                    request,
                    1,
                    "from " + source.ring + "; EINVAL also means that the kernel does not know it");
        }
    }

    private static void register(IoUring ring, MemorySegment request, int count)
            throws ErrnoException {
        if (count < 1) {
            throw new IllegalArgumentException("at least one buffer");
        }
        ring.register(
                REGISTER_BUFFERS2,
                request,
                (int) request.byteSize(),
                count
                        + " buffers; ENOMEM means RLIMIT_MEMLOCK (ulimit -l), EBUSY that the"
                        + " ring has buffers already");
    }

    private static MemorySegment vectors(Arena arena, MemorySegment[] memory) {
        MemorySegment list = arena.allocate((long) Iovec.SIZE * memory.length, 8);
        for (int i = 0; i < memory.length; i++) {
            long at = (long) Iovec.SIZE * i;
            list.set(JAVA_LONG, at + Iovec.BASE, memory[i].address());
            list.set(JAVA_LONG, at + Iovec.LEN, memory[i].byteSize());
        }
        return list;
    }

    private static FixedBuffer[] noBuffers(IoUring ring, int count) {
        FixedBuffer[] none = new FixedBuffer[count];
        for (int i = 0; i < count; i++) {
            none[i] = new FixedBuffer(ring, i, MemorySegment.NULL);
        }
        return none;
    }

    private void requireNotLent(int index) {
        requireRegistered();
        slots.require(index);
        if (buffers[index].isLent()) {
            throw new IllegalStateException(
                    buffers[index]
                            + " is lent to an operation; pass its last completion to completed()"
                            + " first");
        }
    }

    private void requireRegistered() {
        ring.requireRegisterable();
        if (!registered) {
            throw new IllegalStateException("the buffers are unregistered");
        }
    }

    private static void requireOther(IoUring ring, BufferTable source) {
        if (source.ring == ring) {
            throw new IllegalArgumentException("buffers are copied from another ring");
        }
    }

    private static void requireNative(MemorySegment buffer) {
        if (!buffer.isNative()) {
            throw new IllegalArgumentException(
                    "a registered buffer is pinned: it must be native, not a Java array");
        }
        if (buffer.byteSize() == 0) {
            throw new IllegalArgumentException("a registered buffer has at least one byte");
        }
    }
}

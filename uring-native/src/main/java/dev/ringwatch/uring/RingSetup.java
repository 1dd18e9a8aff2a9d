package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.MappedMemory;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/**
 * A ring just made: its descriptor, its mappings and the queues in them.
 *
 * @param descriptor the ring's file; closed from the start if it has only a registration
 * @param registration the ring's place among those of its task, if it was made with one
 * @param arena unmaps both mappings when it is closed
 * @param features the kernel's IORING_FEAT_ bits
 */
record RingSetup(
        OwnedFd descriptor,
        OptionalInt registration,
        Arena arena,
        int features,
        SubmissionQueue submissions,
        CompletionQueue completions) {
    private static final int SQ_AFF = 1 << 2;
    private static final int CQSIZE = 1 << 3;
    private static final int CLAMP = 1 << 4;
    private static final int ATTACH_WQ = 1 << 5;
    private static final int REGISTER_RESIZE_RINGS = 33;

    /** More than the kernel's words before the entries take, with SetupFlag.NO_MMAP. */
    private static final int HEADER_SIZE = 1024;

    /** aarch64 has pages of 4, 16 or 64 KiB. */
    private static final int LARGEST_PAGE = 65536;

    private static final int READ_WRITE = MappedMemory.PROT_READ | MappedMemory.PROT_WRITE;

    /**
     * Makes and maps a ring.
     *
     * @throws ErrnoException the refusal with cause and cure; nothing is left behind
     */
    static RingSetup of(RingOptions options) throws ErrnoException {
        Arena arena = Arena.ofShared();
        try {
            return of(options, arena);
        } catch (ErrnoException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static RingSetup of(RingOptions options, Arena arena) throws ErrnoException {
        MemorySegment params = params(options, arena);
        boolean mapped = !options.has(SetupFlag.NO_MMAP);
        Memory own = mapped ? Memory.NONE : own(options, arena, params);
        long fd = Sys.call(Syscall.IO_URING_SETUP, options.entries(), params.address(), 0);
        if (Sys.failed(fd)) {
            throw SetupRefusal.of((int) -fd, options);
        }
        OwnedFd descriptor = OwnedFd.own((int) fd);
        if (options.has(SetupFlag.REGISTERED_FD_ONLY)) {
            OptionalInt registration = OptionalInt.of(descriptor.release());
            return queues(options, arena, params, own, descriptor, registration);
        }
        try {
            requireOneMapping(params);
            Memory memory = mapped ? map(options, arena, params, descriptor) : own;
            return queues(options, arena, params, memory, descriptor, OptionalInt.empty());
        } catch (ErrnoException | RuntimeException e) {
            descriptor.close();
            throw e;
        }
    }

    /**
     * Gives a ring queues of other sizes, with what is in them, and maps those. The mappings there
     * were stay, to be closed by the caller.
     *
     * @throws ErrnoException if the kernel refuses; {@link ErrnoException#call()} is mmap if it made
     *     the change and only the mapping failed
     */
    RingSetup resize(IoUring ring, RingOptions options) throws ErrnoException {
        Arena fresh = Arena.ofShared();
        try {
            MemorySegment params = params(options, fresh);
            int flags = params.get(JAVA_INT, ParamsLayout.FLAGS);
            params.set(JAVA_INT, ParamsLayout.FLAGS, flags & (CQSIZE | CLAMP));
            ring.register(
                    REGISTER_RESIZE_RINGS,
                    params,
                    1,
                    "resize; EOVERFLOW means that what is in the queues does not fit, EINVAL that"
                            + " this kernel can't (before 6.13)");
            Memory memory = map(options, fresh, params, descriptor);
            RingSetup resized = queues(options, fresh, params, memory, descriptor, registration);
            resized.completions.continueFrom(completions);
            return new RingSetup(
                    descriptor,
                    registration,
                    fresh,
                    features,
                    resized.submissions,
                    resized.completions);
        } catch (ErrnoException | RuntimeException e) {
            fresh.close();
            throw e;
        }
    }

    private static void requireOneMapping(MemorySegment params) {
        if (!Feature.SINGLE_MMAP.in(params.get(JAVA_INT, ParamsLayout.FEATURES))) {
            throw new UnsupportedOperationException(
                    "this kernel maps the two queues apart (before 5.4); 5.15 or later is needed");
        }
    }

    /** The two regions a ring shares with the program. */
    private record Memory(MemorySegment rings, MemorySegment entries) {
        static final Memory NONE = new Memory(MemorySegment.NULL, MemorySegment.NULL);
    }

    private static RingSetup queues(
            RingOptions options,
            Arena arena,
            MemorySegment params,
            Memory memory,
            OwnedFd descriptor,
            OptionalInt registration) {
        if (!options.has(SetupFlag.NO_SQARRAY)) { // which a ring that is resized has
            int array = params.get(JAVA_INT, ParamsLayout.SQ_OFF_ARRAY);
            fillIndices(memory.rings, array, params.get(JAVA_INT, ParamsLayout.SQ_ENTRIES));
        }
        return new RingSetup(
                descriptor,
                registration,
                arena,
                params.get(JAVA_INT, ParamsLayout.FEATURES),
                new SubmissionQueue(memory.rings, memory.entries, params, sqeSize(options)),
                new CompletionQueue(
                        memory.rings, params, cqeSize(options), options.has(SetupFlag.CQE_MIXED)));
    }

    private static Memory map(
            RingOptions options, Arena arena, MemorySegment params, OwnedFd descriptor)
            throws ErrnoException {
        int fd = descriptor.number();
        long entries = params.get(JAVA_INT, ParamsLayout.SQ_ENTRIES);
        return new Memory(
                map(arena, ringBytes(params, cqeSize(options)), fd, ParamsLayout.MAP_RINGS),
                map(arena, entries * sqeSize(options), fd, ParamsLayout.MAP_ENTRIES));
    }

    /** Memory of the process for both regions, named to the kernel. */
    private static Memory own(RingOptions options, Arena arena, MemorySegment params)
            throws ErrnoException {
        long entries = powerOfTwo(options.entries());
        long completions =
                options.completions() > 0 ? powerOfTwo(options.completions()) : 2 * entries;
        MemorySegment rings =
                anonymous(arena, HEADER_SIZE + completions * cqeSize(options) + 4 * entries);
        MemorySegment sqes = anonymous(arena, entries * sqeSize(options));
        params.set(JAVA_LONG, ParamsLayout.CQ_OFF_USER_ADDR, rings.address());
        params.set(JAVA_LONG, ParamsLayout.SQ_OFF_USER_ADDR, sqes.address());
        return new Memory(rings, sqes);
    }

    private static MemorySegment params(RingOptions options, Arena arena) {
        MemorySegment params = arena.allocate(ParamsLayout.SIZE, 8);
        int flags = SetupFlag.bits(options.flags());
        if (options.completions() > 0) {
            flags |= CQSIZE;
            params.set(JAVA_INT, ParamsLayout.CQ_ENTRIES, options.completions());
        }
        if (options.pollCpu().isPresent()) {
            flags |= SQ_AFF;
            params.set(JAVA_INT, ParamsLayout.SQ_THREAD_CPU, options.pollCpu().getAsInt());
        }
        if (options.workersOf().isPresent()) {
            flags |= ATTACH_WQ;
            params.set(JAVA_INT, ParamsLayout.WQ_FD, options.workersOf().getAsInt());
        }
        params.set(JAVA_INT, ParamsLayout.SQ_ENTRIES, options.entries());
        params.set(JAVA_INT, ParamsLayout.FLAGS, flags);
        params.set(JAVA_INT, ParamsLayout.SQ_THREAD_IDLE, options.pollIdleMillis());
        return params;
    }

    /** Both queues lie in one mapping that ends with the longer of its two arrays. */
    private static long ringBytes(MemorySegment params, int cqeSize) {
        long indices =
                params.get(JAVA_INT, ParamsLayout.SQ_OFF_ARRAY)
                        + 4L * params.get(JAVA_INT, ParamsLayout.SQ_ENTRIES);
        long completions =
                params.get(JAVA_INT, ParamsLayout.CQ_OFF_CQES)
                        + (long) cqeSize * params.get(JAVA_INT, ParamsLayout.CQ_ENTRIES);
        return Math.max(indices, completions);
    }

    private static int sqeSize(RingOptions options) {
        return options.has(SetupFlag.SQE128) ? SqeLayout.BIG_SIZE : SqeLayout.SIZE;
    }

    private static int cqeSize(RingOptions options) {
        return options.has(SetupFlag.CQE32) ? CqeLayout.BIG_SIZE : CqeLayout.SIZE;
    }

    private static MemorySegment map(Arena arena, long bytes, int fd, long offset)
            throws ErrnoException {
        int flags = MappedMemory.MAP_SHARED | MappedMemory.MAP_POPULATE;
        return MappedMemory.map(arena, bytes, READ_WRITE, flags, fd, offset);
    }

    private static MemorySegment anonymous(Arena arena, long bytes) throws ErrnoException {
        long pages = (bytes + LARGEST_PAGE - 1) / LARGEST_PAGE;
        int flags = MappedMemory.MAP_PRIVATE | MappedMemory.MAP_ANONYMOUS;
        return MappedMemory.map(arena, pages * LARGEST_PAGE, READ_WRITE, flags, -1, 0);
    }

    private static long powerOfTwo(int atLeast) {
        return atLeast == 1 ? 1 : Integer.highestOneBit(atLeast - 1) << 1;
    }

    /** Position i of the queue means entry i, for good. */
    private static void fillIndices(MemorySegment ring, int arrayOffset, int entries) {
        for (int i = 0; i < entries; i++) {
            ring.set(JAVA_INT, arrayOffset + 4L * i, i);
        }
    }
}

package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.MappedMemory;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A ring just made: its descriptor, its mappings and the queues in them.
 *
 * @param descriptor the ring's file
 * @param arena unmaps both mappings when it is closed
 * @param features the kernel's IORING_FEAT_ bits
 */
record RingSetup(
        OwnedFd descriptor,
        Arena arena,
        int features,
        SubmissionQueue submissions,
        CompletionQueue completions) {
    private static final int CQSIZE = 1 << 3;

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
        long fd = Sys.call(Syscall.IO_URING_SETUP, options.entries(), params.address(), 0);
        if (Sys.failed(fd)) {
            throw SetupRefusal.of((int) -fd, options);
        }
        OwnedFd descriptor = OwnedFd.own((int) fd);
        try {
            return map(options, arena, params, descriptor);
        } catch (ErrnoException | RuntimeException e) {
            descriptor.close();
            throw e;
        }
    }

    private static RingSetup map(
            RingOptions options, Arena arena, MemorySegment params, OwnedFd descriptor)
            throws ErrnoException {
        int features = params.get(JAVA_INT, ParamsLayout.FEATURES);
        if (!Feature.SINGLE_MMAP.in(features)) {
            throw new UnsupportedOperationException(
                    "this kernel maps the two queues apart (before 5.4); 5.15 or later is needed");
        }
        int sqeSize = options.has(SetupFlag.SQE128) ? SqeLayout.BIG_SIZE : SqeLayout.SIZE;
        int cqeSize = options.has(SetupFlag.CQE32) ? CqeLayout.BIG_SIZE : CqeLayout.SIZE;
        int entries = params.get(JAVA_INT, ParamsLayout.SQ_ENTRIES);

        int fd = descriptor.number();
        MemorySegment ring = map(arena, ringBytes(params, cqeSize), fd, ParamsLayout.MAP_RINGS);
        MemorySegment sqes = map(arena, (long) entries * sqeSize, fd, ParamsLayout.MAP_ENTRIES);
        if (!options.has(SetupFlag.NO_SQARRAY)) {
            fillIndices(ring, params.get(JAVA_INT, ParamsLayout.SQ_OFF_ARRAY), entries);
        }
        return new RingSetup(
                descriptor,
                arena,
                features,
                new SubmissionQueue(ring, sqes, params, sqeSize),
                new CompletionQueue(ring, params, cqeSize));
    }

    private static MemorySegment params(RingOptions options, Arena arena) {
        MemorySegment params = arena.allocate(ParamsLayout.SIZE, 8);
        int flags = SetupFlag.bits(options.flags());
        if (options.completions() > 0) {
            flags |= CQSIZE;
            params.set(JAVA_INT, ParamsLayout.CQ_ENTRIES, options.completions());
        }
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

    private static MemorySegment map(Arena arena, long bytes, int fd, long offset)
            throws ErrnoException {
        return MappedMemory.map(
                arena,
                bytes,
                MappedMemory.PROT_READ | MappedMemory.PROT_WRITE,
                MappedMemory.MAP_SHARED | MappedMemory.MAP_POPULATE,
                fd,
                offset);
    }

    /** Position i of the queue means entry i, for good. */
    private static void fillIndices(MemorySegment ring, int arrayOffset, int entries) {
        for (int i = 0; i < entries; i++) {
            ring.set(JAVA_INT, arrayOffset + 4L * i, i);
        }
    }
}

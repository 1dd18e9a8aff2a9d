package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * What is set on a ring besides its queues and tables: notices, credentials, restrictions, workers,
 * clocks; and cancelling without an entry.
 *
 * <p>Used by the ring's owner thread only, but {@link #post}. Each method is one
 * io_uring_register(2), whose errors it throws as {@link ErrnoException}.
 */
public final class RingControl {
    /** For {@link #raw}: polls network devices while the ring waits. Since 6.9. */
    public static final int REGISTER_NAPI = 27;

    /** For {@link #raw}: ends that. */
    public static final int UNREGISTER_NAPI = 28;

    private static final int REGISTER_EVENTFD = 4;
    private static final int UNREGISTER_EVENTFD = 5;
    private static final int REGISTER_EVENTFD_ASYNC = 7;
    private static final int REGISTER_PERSONALITY = 9;
    private static final int UNREGISTER_PERSONALITY = 10;
    private static final int REGISTER_RESTRICTIONS = 11;
    private static final int REGISTER_IOWQ_AFF = 17;
    private static final int UNREGISTER_IOWQ_AFF = 18;
    private static final int REGISTER_IOWQ_MAX_WORKERS = 19;
    private static final int REGISTER_SYNC_CANCEL = 24;
    private static final int REGISTER_CLOCK = 29;
    private static final int REGISTER_SEND_MSG_RING = 31;
    private static final int REGISTER_MEM_REGION = 34;

    private static final int NO_RING = -1;
    private static final int SYNC_CANCEL_SIZE = 64;
    private static final int CLOCK_SIZE = 16;
    private static final int REGION_SIZE = 64;
    private static final int REGION_TYPE_USER = 1;
    private static final int REGION_FOR_WAITS = 1;

    private final IoUring ring;

    RingControl(IoUring ring) {
        this.ring = ring;
    }

    /** A clock that waits can go by. */
    public enum Clock {
        /** CLOCK_MONOTONIC, at first. */
        MONOTONIC(1),
        /** CLOCK_BOOTTIME, which goes on while the machine sleeps. */
        BOOTTIME(7);

        private final int id;

        Clock(int id) {
            this.id = id;
        }
    }

    /**
     * How many kernel workers there may be for one submitting task and NUMA node.
     *
     * @param bounded for work that ends, such as on regular files
     * @param unbounded for work that may never end, such as on sockets
     */
    public record Workers(int bounded, int unbounded) {}

    /**
     * Signals an eventfd for each completion.
     *
     * @throws ErrnoException EBUSY if one is registered; EBADF or EINVAL if it is no eventfd
     */
    public void registerEventFd(int fd) throws ErrnoException {
        register(REGISTER_EVENTFD, fd);
    }

    /** {@link #registerEventFd} for completions only that no system call of ours brought. */
    public void registerEventFdAsync(int fd) throws ErrnoException {
        register(REGISTER_EVENTFD_ASYNC, fd);
    }

    /**
     * Lets go of the eventfd.
     *
     * @throws ErrnoException ENXIO if there is none
     */
    public void unregisterEventFd() throws ErrnoException {
        call(UNREGISTER_EVENTFD, MemorySegment.NULL, 0, "eventfd");
    }

    /** Turns the notices off and on without a system call; on at first. */
    public void notifyEventFd(boolean on) {
        ring.notifyEventFd(on);
    }

    /**
     * Keeps the thread's present credentials for {@link SubmissionEntry#personality}.
     *
     * @return their id, 1 to 65535
     */
    public int registerPersonality() throws ErrnoException {
        return call(REGISTER_PERSONALITY, MemorySegment.NULL, 0, "personality");
    }

    /**
     * Forgets credentials.
     *
     * @throws ErrnoException EINVAL if there are none with this id
     */
    public void unregisterPersonality(int id) throws ErrnoException {
        call(UNREGISTER_PERSONALITY, MemorySegment.NULL, id, "personality " + id);
    }

    /**
     * Restricts what the ring does from {@link IoUring#enable()} on; once.
     *
     * @throws ErrnoException EBADFD if the ring is enabled; EBUSY if it is restricted already
     */
    public void restrict(RingRestrictions restrictions) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = restrictions.encode(arena);
            int count = (int) (list.byteSize() / RingRestrictions.SIZE);
            call(
                    REGISTER_RESTRICTIONS,
                    list,
                    count,
                    "restrictions; EBADFD means that the ring is enabled, make it with R_DISABLED");
        }
    }

    /**
     * Limits the kernel workers. Since 5.15.
     *
     * @param limit 0 leaves one as it is
     * @return the limits before
     */
    public Workers limitWorkers(Workers limit) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocateFrom(JAVA_INT, limit.bounded, limit.unbounded);
            call(REGISTER_IOWQ_MAX_WORKERS, both, 2, limit.toString());
            return new Workers(both.get(JAVA_INT, 0), both.get(JAVA_INT, 4));
        }
    }

    /**
     * Keeps the kernel workers to some processors. Since 5.14.
     *
     * @param cpus numbers of processors, 0 or more
     */
    public void pinWorkers(int... cpus) throws ErrnoException {
        int most = 0;
        for (int cpu : cpus) {
            most = Math.max(most, cpu);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(8 * (most / 64 + 1L), 8);
            for (int cpu : cpus) {
                long at = cpu / 8;
                mask.set(JAVA_BYTE, at, (byte) (mask.get(JAVA_BYTE, at) | 1 << cpu % 8));
            }
            call(REGISTER_IOWQ_AFF, mask, (int) mask.byteSize(), "workers on processors");
        }
    }

    /** Lets the kernel workers run anywhere again. */
    public void unpinWorkers() throws ErrnoException {
        call(UNREGISTER_IOWQ_AFF, MemorySegment.NULL, 0, "workers");
    }

    /** Chooses the clock of {@link IoUring#submitAndWaitUntil} and of timeouts of waits. Since 6.12. */
    public void useClock(Clock clock) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(CLOCK_SIZE, 8);
            request.set(JAVA_INT, 0, clock.id);
            call(REGISTER_CLOCK, request, 0, clock.toString());
        }
    }

    /**
     * Cancels the operation with this user data and waits until it has its last completion, which is
     * still to be taken. Since 6.0.
     *
     * @return whether there was one
     * @throws ErrnoException ETIME if it did not end in time
     */
    public boolean cancel(long userData, Duration patience) throws ErrnoException {
        try {
            cancel(userData, -1, 0, patience);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /**
     * {@link #cancel(long, Duration)} of every operation on a descriptor; also of none.
     *
     * @throws ErrnoException EBADF if it is not open
     */
    public void cancelDescriptor(int fd, Duration patience) throws ErrnoException {
        cancel(0, fd, SqeLayout.CANCEL_FD | SqeLayout.CANCEL_ALL, patience);
    }

    /** {@link #cancel(long, Duration)} of every operation on a slot; also of none. */
    public void cancelSlot(int slot, Duration patience) throws ErrnoException {
        int flags = SqeLayout.CANCEL_FD | SqeLayout.CANCEL_FD_FIXED | SqeLayout.CANCEL_ALL;
        cancel(0, slot, flags, patience);
    }

    /** {@link #cancel(long, Duration)} of every operation of the ring; also of none. */
    public void cancelAny(Duration patience) throws ErrnoException {
        cancel(0, -1, SqeLayout.CANCEL_ANY | SqeLayout.CANCEL_ALL, patience);
    }

    /**
     * Posts a completion on any ring, from any thread, without a ring of its own: a way to wake a
     * ring's owner. Since 6.13.
     *
     * @param ring the descriptor of the ring
     * @param userData of the completion
     * @param result of the completion
     * @throws ErrnoException EBADFD if it is no ring, or disabled; EINVAL if the kernel can't
     */
    public static void post(int ring, long userData, int result) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sqe = arena.allocate(SqeLayout.SIZE, 8);
            new SubmissionEntry(sqe, SqeLayout.SIZE)
                    .claim(0, 0)
                    .messageRing(ring, userData, result);
            long done =
                    Sys.call(
                            Syscall.IO_URING_REGISTER,
                            NO_RING,
                            REGISTER_SEND_MSG_RING,
                            sqe.address(),
                            1);
            Sys.check(Syscall.IO_URING_REGISTER, done, "message to ring fd " + ring);
        }
    }

    /**
     * io_uring_register(2) with an opcode that has no method.
     *
     * @param argument native memory, or {@link MemorySegment#NULL}
     * @param count the call's last argument
     * @return what the call returned, 0 or more
     */
    public int raw(int opcode, MemorySegment argument, int count) throws ErrnoException {
        return call(opcode, argument, count, "");
    }

    /** Gives the ring pages from which it reads the arguments of waits. */
    void registerWaitRegion(MemorySegment pages) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment region = arena.allocate(REGION_SIZE, 8);
            region.set(JAVA_LONG, 0, pages.address());
            region.set(JAVA_LONG, 8, pages.byteSize());
            region.set(JAVA_INT, 16, REGION_TYPE_USER);
            MemorySegment request = arena.allocate(32, 8);
            request.set(JAVA_LONG, 0, region.address());
            request.set(JAVA_LONG, 8, REGION_FOR_WAITS);
            call(
                    REGISTER_MEM_REGION,
                    request,
                    1,
                    "arguments of waits; EINVAL means that the ring is enabled, or that this kernel"
                            + " can't (before 6.13)");
        }
    }

    private void cancel(long userData, int file, int flags, Duration patience)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(SYNC_CANCEL_SIZE, 8);
            request.set(JAVA_LONG, 0, userData);
            request.set(JAVA_INT, 8, file);
            request.set(JAVA_INT, 12, flags);
            request.set(JAVA_LONG, 16, patience.toSeconds());
            request.set(JAVA_LONG, 24, patience.toNanosPart());
            call(REGISTER_SYNC_CANCEL, request, 1, "cancel");
        }
    }

    private void register(int opcode, int fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            call(opcode, arena.allocateFrom(JAVA_INT, fd), 1, "eventfd " + fd);
        }
    }

    private int call(int opcode, MemorySegment argument, int count, String detail)
            throws ErrnoException {
        ring.requireRegisterable();
        return ring.register(opcode, argument, count, detail);
    }
}

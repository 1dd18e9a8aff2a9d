package dev.ringwatch.uring.sys;

import static dev.ringwatch.uring.sys.Sys.call;
import static dev.ringwatch.uring.sys.Sys.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Makes, copies, reads and closes descriptors of any kind.
 *
 * <p>Whatever is made here is closed on exec. Calls that a signal interrupts are made again, except
 * close, which frees the number even then. Every failure is an {@link ErrnoException}. Safe for use
 * by many threads.
 */
public final class Fds {
    /** Open for reading only. */
    public static final int O_RDONLY = 0;

    /** Open for writing only. */
    public static final int O_WRONLY = 1;

    /** Open for reading and writing. */
    public static final int O_RDWR = 2;

    /** Create the file if there is none. */
    public static final int O_CREAT = 0x40;

    /** With {@link #O_CREAT}: fail if there is one. */
    public static final int O_EXCL = 0x80;

    /** Cut the file to length 0. */
    public static final int O_TRUNC = 0x200;

    /** Write at the end. */
    public static final int O_APPEND = 0x400;

    /** Fail with EAGAIN instead of waiting. */
    public static final int O_NONBLOCK = 0x800;

    /** Close on exec. */
    public static final int O_CLOEXEC = 0x80000;

    /** Bypass the page cache; the value differs between architectures. */
    public static final int O_DIRECT = direct(Architecture.current());

    /** Fail unless it is a directory; the value differs between architectures. */
    public static final int O_DIRECTORY = directory(Architecture.current());

    /** Fail if the last part is a symbolic link; the value differs between architectures. */
    public static final int O_NOFOLLOW = noFollow(Architecture.current());

    /** Each write ends when data, and what is needed to read it, is on the device. */
    public static final int O_DSYNC = 0x1000;

    /** Each write ends when data and metadata are on the device. */
    public static final int O_SYNC = 0x101000;

    /** Names a place without opening what is there; as in {@code fcntl.h}. */
    public static final int O_PATH = 0x200000;

    private static final int AT_FDCWD = -100;
    private static final int F_GETFL = 3;
    private static final int KCMP_FILE = 0;
    private static final int F_SETFL = 4;
    private static final int MFD_CLOEXEC = 1;

    private Fds() {}

    /**
     * open(2).
     *
     * @param path absolute, or relative to the working directory
     * @param flags {@code O_} constants; {@link #O_CLOEXEC} is added
     * @param mode permissions of a created file, otherwise 0
     */
    public static OwnedFd open(String path, int flags, int mode) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long at = arena.allocateFrom(path).address();
            long fd = restarting(() -> call(Syscall.OPENAT, AT_FDCWD, at, flags | O_CLOEXEC, mode));
            return owned(Syscall.OPENAT, fd, path);
        }
    }

    /**
     * close(2) of a bare number; prefer {@link OwnedFd#close()}.
     *
     * @throws ErrnoException EBADF if it is not open, or what the file reported; EINTR and
     *     EINPROGRESS mean closed and are not reported
     */
    public static void close(int fd) throws ErrnoException {
        long result = call(Syscall.CLOSE, fd, 0, 0);
        if (result == -Errno.EINTR.code() || result == -Errno.EINPROGRESS.code()) {
            return;
        }
        check(Syscall.CLOSE, result, "fd " + fd);
    }

    /** dup(2) with close-on-exec: another descriptor for the same open file. */
    public static OwnedFd dup(int fd) throws ErrnoException {
        int dupCloseOnExec = 1030;
        return owned(Syscall.FCNTL, call(Syscall.FCNTL, fd, dupCloseOnExec, 0), dupOf(fd));
    }

    /**
     * dup3(2): makes a number refer to the same open file, closing what it was.
     *
     * @return the new descriptor, which is {@code target}
     */
    public static OwnedFd dupTo(int fd, int target) throws ErrnoException {
        long result = restarting(() -> call(Syscall.DUP3, fd, target, O_CLOEXEC));
        return owned(Syscall.DUP3, result, dupOf(fd) + " to " + target);
    }

    /**
     * pipe2(2).
     *
     * @param flags {@link #O_NONBLOCK}, {@link #O_DIRECT} or 0
     * @return the end to read from, then the end to write to
     */
    public static List<OwnedFd> pipe(int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(ValueLayout.JAVA_INT, 2);
            check(
                    Syscall.PIPE2,
                    call(Syscall.PIPE2, pair.address(), flags | O_CLOEXEC, 0),
                    "flags 0x" + Integer.toHexString(flags));
            return ownedPair(pair);
        }
    }

    /**
     * eventfd(2).
     *
     * @param initial the counter's first value
     * @param flags {@link #O_NONBLOCK}, 1 for a semaphore, or 0
     */
    public static OwnedFd eventFd(int initial, int flags) throws ErrnoException {
        long fd = call(Syscall.EVENTFD2, initial, flags | O_CLOEXEC, 0);
        return owned(Syscall.EVENTFD2, fd, "");
    }

    /**
     * memfd_create(2): an unnamed file in memory.
     *
     * @param name shown in /proc, up to 249 bytes
     * @param size its length in bytes
     */
    public static OwnedFd memFd(String name, long size) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long at = arena.allocateFrom(name).address();
            OwnedFd file =
                    owned(
                            Syscall.MEMFD_CREATE,
                            call(Syscall.MEMFD_CREATE, at, MFD_CLOEXEC, 0),
                            name);
            check(Syscall.FTRUNCATE, call(Syscall.FTRUNCATE, file.number(), size, 0), name);
            return file;
        }
    }

    /**
     * read(2) at the file's own position.
     *
     * @return bytes read, 0 at the end; EAGAIN and the like are exceptions
     */
    public static int read(int fd, MemorySegment into) throws ErrnoException {
        try (NativeCopy memory = new NativeCopy(into)) {
            long read = restarting(() -> call(Syscall.READ, fd, memory.address(), memory.size()));
            check(Syscall.READ, read, "fd " + fd);
            memory.written(read);
            return (int) read;
        }
    }

    /**
     * write(2) at the file's own position.
     *
     * @return bytes written, perhaps fewer than asked
     */
    public static int write(int fd, MemorySegment from) throws ErrnoException {
        try (NativeCopy memory = new NativeCopy(from)) {
            long written =
                    restarting(() -> call(Syscall.WRITE, fd, memory.address(), memory.size()));
            return (int) check(Syscall.WRITE, written, "fd " + fd);
        }
    }

    /** fcntl(2): sets or clears {@link #O_NONBLOCK} on the open file behind the descriptor. */
    public static void setNonBlocking(int fd, boolean on) throws ErrnoException {
        long now = flags(fd);
        long flags = on ? now | O_NONBLOCK : now & ~O_NONBLOCK;
        check(Syscall.FCNTL, call(Syscall.FCNTL, fd, F_SETFL, flags), "fd " + fd);
    }

    /**
     * Whether two descriptors of this process are of one open file: kcmp(2), or where that is denied
     * (a seccomp filter) whether a flag set by the one is seen by the other.
     */
    public static boolean isSameFile(int one, int other) throws ErrnoException {
        long pid = call(Syscall.GETPID, 0, 0, 0);
        long order = call(Syscall.KCMP, pid, pid, KCMP_FILE, one, other, 0);
        if (order == -Errno.EPERM.code() || order == -Errno.ENOSYS.code()) {
            return shareFlags(one, other);
        }
        return check(Syscall.KCMP, order, "fd " + one + " and fd " + other) == 0;
    }

    /** The status flags are the open file's. */
    private static boolean shareFlags(int one, int other) throws ErrnoException {
        long before = flags(one);
        boolean on = (before & O_NONBLOCK) == 0;
        setNonBlocking(one, on);
        try {
            return (flags(other) & O_NONBLOCK) == (on ? O_NONBLOCK : 0);
        } finally {
            setNonBlocking(one, !on);
        }
    }

    private static long flags(int fd) throws ErrnoException {
        return check(Syscall.FCNTL, call(Syscall.FCNTL, fd, F_GETFL, 0), "fd " + fd);
    }

    /** A system call that may be made again. */
    @FunctionalInterface
    interface Attempt {
        long make();
    }

    /** Makes the call until a signal does not interrupt it. */
    static long restarting(Attempt attempt) {
        long result = attempt.make();
        while (result == -Errno.EINTR.code()) {
            result = attempt.make();
        }
        return result;
    }

    /** Owns the descriptor a call returned, or throws. */
    static OwnedFd owned(Syscall call, long result, String detail) throws ErrnoException {
        return OwnedFd.own((int) check(call, result, detail));
    }

    /** Owns two descriptors that a call stored. */
    static List<OwnedFd> ownedPair(MemorySegment pair) {
        return List.of(
                OwnedFd.own(pair.getAtIndex(ValueLayout.JAVA_INT, 0)),
                OwnedFd.own(pair.getAtIndex(ValueLayout.JAVA_INT, 1)));
    }

    private static String dupOf(int fd) {
        return "copy of fd " + fd;
    }

    /** {@link #O_DIRECT} on an architecture. */
    static int direct(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> 0x4000;
            case AARCH64 -> 0x10000;
        };
    }

    /** {@link #O_NOFOLLOW} on an architecture. */
    static int noFollow(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> 0x20000;
            case AARCH64 -> 0x8000;
        };
    }

    /** {@link #O_DIRECTORY} on an architecture. */
    static int directory(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> 0x10000;
            case AARCH64 -> 0x4000;
        };
    }
}

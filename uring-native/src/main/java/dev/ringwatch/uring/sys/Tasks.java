package dev.ringwatch.uring.sys;

import static dev.ringwatch.uring.sys.Sys.call;
import static dev.ringwatch.uring.sys.Sys.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the kernel knows about the calling thread and its process: ids, namespaces, privileges.
 *
 * <p>Each method says whether it concerns the calling thread or the whole process. A virtual thread
 * changes carriers, so calls that concern a thread belong on a platform thread.
 */
public final class Tasks {
    /** Network namespace, for {@link #unshare} and {@link #setns}. */
    public static final int CLONE_NEWNET = 0x40000000;

    /** Mount namespace; unsharing it needs CLONE_FS unshared too, which the kernel implies. */
    public static final int CLONE_NEWNS = 0x00020000;

    /** User namespace; refused with EINVAL in a process with several threads. */
    public static final int CLONE_NEWUSER = 0x10000000;

    /** Descriptor table: the calling thread goes on with a copy of its own. */
    public static final int CLONE_FILES = 0x00000400;

    /** Working directory, root and umask. */
    public static final int CLONE_FS = 0x00000200;

    private Tasks() {}

    /** getpid(2): the process. */
    public static int pid() {
        return (int) call(Syscall.GETPID, 0, 0, 0);
    }

    /** geteuid(2): the calling thread's effective user, unsigned. */
    public static int effectiveUser() {
        return (int) call(Syscall.GETEUID, 0, 0, 0);
    }

    /** gettid(2): the calling thread. */
    public static int tid() {
        return (int) call(Syscall.GETTID, 0, 0, 0);
    }

    /**
     * setns(2): moves the calling thread into a namespace.
     *
     * @param fd a file of /proc/PID/ns, or a pidfd
     * @param type the {@code CLONE_NEW} constant it must be, or 0 for any
     */
    public static void setns(int fd, int type) throws ErrnoException {
        check(Syscall.SETNS, call(Syscall.SETNS, fd, type, 0), "fd " + fd);
    }

    /**
     * unshare(2): gives the calling thread namespaces of its own.
     *
     * @param flags {@code CLONE_} constants
     */
    public static void unshare(int flags) throws ErrnoException {
        check(
                Syscall.UNSHARE,
                call(Syscall.UNSHARE, flags, 0, 0),
                "flags 0x" + Integer.toHexString(flags));
    }

    /**
     * prctl(2), on the calling thread or the process as the option says.
     *
     * @return what the option returns, 0 or more
     */
    public static int prctl(int option, long a, long b, long c, long d) throws ErrnoException {
        return (int)
                check(
                        Syscall.PRCTL,
                        call(Syscall.PRCTL, option, a, b, c, d, 0),
                        "option " + option);
    }

    /**
     * capget(2): capabilities of a thread.
     *
     * @param header a native struct __user_cap_header_struct: version, thread id
     * @param data native room for two struct __user_cap_data_struct (version 3)
     */
    public static void capget(MemorySegment header, MemorySegment data) throws ErrnoException {
        capabilities(Syscall.CAPGET, header, data);
    }

    /** capset(2): sets the calling thread's capabilities; parameters as for capget. */
    public static void capset(MemorySegment header, MemorySegment data) throws ErrnoException {
        capabilities(Syscall.CAPSET, header, data);
    }

    /** libc's setresuid(3): changes every thread of the process; -1 leaves one as it is. */
    public static void setresuid(int real, int effective, int saved) throws ErrnoException {
        refuse("setresuid", Sys.setresuid(real, effective, saved), "uid " + effective);
    }

    /** libc's setresgid(3): changes every thread of the process; -1 leaves one as it is. */
    public static void setresgid(int real, int effective, int saved) throws ErrnoException {
        refuse("setresgid", Sys.setresgid(real, effective, saved), "gid " + effective);
    }

    /** libc's setgroups(3): the supplementary groups of every thread of the process. */
    public static void setgroups(int... groups) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocateFrom(ValueLayout.JAVA_INT, groups);
            refuse("setgroups", Sys.setgroups(groups.length, list), groups.length + " groups");
        }
    }

    private static void capabilities(Syscall call, MemorySegment header, MemorySegment data)
            throws ErrnoException {
        try (NativeCopy head = new NativeCopy(header);
                NativeCopy body = new NativeCopy(data)) {
            check(call, call(call, head.address(), body.address(), 0), "");
            head.written(head.size());
            body.written(body.size());
        }
    }

    private static void refuse(String call, int result, String detail) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, -result, detail);
        }
    }
}

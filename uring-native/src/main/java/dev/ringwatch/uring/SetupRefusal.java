package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Why the kernel made no ring, and what to change. Source: io_uring_setup(2). */
final class SetupRefusal {
    private static final Path DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");

    private SetupRefusal() {}

    /** The refusal of a ring, explained. */
    static ErrnoException of(int code, RingOptions options) {
        ErrnoException refusal =
                new ErrnoException(Syscall.IO_URING_SETUP.call(), code, explain(code, options));
        if (refusal.errno() != Errno.EINVAL) { // that one is about flags, which a ladder tries out
            RefusalEvent.record(refusal, options);
        }
        return refusal;
    }

    private static String explain(int code, RingOptions options) {
        return switch (Errno.of(code)) {
            case EPERM -> notPermitted(readDisabled(), Sandbox.look());
            case ENOSYS ->
                    "the kernel has no io_uring (CONFIG_IO_URING), or "
                            + Sandbox.denied(Syscall.IO_URING_SETUP);
            case EACCES ->
                    "a security module (SELinux, AppArmor) denies io_uring to this process: allow"
                            + " it in the policy of its domain";
            case ENOMEM ->
                    "no memory for the ring, or RLIMIT_MEMLOCK is used up, by queues and registered"
                            + " buffers, which both count without CAP_IPC_LOCK: raise it (ulimit"
                            + " -l, LimitMEMLOCK=). Memory of rings just closed comes back late:"
                            + " try again in a moment";
            case EMFILE ->
                    "the process may open no more descriptors; raise RLIMIT_NOFILE (ulimit -n)";
            case ENFILE -> "the machine may open no more files; raise sysctl fs.file-max";
            case EINVAL ->
                    "this kernel does not know one of the flags, or not together: "
                            + options
                            + "; RingSupport.probe() tells which it takes";
            case EBADF, ENXIO -> "the ring whose workers were to be shared is not open: " + options;
            case EFAULT -> "the parameters were not in readable memory; this is a defect here";
            default -> unexpected(options);
        };
    }

    /**
     * EPERM by what is known of its causes.
     *
     * @param disabled the content of io_uring_disabled, empty where there is no such file
     */
    static String notPermitted(String disabled, Sandbox sandbox) {
        return switch (disabled) {
            case "2" ->
                    "sysctl kernel.io_uring_disabled is 2: no process may make a ring; set it to 0,"
                            + " or to 1 and grant kernel.io_uring_group or CAP_SYS_ADMIN";
            case "1" ->
                    "sysctl kernel.io_uring_disabled is 1: join the group in"
                            + " kernel.io_uring_group, grant CAP_SYS_ADMIN, or set it to 0";
            default -> "the sysctl allows it; " + sandbox.why(Syscall.IO_URING_SETUP);
        };
    }

    private static String unexpected(RingOptions options) {
        return "not an error io_uring_setup(2) lists, with " + options;
    }

    /** The sysctl, empty before 6.6 or where /proc is hidden. */
    private static String readDisabled() {
        try {
            return Files.readString(DISABLED).strip();
        } catch (IOException absent) {
            return "";
        }
    }
}

package dev.ringwatch.agent.privilege;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Tasks;
import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Gives up privileges; there is no way back. */
public final class Drop {
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_SET_NO_NEW_PRIVS = 38;

    private Drop() {}

    /**
     * Makes the whole process another user's. The calling thread keeps some of its capabilities, all
     * other threads lose theirs: libc's setresuid(3) changes every thread, the kernel clears the
     * capabilities of a thread that leaves user 0 (cap_emulate_setxuid), and the calling thread alone
     * asked for an exception with PR_SET_KEEPCAPS.
     *
     * @throws ErrnoException EPERM if the process may not do that; threads may then be half-way
     */
    public static void toUser(User user, Collection<Capability> kept) throws ErrnoException {
        noNewPrivileges();
        Tasks.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
        Tasks.setgroups(
                IntStream.concat(
                                IntStream.of(user.gid()),
                                user.groups().stream().mapToInt(Integer::intValue))
                        .toArray());
        Tasks.setresgid(user.gid(), user.gid(), user.gid());
        Tasks.setresuid(user.uid(), user.uid(), user.uid());
        Tasks.prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
        CapabilitySet.ofThisThread().only(kept).apply();
    }

    /** The calling thread, and those it makes from now on, keep only these of what they have. */
    public static void inThisThread(Collection<Capability> kept) throws ErrnoException {
        noNewPrivileges();
        CapabilitySet.ofThisThread().only(kept).apply();
    }

    /** The names of capabilities, for a line of text. */
    public static String names(Collection<Capability> capabilities) {
        return capabilities.isEmpty()
                ? "none"
                : Stream.of(Capability.values())
                        .filter(capabilities::contains)
                        .map(Enum::name)
                        .collect(Collectors.joining(", "));
    }

    /** No program that is started later gains anything; it could only be a mistake or an attack. */
    private static void noNewPrivileges() throws ErrnoException {
        Tasks.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    }
}

package dev.ringwatch.agent.observe;

import java.util.List;
import java.util.Optional;

/**
 * A process.
 *
 * @param comm its command name as the kernel keeps it: up to 15 bytes, chosen by the process itself
 * @param startTime an opaque number that tells it from a later process of the same id
 * @param cgroups the paths of its control groups other than a hierarchy's root, without doubles: that
 *     of the unified hierarchy (v2), of systemd's own, then of the others (v1); relative to the
 *     agent's cgroup namespace, and empty where they could not be read
 * @param inflight how full the user's share of descriptors in flight is, where that is known
 * @param locked how full the user's share of locked memory is, where that is known
 */
public record ProcessFacts(
        int pid,
        String comm,
        int uid,
        long startTime,
        List<String> cgroups,
        Optional<Inflight> inflight,
        Optional<Locked> locked) {
    public ProcessFacts {
        cgroups = List.copyOf(cgroups);
    }

    /** A process of which no limits are known: one that has ended. */
    public ProcessFacts(int pid, String comm, int uid, long startTime, List<String> cgroups) {
        this(pid, comm, uid, startTime, cgroups, Optional.empty(), Optional.empty());
    }

    /**
     * What a send of descriptors is held against (too_many_unix_fds): it fails with ETOOMANYREFS
     * when the count is above the limit, unless the process has CAP_SYS_RESOURCE or CAP_SYS_ADMIN.
     *
     * @param count descriptors in flight that all processes of the user have sent
     * @param limit the process's soft limit of open files
     * @param exempt whether it has one of these capabilities
     */
    public record Inflight(long count, long limit, boolean exempt) {
        /** The count as a share of the limit; above 1 once sends fail. */
        public double ratio() {
            return share(count, limit);
        }
    }

    /**
     * What the registration of a ring's buffers is held against ({@code __io_account_mem}): it fails
     * with ENOMEM above the limit, unless the process has CAP_IPC_LOCK.
     *
     * @param bytes locked for all processes of the user through rings and what counts like them
     * @param limit the process's soft limit of locked memory in bytes
     * @param exempt whether it has the capability
     */
    public record Locked(long bytes, long limit, boolean exempt) {
        /** The bytes as a share of the limit. */
        public double ratio() {
            return share(bytes, limit);
        }
    }

    /** A negative limit is none. */
    private static double share(long count, long limit) {
        return limit == 0 ? 0 : (double) count / (limit < 0 ? Long.MAX_VALUE : limit);
    }

    ProcessFacts withCgroups(List<String> found) {
        return new ProcessFacts(pid, comm, uid, startTime, found, inflight, locked);
    }
}

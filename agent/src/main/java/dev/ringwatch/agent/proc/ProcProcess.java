package dev.ringwatch.agent.proc;

import java.util.List;
import java.util.OptionalLong;

/**
 * A process with its own address space; kernel threads have no descriptors and are left out.
 *
 * @param pid in the pid namespace of the proc mount that was read
 * @param comm the first thread's name, at most 15 bytes, chosen by the process
 * @param uid the real user id in the reader's user namespace, empty when {@code status} was not
 *     readable
 * @param startTicks start time after boot in clock ticks ({@code sysconf(_SC_CLK_TCK)}); with the pid
 *     it names a process for good
 * @param cgroups the control groups it is in, one a hierarchy; empty when it was not readable
 * @param networkNamespace inode number of {@code ns/net}, empty when it was not readable
 * @param descriptors how far its descriptor table was read
 */
public record ProcProcess(
        int pid,
        String comm,
        OptionalLong uid,
        long startTicks,
        List<CgroupPath> cgroups,
        OptionalLong networkNamespace,
        DescriptorAccess descriptors) {

    /** How far a process's descriptor table was read. */
    public enum DescriptorAccess {
        /** All of it. */
        READ,
        /** Reading another user's descriptors needs {@code PTRACE_MODE_READ_FSCREDS}. */
        DENIED,
        /** The time budget was spent before its end. */
        NOT_REACHED,
        /** The kernel gave an error that is neither of these. */
        FAILED
    }

    public ProcProcess {
        cgroups = List.copyOf(cgroups);
    }
}

package dev.ringwatch.agent.privilege;

/** The capabilities that the agent can use, each with what for. Source: capabilities(7). */
public enum Capability {
    /** Opens /proc/PID/fd and fdinfo of other users' processes. */
    CAP_DAC_READ_SEARCH(2, "open the directories of other users' processes in /proc"),
    /** Reads what a process's descriptors refer to, and compares them. */
    CAP_SYS_PTRACE(19, "read what other users' descriptors refer to"),
    /** Nothing by default. */
    CAP_SYS_ADMIN(21, "enter network namespaces, and use perf events where they are restricted"),
    /** Nothing by default. */
    CAP_SYS_RESOURCE(24, "exceed the limit of descriptors in flight of the agent's user"),
    /** Without it /proc/kallsyms shows zeros. */
    CAP_SYSLOG(34, "see the addresses of kernel functions"),
    /** Reads kernel memory from a program, and attaches it. */
    CAP_PERFMON(38, "read kernel memory from a program"),
    /** Loads programs and makes maps, also larger ones later. */
    CAP_BPF(39, "load programs and create maps"),
    /** Follows the links of /proc/PID/map_files. */
    CAP_CHECKPOINT_RESTORE(40, "open the files that other processes run code of");

    private final int bit;
    private final String reason;

    Capability(int bit, String reason) {
        this.bit = bit;
        this.reason = reason;
    }

    /** What the agent does with it, as in "to ...". */
    public String reason() {
        return reason;
    }

    /** Its bit in a set. */
    public long mask() {
        return 1L << bit;
    }
}

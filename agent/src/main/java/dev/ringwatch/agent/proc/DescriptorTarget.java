package dev.ringwatch.agent.proc;

/** What a descriptor refers to, as far as the link {@code /proc/PID/fd/FD} tells. */
public sealed interface DescriptorTarget {

    /**
     * An io_uring instance.
     *
     * @param ring index into {@link ProcSnapshot#rings()}
     */
    record Ring(int ring) implements DescriptorTarget {}

    /**
     * An AF_UNIX socket: its inode is in a socket table that was read.
     *
     * @param inode number in sockfs, as in {@code socket:[inode]}
     */
    record UnixSocket(long inode) implements DescriptorTarget {}

    /**
     * A socket in none of the AF_UNIX tables that were read: of another family, in a network
     * namespace that could not be read, or closed in between. Which of these is unknown.
     *
     * @param inode number in sockfs
     */
    record UnknownSocket(long inode) implements DescriptorTarget {}

    /**
     * Another file whose link reads like the name of a file in some ring's table. The name may match
     * by chance: two opens of one path are two open files.
     *
     * @param link text of the link
     */
    record NamedFile(String link) implements DescriptorTarget {}
}

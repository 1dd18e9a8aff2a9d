package dev.ringwatch.agent.bpf;

/**
 * Which files, sockets and tasks {@link BpfWhy} looks for. Addresses are the kernel's, as {@link
 * BpfWhy} gave them.
 */
public sealed interface Sought {
    /** One open file. */
    record OneFile(long file) implements Sought {}

    /**
     * Every open file of an inode, every task whose working or root directory it is, and every
     * socket bound to it; and every open file whose name was removed from a directory.
     *
     * @param inode 0: of none
     * @param directory the directory's entry; 0: of none
     */
    record Inode(long inode, long directory) implements Sought {}

    /** Every open file with an inode of that number, in whatever file system. */
    record InodeNumber(long number) implements Sought {}

    /** Everything that was reached through a mount. */
    record Mount(long mount) implements Sought {}

    /** Every task, file and socket of a network namespace, by the number of its inode. */
    record NetworkNamespace(long number) implements Sought {}

    /** Every internet socket with that local port. */
    record Port(int port) implements Sought {}
}

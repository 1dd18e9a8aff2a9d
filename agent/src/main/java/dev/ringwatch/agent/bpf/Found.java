package dev.ringwatch.agent.bpf;

/**
 * An open file that was looked for, or a socket without one.
 *
 * @param file its address; 0 for a socket that has no open file
 * @param object the address of the socket or the ring behind it, or 0
 * @param device the number of its file system's device, as the kernel keeps it
 * @param links how many names the inode has
 * @param blocks what it takes of its file system, in units of 512 bytes
 * @param mountId of the mount it was opened through
 * @param netns of a socket: the inode number of its network namespace
 * @param backlog of a listening socket: connections that nobody has accepted
 * @param keepsNamespace of a socket: whether it has a reference of its network namespace
 * @param nameRemoved whether its name was removed from its directory
 * @param same whether it is what was looked for, and not only a removed name beside it
 * @param name the last part of its name, or what stands in its place
 */
public record Found(
        long file,
        long object,
        Kind kind,
        long inode,
        int device,
        int links,
        long size,
        long blocks,
        int mode,
        int mountId,
        long netns,
        int backlog,
        int family,
        int protocol,
        int port,
        int state,
        boolean keepsNamespace,
        boolean nameRemoved,
        boolean same,
        String name) {

    /** What the file is; the order is that of {@code enum file_kind}. */
    public enum Kind {
        OTHER,
        UNIX,
        RING,
        SOCKET
    }

    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int TYPE = 0170000;

    /** Whether it is a regular file. */
    public boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    /** Whether it is a directory. */
    public boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }
}

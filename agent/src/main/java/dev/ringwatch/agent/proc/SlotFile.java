package dev.ringwatch.agent.proc;

/** What a ring's {@code fdinfo} says about the file in one slot of its table. */
public sealed interface SlotFile {

    /**
     * Up to Linux 6.13: the last component of a path, cut short where it is long, or for a socket
     * the name of its protocol. It identifies nothing.
     */
    record ShortName(String name) implements SlotFile {}

    /**
     * A socket, with its number in sockfs.
     *
     * @param inode as in {@code socket:[inode]}
     */
    record Socket(long inode) implements SlotFile {}

    /**
     * A path or another name such as {@code pipe:[7]}, as {@code d_path} gives it and unescaped: the
     * same text as the link {@code /proc/PID/fd/FD} of that file. A file that has been unlinked ends
     * in {@code " (deleted)"}, and so may the name of one that has not.
     */
    record Named(String link) implements SlotFile {

        /** Whether the name ends in the kernel's mark for an unlinked file. */
        public boolean markedDeleted() {
            return link.endsWith(" (deleted)");
        }
    }
}

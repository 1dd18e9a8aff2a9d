package dev.ringwatch.agent.proc;

import java.util.List;
import java.util.OptionalLong;

/**
 * A ring that at least one descriptor names.
 *
 * <p>Since Linux 5.16 each ring has an inode of its own, so that equal inode numbers mean the same
 * ring; before that all rings share one inode. See {@link SameFile} for how descriptors are told
 * apart there.
 *
 * @param inode {@code ino} of its {@code fdinfo}, empty before Linux 5.14 and when unreadable
 * @param descriptors at least one, in ascending order of pid and descriptor
 * @param sameness how sure it is that these descriptors, and no others, name this ring
 */
public record ProcRing(
        OptionalLong inode,
        List<DescriptorRef> descriptors,
        Sameness sameness,
        RingContents contents) {

    /** A descriptor of a process. */
    public record DescriptorRef(int pid, int fd) {}

    /** How sure the grouping of descriptors is. */
    public enum Sameness {
        /** The kernel was asked, or inode numbers tell. */
        CERTAIN,
        /** It could not be told whether another ring of the snapshot is in truth this one. */
        UNKNOWN
    }

    public ProcRing {
        descriptors = List.copyOf(descriptors);
    }
}

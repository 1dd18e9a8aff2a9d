package dev.ringwatch.uring.loop;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Optional;

/**
 * What the kernel knows about a file. Source: statx(2).
 *
 * @param size bytes
 * @param blocks of 512 bytes that are allocated; fewer than the size needs if there are holes
 * @param mode type and permissions, as S_IFMT and the lower 12 bits
 * @param uid owner
 * @param gid group
 * @param links hard links
 * @param inode its number in the file system
 * @param deviceMajor of the device that holds it
 * @param deviceMinor of the device that holds it
 * @param accessed last read, as far as the mount keeps that
 * @param modified last change of the content
 * @param changed last change of content or status
 * @param born when it was made; absent where the file system does not keep that
 * @param directAlignment what O_DIRECT needs; absent where the file can't do it, or the kernel does
 *     not say (before 6.1)
 */
public record FileStatus(
        long size,
        long blocks,
        int mode,
        long uid,
        long gid,
        int links,
        long inode,
        int deviceMajor,
        int deviceMinor,
        Instant accessed,
        Instant modified,
        Instant changed,
        Optional<Instant> born,
        Optional<DirectAlignment> directAlignment) {
    /** Bytes of a struct statx. */
    static final int SIZE = 256;

    private static final int BTIME_BIT = 0x800;
    private static final int DIOALIGN_BIT = 0x2000;

    /** STATX_BASIC_STATS, the birth time, and the alignment of O_DIRECT. */
    static final int MASK = 0x7ff | BTIME_BIT | DIOALIGN_BIT;

    private static final int TYPE = 0xf000;
    private static final int REGULAR = 0x8000;
    private static final int DIRECTORY = 0x4000;
    private static final int LINK = 0xa000;

    /**
     * What O_DIRECT needs, in bytes, powers of two.
     *
     * @param memory alignment of addresses
     * @param offset alignment of positions and lengths
     */
    public record DirectAlignment(int memory, int offset) {}

    static FileStatus of(MemorySegment statx) {
        int mask = statx.get(JAVA_INT, 0);
        return new FileStatus(
                statx.get(JAVA_LONG, 40),
                statx.get(JAVA_LONG, 48),
                Short.toUnsignedInt(statx.get(JAVA_SHORT, 28)),
                Integer.toUnsignedLong(statx.get(JAVA_INT, 20)),
                Integer.toUnsignedLong(statx.get(JAVA_INT, 24)),
                statx.get(JAVA_INT, 16),
                statx.get(JAVA_LONG, 32),
                statx.get(JAVA_INT, 136),
                statx.get(JAVA_INT, 140),
                time(statx, 64),
                time(statx, 112),
                time(statx, 96),
                (mask & BTIME_BIT) == 0 ? Optional.empty() : Optional.of(time(statx, 80)),
                alignment(statx, mask));
    }

    private static Instant time(MemorySegment statx, long at) {
        return Instant.ofEpochSecond(statx.get(JAVA_LONG, at), statx.get(JAVA_INT, at + 8));
    }

    private static Optional<DirectAlignment> alignment(MemorySegment statx, int mask) {
        int memory = statx.get(JAVA_INT, 152);
        return (mask & DIOALIGN_BIT) == 0 || memory == 0
                ? Optional.empty()
                : Optional.of(new DirectAlignment(memory, statx.get(JAVA_INT, 156)));
    }

    /** Permissions: the lower 12 bits of the mode. */
    public int permissions() {
        return mode & 07777;
    }

    /** Whether it is a regular file. */
    public boolean isRegularFile() {
        return (mode & TYPE) == REGULAR;
    }

    /** Whether it is a directory. */
    public boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }

    /** Whether it is a symbolic link. */
    public boolean isSymbolicLink() {
        return (mode & TYPE) == LINK;
    }
}

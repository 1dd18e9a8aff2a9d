package dev.ringwatch.agent.proc;

/**
 * Tells whether two descriptors name one open file, as kcmp(2) does with {@code KCMP_FILE}.
 *
 * <p>A scan asks only about rings whose inode numbers are equal or unknown. Without an answer,
 * descriptors with equal inode numbers are one ring where rings have inodes of their own, and
 * separate rings where that is not known. Called from the scanning thread.
 */
@FunctionalInterface
public interface SameFile {

    /** Whether two descriptors name one open file. */
    enum Answer {
        SAME,
        DIFFERENT,
        /** The call is not there, not permitted, or one of the processes has ended. */
        UNKNOWN
    }

    /** Compares two descriptors; never throws for a process that has ended. */
    Answer compare(int pid1, int fd1, int pid2, int fd2);

    /** Never knows. */
    static SameFile unknown() {
        return (pid1, fd1, pid2, fd2) -> Answer.UNKNOWN;
    }
}

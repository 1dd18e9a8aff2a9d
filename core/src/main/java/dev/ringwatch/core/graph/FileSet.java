package dev.ringwatch.core.graph;

import java.util.Arrays;

/**
 * A set of the files of one {@link ReferenceGraph}: one bit a file.
 *
 * <p>Members are indices from 0 to one less than the number of files it was made for; any other
 * index is an {@link IndexOutOfBoundsException} or is not a member. Not for use by more than one
 * thread while it is being filled; safe for many once it no longer changes.
 */
public final class FileSet {
    private final int files;
    private final long[] words;
    private int size;

    private FileSet(int files, long[] words, int size) {
        this.files = files;
        this.words = words;
        this.size = size;
    }

    /** A set without members. */
    public static FileSet none(ReferenceGraph graph) {
        int files = graph.fileCount();
        return new FileSet(files, new long[(files + Long.SIZE - 1) / Long.SIZE], 0);
    }

    /** The set of every file. */
    public static FileSet all(ReferenceGraph graph) {
        FileSet set = none(graph);
        Arrays.fill(set.words, -1L);
        if (set.files % Long.SIZE != 0) {
            set.words[set.words.length - 1] = (1L << set.files) - 1;
        }
        set.size = set.files;
        return set;
    }

    /** Makes {@code file} a member; true if it was none. */
    public boolean add(int file) {
        long bit = 1L << file;
        int word = checked(file) / Long.SIZE;
        if ((words[word] & bit) != 0) {
            return false;
        }
        words[word] |= bit;
        size++;
        return true;
    }

    /** Whether {@code file} is a member. */
    public boolean contains(int file) {
        return (words[checked(file) / Long.SIZE] & 1L << file) != 0;
    }

    /** A new set of the members that are not in {@code other}, a set of the same graph's files. */
    public FileSet minus(FileSet other) {
        long[] left = words.clone();
        int n = 0;
        for (int i = 0; i < left.length; i++) {
            left[i] &= ~other.words[i];
            n += Long.bitCount(left[i]);
        }
        return new FileSet(files, left, n);
    }

    /** How many members it has. */
    public int size() {
        return size;
    }

    /** Whether it has no member. */
    public boolean isEmpty() {
        return size == 0;
    }

    /**
     * The first member that is not below {@code file}, or {@link ReferenceGraph#NONE}: {@code for
     * (int f = set.next(0); f != NONE; f = set.next(f + 1))} visits all in ascending order.
     *
     * @param file 0 to the number of files
     */
    public int next(int file) {
        int word = file / Long.SIZE;
        if (word >= words.length) {
            return ReferenceGraph.NONE;
        }
        long bits = words[word] & -1L << file;
        while (bits == 0) {
            if (++word == words.length) {
                return ReferenceGraph.NONE;
            }
            bits = words[word];
        }
        return word * Long.SIZE + Long.numberOfTrailingZeros(bits);
    }

    private int checked(int file) {
        if (file < 0 || file >= files) {
            throw new IndexOutOfBoundsException("file " + file + " is not one of " + files);
        }
        return file;
    }
}

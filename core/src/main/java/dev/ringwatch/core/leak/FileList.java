package dev.ringwatch.core.leak;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/** An immutable list of files in 4 bytes each: verdicts may list millions. */
final class FileList extends AbstractList<Integer> implements RandomAccess {
    private final int[] files;

    private FileList(int[] files) {
        this.files = files;
    }

    /** The same files, unchangeable. */
    static List<Integer> copyOf(List<Integer> list) {
        return list instanceof FileList ? list : List.copyOf(list);
    }

    @Override
    public Integer get(int index) {
        return files[index];
    }

    @Override
    public int size() {
        return files.length;
    }

    /** Collects files; not for use by more than one thread. */
    static final class Builder {
        private int[] files = new int[4];
        private int size;

        void add(int file) {
            if (size == files.length) {
                files = Arrays.copyOf(files, size * 2);
            }
            files[size++] = file;
        }

        int get(int index) {
            return files[index];
        }

        int size() {
            return size;
        }

        /** Puts the file at {@code index} first and the one that was first in its place. */
        void putFirst(int index) {
            int first = files[0];
            files[0] = files[index];
            files[index] = first;
        }

        FileList build() {
            return new FileList(Arrays.copyOf(files, size));
        }
    }
}

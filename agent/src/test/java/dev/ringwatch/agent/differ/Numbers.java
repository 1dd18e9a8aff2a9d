package dev.ringwatch.agent.differ;

import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Descriptors by the numbers that they would have in a process that has no others, as the model's
 * has: the lowest free one each.
 */
final class Numbers {
    /** In place of a descriptor that is not open. */
    private static final int NOT_OPEN = 1 << 29;

    private final TreeMap<Integer, LiveFile> files = new TreeMap<>();

    /** A number for a descriptor that is new in this process. */
    int add(LiveFile file) {
        int number = 0;
        while (files.containsKey(number)) {
            number++;
        }
        files.put(number, file);
        return number;
    }

    /** The process's own number, or one that is not open. */
    int real(int number) {
        LiveFile file = files.get(number);
        return file == null ? NOT_OPEN : file.fd();
    }

    void remove(int number) {
        files.remove(number);
    }

    NavigableMap<Integer, LiveFile> all() {
        return files;
    }
}

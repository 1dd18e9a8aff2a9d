package dev.ringwatch.core.kernel;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A process of one thread: its descriptor table and what else it holds files by. */
public final class Task {
    /** How many rings a task can register: the kernel's {@code IO_RINGFD_REG_MAX}. */
    public static final int MAX_REGISTERED_RINGS = 16;

    private final int pid;
    final TreeMap<Integer, OpenFile> descriptors = new TreeMap<>();
    final Set<Integer> closeOnExec = new HashSet<>();
    final TreeMap<Integer, OpenFile> mappings = new TreeMap<>();
    final @Nullable OpenFile[] registeredRings = new @Nullable OpenFile[MAX_REGISTERED_RINGS];

    User user;
    boolean capable;
    int descriptorLimit;
    private int nextMapping = 1;

    Task(int pid, User user, boolean capable, int descriptorLimit) {
        this.pid = pid;
        this.user = user;
        this.capable = capable;
        this.descriptorLimit = descriptorLimit;
    }

    /** Its process id. */
    public int pid() {
        return pid;
    }

    /** Whose process it is. */
    public User user() {
        return user;
    }

    /** Its open descriptors. */
    public SortedMap<Integer, OpenFile> descriptors() {
        return Collections.unmodifiableSortedMap(descriptors);
    }

    /** Its mappings of files, by their numbers. */
    public Map<Integer, OpenFile> mappings() {
        return Collections.unmodifiableMap(mappings);
    }

    /** The rings registered with it, by their indices. */
    public Map<Integer, OpenFile> registeredRings() {
        Map<Integer, OpenFile> rings = new TreeMap<>();
        for (int i = 0; i < registeredRings.length; i++) {
            OpenFile ring = registeredRings[i];
            if (ring != null) {
                rings.put(i, ring);
            }
        }
        return rings;
    }

    /** The lowest free descriptor, or -1 where the limit allows none. */
    int freeDescriptor() {
        int fd = 0;
        if (!descriptors.isEmpty() && descriptors.lastKey() == descriptors.size() - 1) {
            fd = descriptors.size();
        } else {
            while (descriptors.containsKey(fd)) {
                fd++;
            }
        }
        return fd < descriptorLimit ? fd : -1;
    }

    int newMapping() {
        return nextMapping++;
    }
}

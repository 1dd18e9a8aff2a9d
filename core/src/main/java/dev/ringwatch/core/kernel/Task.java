package dev.ringwatch.core.kernel;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A process of one thread: its descriptor table and what else it holds files by. */
public final class Task {
    /** How many rings a task can register: the kernel's {@code IO_RINGFD_REG_MAX}. */
    public static final int MAX_REGISTERED_RINGS = 16;

    private final int pid;
    final TreeMap<Integer, OpenFile> descriptors = new TreeMap<>();

    /** Free descriptors below {@link #end}, from which on all are free. */
    private final TreeSet<Integer> holes = new TreeSet<>();

    private int end;
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
        int fd = holes.isEmpty() ? end : holes.first();
        return fd < descriptorLimit ? fd : -1;
    }

    /** Gives a file a descriptor that is free. */
    void install(int fd, OpenFile file) {
        for (; end < fd; end++) {
            holes.add(end);
        }
        if (fd == end) {
            end++;
        } else {
            holes.remove(fd);
        }
        descriptors.put(fd, file);
    }

    /** Takes a descriptor away; null if it was free. */
    @Nullable OpenFile uninstall(int fd) {
        OpenFile file = descriptors.remove(fd);
        if (file != null) {
            holes.add(fd);
        }
        return file;
    }

    int newMapping() {
        return nextMapping++;
    }
}

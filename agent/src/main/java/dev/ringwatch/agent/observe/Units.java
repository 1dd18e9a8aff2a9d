package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.proc.CgroupPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which systemd service a process belongs to: the outermost part of its cgroup path that ends in
 * {@code .service}; further in, whoever has been delegated a cgroup gives names as they like. Remembers processes that are still there. For one thread.
 */
final class Units {
    private static final String SERVICE = ".service";

    private record Key(int pid, long startTime) {}

    private Map<Key, Optional<String>> known = new HashMap<>();
    private Map<Key, Optional<String>> current = new HashMap<>();

    /** To be called before the first process of an observation. */
    void begin() {
        known = current;
        current = new HashMap<>();
    }

    Optional<String> of(int pid, long startTime) {
        Key key = new Key(pid, startTime);
        Optional<String> unit = known.get(key);
        if (unit == null) {
            unit = read(pid);
        }
        current.put(key, unit);
        return unit;
    }

    static Optional<String> of(List<CgroupPath> cgroups) {
        return cgroups.stream().flatMap(c -> inPath(c.path()).stream()).findFirst();
    }

    private static Optional<String> read(int pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
                    .flatMap(line -> inPath(line).stream())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty(); // it ended, or its cgroup may not be read: no unit is known
        }
    }

    private static Optional<String> inPath(String path) {
        String[] parts = path.split("/", -1);
        for (String part : parts) {
            if (part.endsWith(SERVICE)) {
                return Optional.of(part);
            }
        }
        return Optional.empty();
    }
}

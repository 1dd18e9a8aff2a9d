package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.proc.CgroupPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The control groups of processes, from {@code /proc/PID/cgroup} (cgroups(7)). Processes that are
 * still there are remembered, and asked again now and then: whoever starts one may move it. For one
 * thread.
 */
final class Cgroups {
    /** After how many observations a process is asked again. */
    private static final int REMEMBERED = 16;

    private static final String ROOT = "/";
    private static final String SYSTEMD = "name=systemd";

    private record Key(int pid, long startTime) {}

    private Map<Key, List<String>> known = new HashMap<>();
    private Map<Key, List<String>> current = new HashMap<>();
    private int round;

    /** To be called before the first process of an observation. */
    void begin() {
        known = current;
        current = new HashMap<>();
        round++;
    }

    /** The paths of a process as in {@link ProcessFacts#cgroups}. */
    List<String> of(int pid, long startTime) {
        Key key = new Key(pid, startTime);
        List<String> paths = known.get(key);
        if (paths == null || (round + pid) % REMEMBERED == 0) {
            paths = read(pid);
        }
        current.put(key, paths);
        return paths;
    }

    /** The paths of a process, from the lines of its file. */
    static List<String> of(List<CgroupPath> lines) {
        return lines.stream()
                .sorted(Comparator.comparingInt(Cgroups::rank))
                .map(CgroupPath::path)
                .filter(path -> !path.equals(ROOT) && !path.isEmpty())
                .distinct()
                .toList();
    }

    private static int rank(CgroupPath line) {
        if (line.hierarchy() == 0) {
            return 0;
        }
        return line.controllers().equals(SYSTEMD) ? 1 : 2;
    }

    private static List<String> read(int pid) {
        try {
            byte[] text = Files.readAllBytes(Path.of("/proc/" + pid + "/cgroup"));
            return of(CgroupPath.parse(new String(text, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            return List.of(); // it ended, or its cgroups may not be read: none is known
        }
    }
}

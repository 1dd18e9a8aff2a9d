package dev.ringwatch.agent.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which processes this one can see. */
public final class PidNamespace {
    /** The inode number of the first pid namespace is fixed (PROC_PID_INIT_INO). */
    private static final String HOST = "pid:[4026531836]";

    /** How to see them all. */
    public static final String CURE =
            "share the host's pid namespace (docker run --pid=host, Kubernetes hostPID: true)";

    private PidNamespace() {}

    /** Whether this is the host's, so that all processes are seen and are called what BPF calls them. */
    public static boolean isHosts() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString().equals(HOST);
        } catch (IOException e) {
            return false; // no /proc, or an old one: nothing is promised
        }
    }
}

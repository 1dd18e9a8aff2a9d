package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What keeps this process from system calls, as far as /proc tells.
 *
 * @param filtered whether the calling thread has a seccomp filter; empty where /proc is hidden
 * @param container whether the process seems to run in a container
 */
record Sandbox(Optional<Boolean> filtered, boolean container) {
    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final Path[] CONTAINER_FILES = {
        Path.of("/.dockerenv"), Path.of("/run/.containerenv")
    };
    private static final String FILTER_MODE = "2";

    /** Looks at the calling thread. */
    static Sandbox look() {
        boolean container = false;
        for (Path file : CONTAINER_FILES) {
            container |= Files.exists(file);
        }
        return new Sandbox(filter(), container);
    }

    /** Why a call was denied, and what to change. */
    static String denied(Syscall call) {
        return look().why(call);
    }

    /** {@link #denied} in what was seen. */
    String why(Syscall call) {
        String profile =
                "allow io_uring_setup, io_uring_enter and io_uring_register in the seccomp profile"
                        + (container
                                ? " of this container (docker run --security-opt"
                                        + " seccomp=PROFILE.json; the default profile denies them)"
                                : " (SystemCallFilter= of systemd, or whatever started it)");
        String seen = filtered.map(Sandbox::state).orElse("whether it has one, /proc hides");
        return "a seccomp filter denies "
                + call.call()
                + " to this thread ("
                + seen
                + "): "
                + profile;
    }

    private static String state(boolean filter) {
        return filter ? "it has one" : "it has none, so a security module may be the cause";
    }

    private static Optional<Boolean> filter() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("Seccomp:"))
                    .map(line -> line.substring("Seccomp:".length()).strip().equals(FILTER_MODE))
                    .findFirst();
        } catch (IOException hidden) {
            return Optional.empty();
        }
    }
}

package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A program in a process of its own, whose output is kept for the message of a test that fails.
 * Closing it asks the process to end, as a service manager does, and then ends it.
 */
final class Started implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int TOLD_LINES = 30;

    private final String name;
    private final Process process;
    private final Path log;

    private Started(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts one.
     *
     * @param debianPackage what to install where the program is missing
     */
    static Started program(String name, Path folder, String debianPackage, List<String> command) {
        Path log = folder.resolve(name + ".log");
        try {
            return new Started(
                    name,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start(),
                    log);
        } catch (IOException e) {
            return fail(
                    command.getFirst()
                            + " is not installed: sudo apt-get install "
                            + debianPackage
                            + " (Debian, Ubuntu)",
                    e);
        }
    }

    /** A port on loopback that nobody listens on. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until something is there that was looked for. */
    <T> T await(String what, Probe<T> probe) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(end)) {
            Optional<T> found = probe.look();
            if (found.isPresent()) {
                return found.get();
            }
            if (!process.isAlive()) {
                return fail(name + " ended with status " + process.exitValue() + ": " + tail());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return fail(name + ": no " + what + ": " + tail());
    }

    /** Waits for a line that it says. */
    String awaitLine(Predicate<String> wanted) throws Exception {
        return await("such line", () -> said().stream().filter(wanted).findFirst());
    }

    /** Sends a signal, such as HUP. */
    void signal(String signal) throws Exception {
        int status =
                new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .inheritIO()
                        .start()
                        .waitFor();
        if (status != 0) {
            fail(name + " is gone: " + tail());
        }
    }

    /** Writes a line to its input. */
    void tell(String line) throws IOException {
        OutputStream input = process.getOutputStream();
        input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    /** Ends its input, and waits for the program, which ends with it. */
    void endInput() throws IOException {
        process.getOutputStream().close();
        if (!endsInTime()) {
            fail(name + " did not end with its input: " + tail());
        }
    }

    private List<String> said() throws IOException {
        return Files.readAllLines(log);
    }

    private String tail() throws IOException {
        List<String> lines = said();
        return String.join(
                "\n", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
    }

    /** Looks for something once. */
    interface Probe<T> {
        Optional<T> look() throws Exception;
    }

    @Override
    public void close() {
        process.destroy();
        if (!endsInTime()) {
            process.destroyForcibly();
        }
    }

    private boolean endsInTime() {
        try {
            return process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

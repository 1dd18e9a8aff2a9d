package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real promtool, as it is installed on this machine. */
final class Promtool {
    private Promtool() {}

    /** Runs it and expects it to be content. */
    static void accepts(Path directory, String... arguments) throws Exception {
        Process process = start(directory, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(
                0,
                process.waitFor(),
                () -> "promtool " + String.join(" ", arguments) + ":\n" + output);
    }

    private static Process start(Path directory, String... arguments) {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return fail(
                    "promtool is not installed; the Debian and Ubuntu package is called prometheus:"
                            + " sudo apt-get install prometheus",
                    e);
        }
    }
}

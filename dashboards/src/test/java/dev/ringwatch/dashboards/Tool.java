package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real tools that check rules and configurations, as they are installed on this machine. */
enum Tool {
    PROMTOOL("promtool", "prometheus"),
    AMTOOL("amtool", "prometheus-alertmanager");

    private final String command;
    private final String debianPackage;

    Tool(String command, String debianPackage) {
        this.command = command;
        this.debianPackage = debianPackage;
    }

    /** Runs it and expects it to be content. */
    void accepts(Path directory, String... arguments) throws Exception {
        Process process = start(directory, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(
                0,
                process.waitFor(),
                () -> command + " " + String.join(" ", arguments) + ":\n" + output);
    }

    private Process start(Path directory, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(all)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return fail(
                    command
                            + " is not installed: sudo apt-get install "
                            + debianPackage
                            + " (Debian and Ubuntu)",
                    e);
        }
    }
}

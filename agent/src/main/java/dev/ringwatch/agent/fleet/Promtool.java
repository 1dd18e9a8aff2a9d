package dev.ringwatch.agent.fleet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs {@code promtool}, which comes with Prometheus. */
final class Promtool {
    private Promtool() {}

    static void run(String... arguments) throws IOException, PrometheusException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw Prometheus.missing("promtool", e);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status;
        try {
            status = process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new PrometheusException("interrupted", e);
        }
        if (status != 0) {
            String last = said.lines().reduce("nothing", (a, b) -> b);
            throw new PrometheusException("promtool ended with status " + status + ": " + last);
        }
    }
}

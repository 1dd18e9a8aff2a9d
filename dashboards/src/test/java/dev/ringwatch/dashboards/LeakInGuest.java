package dev.ringwatch.dashboards;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program for throw-away machines: makes what the kernel never frees, and says what is told of it.
 */
final class LeakInGuest {
    private static final String AGENT = "interval: 1s\n";
    private static final int LEAKS = 1;

    private LeakInGuest() {}

    /** Prints a line for each alert that was told. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("ringwatch-");
        run(List.of("ip", "link", "set", "lo", "up"));
        run(Leak.neverFreed(LEAKS));
        try (Opened opened = new Opened()) {
            RunningAgent agent = opened.add(RunningAgent.start("agent", folder, AGENT));
            Monitoring monitoring =
                    Monitoring.start(
                            opened, folder, "5s", List.of(new Monitoring.Watched(agent, ".*")));
            monitoring
                    .prometheus()
                    .await(
                            "alert",
                            "ALERTS{alertname=\"RingwatchLeakFound\",alertstate=\"firing\"}",
                            series -> !series.isEmpty());
            monitoring.receiver().awaitOne();
            System.out.println(monitoring.receiver());
        }
    }

    private static void run(List<String> command) throws Exception {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new AssertionError(command + " ended with " + status);
        }
    }
}

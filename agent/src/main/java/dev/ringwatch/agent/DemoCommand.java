package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.TextReport;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a real leak in a process of its own and finds it. */
@Command(
        name = "demo",
        description = "Starts a small program that leaks, finds the leak, ends it, looks again.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch demo",
            "  ringwatch demo --leak never_received",
            "",
            "Exit status: 0 found and gone again, 1 not found, 2 an error."
        })
final class DemoCommand implements Callable<Integer> {
    private enum Leak {
        PINNED_BY_RING,
        NEVER_RECEIVED,
        ORPHAN_RING
    }

    private static final int QUEUED = 5;

    @Option(
            names = "--leak",
            paramLabel = "KIND",
            defaultValue = "pinned_by_ring",
            description =
                    "pinned_by_ring, never_received or orphan_ring. Default: ${DEFAULT-VALUE}.")
    private Leak leak = Leak.PINNED_BY_RING;

    @Mixin private final SourceOption source = new SourceOption();

    @Override
    public Integer call() throws IOException {
        try (Observer observer = source.open()) {
            boolean found;
            int pid;
            try (Sample sample = Sample.start(SampleCommand.Kind.valueOf(leak.name()), QUEUED)) {
                pid = (int) sample.pid();
                System.out.println("Process " + pid + " " + story() + " Looking:\n");
                found = tell(observer, pid);
            }
            if (!found) {
                System.out.println("The leak was not found here.");
                return ExitStatus.FOUND;
            }
            System.out.println("Ended process " + pid + ". Looking again:\n");
            return tell(observer, pid) ? ExitStatus.FOUND : ExitStatus.OK;
        }
    }

    private String story() {
        return switch (leak) {
            case PINNED_BY_RING ->
                    "registered both ends of a socket pair with its ring and closed them.";
            case NEVER_RECEIVED ->
                    "sent " + QUEUED + " descriptors over a socket pair and receives none.";
            case ORPHAN_RING -> "polls its ring through itself, then closed and unmapped the ring.";
        };
    }

    private static boolean tell(Observer observer, int pid) {
        Tracked tracked = Looks.several(observer, Duration.ZERO);
        List<Finding> findings =
                tracked.findings(Duration.ZERO).stream()
                        .filter(f -> tracked.concerns(f, pid))
                        .toList();
        System.out.println(TextReport.leaks(tracked, findings));
        return !findings.isEmpty();
    }
}

package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.JsonReport;
import dev.ringwatch.agent.report.TextReport;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks for leaks and tells them with evidence. */
@Command(
        name = "leaks",
        description = "Looks for leaks and tells them with evidence.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch leaks --older-than 0s     also what has only just been queued",
            "  ringwatch leaks --json --pid 312    for a script, one process",
            "",
            "Asks a running agent, which knows since when; looks for itself otherwise, at least twice.",
            "Exit status: 0 none, 1 some (undecided ones too), 2 an error."
        })
final class LeaksCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Write JSON (docs/leaks.schema.json).")
    private boolean json;

    @Option(
            names = "--older-than",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description =
                    "Tell what is at least so old, such as 500ms, 30s, 5m. Without an agent, what is"
                            + " seen for a shorter time is told as undecided. Default:"
                            + " ${DEFAULT-VALUE}.")
    private Duration olderThan = Duration.ofSeconds(30);

    @Option(names = "--pid", paramLabel = "N", description = "Only what this process holds or did.")
    private @Nullable Integer pid;

    @Mixin private final AgentOption agent = new AgentOption();

    @Mixin private final SourceOption source = new SourceOption();

    @Override
    public Integer call() throws IOException {
        Integer wanted = pid;
        if (wanted != null && wanted < 1) {
            throw new CliException("--pid: " + wanted + " is no process id");
        }
        Optional<AgentClient.Answer> answer = agent.ask(source, request(), AgentClient.PATIENCE);
        if (answer.isPresent()) {
            System.out.print(answer.get().body());
            System.out.flush();
            return answer.get().found() ? ExitStatus.FOUND : ExitStatus.OK;
        }
        return look();
    }

    private int look() throws IOException {
        try (Observer observer = source.open()) {
            Tracked tracked = Looks.several(observer, olderThan);
            List<Finding> findings =
                    tracked.findingsOrUndecided(olderThan).stream()
                            .filter(f -> concerns(tracked, f))
                            .toList();
            if (json) {
                JsonReport.leaks(tracked, findings, System.out);
            } else {
                System.out.print(TextReport.leaks(tracked, findings));
            }
            System.out.flush();
            return findings.isEmpty() ? ExitStatus.OK : ExitStatus.FOUND;
        }
    }

    private boolean concerns(Tracked tracked, Finding finding) {
        Integer wanted = pid;
        return wanted == null || tracked.concerns(finding, wanted);
    }

    /** The request that asks an agent the same. */
    private String request() {
        String request =
                "/api/v1/leaks?format=%s&older_than=%dms"
                        .formatted(json ? "json" : "text", olderThan.toMillis());
        return pid == null ? request : request + "&pid=" + pid;
    }
}

package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.DotReport;
import dev.ringwatch.agent.report.JsonReport;
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

/** Shows what rings and queues hold now. */
@Command(
        name = "snapshot",
        description = "Shows the reference graph of the machine: rings, sockets, queues, files.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch snapshot",
            "  ringwatch snapshot --format json | jq '.rings[] | select(.registered_files > 0)'",
            "  ringwatch snapshot --format dot | dot -Tsvg > machine.svg"
        })
final class SnapshotCommand implements Callable<Integer> {
    private enum Format {
        TEXT,
        JSON,
        DOT
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "text, json (docs/snapshot.schema.json) or dot. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.TEXT;

    @Mixin private final SourceOption source = new SourceOption();

    @Override
    public Integer call() throws IOException {
        try (Observer observer = source.open()) {
            Tracked tracked = Looks.several(observer, Duration.ZERO);
            List<Finding> findings = tracked.findingsOrUndecided();
            switch (format) {
                case TEXT -> System.out.print(TextReport.snapshot(tracked, findings));
                case JSON -> JsonReport.snapshot(tracked, findings, System.out);
                case DOT -> System.out.print(DotReport.snapshot(tracked, findings));
            }
            System.out.flush();
            return ExitStatus.OK;
        }
    }
}

package dev.ringwatch.agent;

import dev.ringwatch.agent.draw.DotWriter;
import dev.ringwatch.agent.draw.SvgWriter;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.GraphPicture;
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
            "  ringwatch snapshot --format svg > machine.svg     a picture, findings framed",
            "  ringwatch snapshot --format dot | neato -Tpng > machine.png"
        })
final class SnapshotCommand implements Callable<Integer> {
    private enum Format {
        TEXT,
        JSON,
        DOT,
        SVG
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "text, json (docs/snapshot.schema.json), dot or svg. Default: ${DEFAULT-VALUE}.")
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
                case DOT ->
                        System.out.print(DotWriter.write(GraphPicture.snapshot(tracked, findings)));
                case SVG ->
                        System.out.print(SvgWriter.write(GraphPicture.snapshot(tracked, findings)));
            }
            System.out.flush();
            return ExitStatus.OK;
        }
    }
}

package dev.ringwatch.agent;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.observe.ObservationException;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.WhyReport;
import dev.ringwatch.agent.why.Answer;
import dev.ringwatch.agent.why.NoSuchTargetException;
import dev.ringwatch.agent.why.Target;
import dev.ringwatch.agent.why.Why;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says who keeps something open. */
@Command(
        name = "why",
        description = "Says who keeps something open: every reference that the kernel counts.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch why /var/log/app.log      the file, also after it was deleted",
            "  ringwatch why /mnt/data             why the mount is busy",
            "  ringwatch why :8080                 every socket with that local port",
            "  ringwatch why inode:48213           a socket by its number, for instance",
            "  ringwatch why pid:312/7             the open file behind a descriptor",
            "  ringwatch why netns:4026532281      why the network namespace is still there",
            "",
            "Exit status: 0 held, 1 nobody holds it, 2 an error."
        })
final class WhyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TARGET", description = Target.FORMS + ".")
    private String target = "";

    @Option(names = "--json", description = "Write JSON (docs/why.schema.json).")
    private boolean json;

    @Mixin private final SourceOption source = new SourceOption();

    @Override
    public Integer call() throws IOException {
        Target wanted = parse(target);
        try (Observer observer = source.open()) {
            Answer answer = answer(wanted, observer, BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
            if (json) {
                WhyReport.json(answer, System.out);
            } else {
                System.out.print(WhyReport.text(answer));
            }
            System.out.flush();
            return answer.held() ? ExitStatus.OK : ExitStatus.FOUND;
        }
    }

    private static Target parse(String text) {
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CliException(String.valueOf(e.getMessage()));
        }
    }

    static Answer answer(Target target, Observer observer, long maxTableBytes) {
        try {
            return Why.answer(target, observer, maxTableBytes);
        } catch (NoSuchTargetException e) {
            throw new CliException(e.line());
        } catch (ObservationException e) {
            throw new CliException(e.line());
        } catch (BpfUnavailableException e) {
            throw new CliException("eBPF can't be used here: " + e.line());
        }
    }
}

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
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
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
            "Asks a running agent first; looks for itself otherwise.",
            "Exit status: 0 held, 1 nobody holds it, 2 an error."
        })
final class WhyCommand implements Callable<Integer> {
    /** An agent may be in the middle of an observation. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Parameters(paramLabel = "TARGET", description = Target.FORMS + ".")
    private String target = "";

    @Option(names = "--json", description = "Write JSON (docs/why.schema.json).")
    private boolean json;

    @Mixin private final AgentOption agent = new AgentOption();

    @Mixin private final SourceOption source = new SourceOption();

    @Override
    public Integer call() throws IOException {
        Target wanted = parse(target);
        Optional<AgentClient.Answer> answer = agent.ask(source, request(wanted), PATIENCE);
        if (answer.isPresent()) {
            System.out.print(answer.get().body());
            System.out.flush();
            return answer.get().found() ? ExitStatus.OK : ExitStatus.FOUND;
        }
        return look(wanted);
    }

    private String request(Target wanted) {
        return "/api/v1/why?format=%s&mount_namespace=%s&target=%s"
                .formatted(
                        json ? "json" : "text",
                        URLEncoder.encode(mountNamespace(), StandardCharsets.UTF_8),
                        URLEncoder.encode(wanted.toString(), StandardCharsets.UTF_8));
    }

    /** Which mounts this process sees: paths mean the same only to those who see the same. */
    static String mountNamespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
        } catch (IOException e) {
            return "unknown"; // no /proc
        }
    }

    private int look(Target wanted) throws IOException {
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

    /** Looks; what goes wrong becomes one line. */
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

package dev.ringwatch.agent;

import dev.ringwatch.agent.draw.DotWriter;
import dev.ringwatch.agent.draw.SvgWriter;
import dev.ringwatch.agent.observe.EraProbe;
import dev.ringwatch.agent.report.ScenarioPicture;
import dev.ringwatch.agent.report.ScenarioReport;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.scenario.Scenario;
import dev.ringwatch.core.scenario.ScenarioLibrary;
import dev.ringwatch.core.scenario.ScenarioParser;
import dev.ringwatch.core.scenario.ScenarioRun;
import dev.ringwatch.core.scenario.ScenarioSyntaxException;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Plays a scenario in the executable model of the kernel. */
@Command(
        name = "model",
        description =
                "Plays a scenario in a model of the kernel, under the rules that it has or once had.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch model --list",
            "  ringwatch model seed-2019 --era naive-pin --explain",
            "  ringwatch model seed-2019 --era all",
            "  ringwatch model ring-polls-itself --format svg > leak.svg",
            "",
            "Nothing here touches the kernel that runs. How to write scenarios: docs/scenarios.md.",
            "Exit status: 0 no leak, 1 a leak, a broken rule or something not as expected, 2 an error."
        })
final class ModelCommand implements Callable<Integer> {
    private enum Format {
        TEXT,
        DOT,
        SVG
    }

    private static final String ALL = "all";
    private static final String LIVE = "live";
    private static final long MOST_BYTES = 1 << 20;

    private final Supplier<KernelEra> live;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FILE|NAME",
            description = "A scenario of the library, or a file with one.")
    private @Nullable String scenario;

    @Option(
            names = "--era",
            paramLabel = "ERA",
            defaultValue = "current",
            description =
                    "Whose rules: a name from --list, live for the kernel that runs here, or all."
                            + " Default: ${DEFAULT-VALUE}, which is 6.18.")
    private String era = "current";

    @Option(
            names = "--explain",
            description = "Tell every line, with all counts and the collector's reasons.")
    private boolean explain;

    @Option(
            names = "--up-to",
            paramLabel = "LINE",
            description = "Play the lines of the scenario up to this one only.")
    private @Nullable Integer upTo;

    @Option(names = "--list", description = "List the scenarios and the eras.")
    private boolean list;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "text; or dot or svg: what holds what after the last line, before the collector"
                            + " runs once more. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.TEXT;

    ModelCommand() {
        this(ModelCommand::running);
    }

    /**
     * @param live what finds out the rules of the kernel that runs here
     */
    ModelCommand(Supplier<KernelEra> live) {
        this.live = live;
    }

    private static KernelEra running() {
        try {
            EraProbe probe = EraProbe.probe();
            for (EraProbe.Rule rule : probe.rules()) {
                if (rule.how() == EraProbe.How.UNKNOWN) {
                    System.err.printf(
                            "ringwatch: %s: %s, %s%n",
                            rule.name(), rule.how().words(), rule.what());
                }
            }
            return probe.era();
        } catch (IOException e) {
            throw new CliException(
                    "--era live: the rules of this kernel cannot be tried: " + e.getMessage());
        }
    }

    @Override
    public Integer call() {
        if (list) {
            System.out.print(ScenarioReport.list(ScenarioLibrary.all()));
            System.out.flush();
            return ExitStatus.OK;
        }
        List<KernelEra> eras = eras();
        if (format != Format.TEXT && eras.size() > 1) {
            throw new CliException("--era all is a table: it has no picture");
        }
        return scenario == null ? library(eras) : play(find(scenario), eras);
    }

    private List<KernelEra> eras() {
        if (era.equals(ALL)) {
            return KernelEra.presets();
        }
        return List.of(
                era.equals(LIVE)
                        ? live.get()
                        : KernelEra.named(era).orElseThrow(() -> unknownEra(era)));
    }

    private static CliException unknownEra(String name) {
        String known =
                KernelEra.presets().stream().map(KernelEra::name).collect(Collectors.joining(", "));
        return new CliException(
                "--era: no era is called \"%s\"; known are %s, live and all"
                        .formatted(name, known));
    }

    /** The table of everything, for --era all without a scenario. */
    private static int library(List<KernelEra> eras) {
        if (eras.size() == 1) {
            throw new CliException("which scenario? See 'ringwatch model --list'");
        }
        Map<String, List<ScenarioRun.Verdict>> verdicts = new LinkedHashMap<>();
        boolean well = true;
        for (Scenario each : ScenarioLibrary.all()) {
            List<ScenarioRun.Verdict> row = new ArrayList<>();
            for (KernelEra rules : eras) {
                ScenarioRun run = ScenarioRun.of(each, rules);
                well &= isWell(run);
                row.add(run.verdict());
            }
            verdicts.put(each.name(), row);
        }
        System.out.print(ScenarioReport.matrix(eras, verdicts));
        System.out.flush();
        return well ? ExitStatus.OK : ExitStatus.FOUND;
    }

    private int play(Scenario found, List<KernelEra> eras) {
        List<ScenarioRun> runs = eras.stream().map(rules -> ScenarioRun.of(found, rules)).toList();
        if (runs.size() > 1) {
            System.out.print(ScenarioReport.comparison(runs));
            return finished(runs);
        }
        ScenarioRun run = runs.getFirst();
        System.out.print(
                switch (format) {
                    case TEXT ->
                            explain
                                    ? ScenarioReport.explained(run, onTerminal())
                                    : ScenarioReport.summary(run, onTerminal());
                    case DOT -> DotWriter.write(ScenarioPicture.of(run));
                    case SVG -> SvgWriter.write(ScenarioPicture.of(run));
                });
        return finished(runs);
    }

    private static boolean onTerminal() {
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    private static int finished(List<ScenarioRun> runs) {
        System.out.flush();
        return runs.stream().allMatch(ModelCommand::isWell) ? ExitStatus.OK : ExitStatus.FOUND;
    }

    private static boolean isWell(ScenarioRun run) {
        return run.leaks().isEmpty() && run.violations().isEmpty() && run.broken().isEmpty();
    }

    // ---- finding the scenario ----

    private Scenario find(String asked) {
        Scenario found = ScenarioLibrary.find(asked).orElseGet(() -> read(asked));
        if (upTo == null) {
            return found;
        }
        Scenario part = found.upTo(upTo);
        if (part.lines().isEmpty()) {
            throw new CliException(
                    "--up-to %d: the first line that says something is %d"
                            .formatted(upTo, found.lines().getFirst().number()));
        }
        return part;
    }

    private static Scenario read(String asked) {
        try {
            Path path = Path.of(asked);
            if (!Files.exists(path)) {
                throw new CliException(
                        "no scenario and no file is called \"%s\"%s; see 'ringwatch model --list'"
                                .formatted(asked, alike(asked)));
            }
            if (!Files.isDirectory(path) && Files.size(path) > MOST_BYTES) {
                throw new CliException(asked + ": a scenario has at most 1 MiB");
            }
            String name = path.getFileName().toString().replaceFirst("\\.scn$", "");
            String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
            return ScenarioParser.parse(name, asked, text);
        } catch (InvalidPathException e) {
            throw new CliException("\"%s\" is no name of a file".formatted(asked));
        } catch (ScenarioSyntaxException e) {
            throw new CliException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new CliException("%s: cannot be read: %s".formatted(asked, reason(e)));
        }
    }

    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        return e.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
    }

    /** Names of the library that contain what was asked for. */
    private static String alike(String asked) {
        String part = asked.toLowerCase(Locale.ROOT);
        String names =
                ScenarioLibrary.names().stream()
                        .filter(name -> name.contains(part))
                        .limit(5)
                        .collect(Collectors.joining(", "));
        return part.isEmpty() || names.isEmpty() ? "" : " (did you mean " + names + "?)";
    }
}

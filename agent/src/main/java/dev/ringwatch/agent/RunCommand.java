package dev.ringwatch.agent;

import dev.ringwatch.agent.config.Configuration;
import dev.ringwatch.agent.config.Switch;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.serve.ListenAddress;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.web.WebConfigFile;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The agent: observes and serves until it is told to end. */
@Command(
        name = "run",
        description = "Watches the machine and serves a page, metrics, health and the API.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch run",
            "  ringwatch run --listen 0.0.0.0:9736 --listen unix:/run/ringwatch.sock",
            "  ringwatch run --once > metrics.txt",
            "  ringwatch run --stacks              then: ringwatch leaks tells who registered and sent",
            "  ringwatch run --config ringwatch.yaml --check-config",
            "",
            "Exit status: 0 ended as told, 2 bad usage or cannot start."
        })
final class RunCommand implements Callable<Integer> {
    static final String DEFAULT_SOCKET = "/run/ringwatch.sock";

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description =
                    "HOST:PORT or unix:PATH; may be given several times. Default: "
                            + Service.DEFAULT_TCP
                            + " and, where it can be made, unix:"
                            + DEFAULT_SOCKET
                            + ".")
    private List<String> listen = List.of();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A YAML file; flags override it.")
    private @Nullable Path config;

    @Option(
            names = {"--web-config-file", "--web.config.file"},
            paramLabel = "FILE",
            description =
                    "TLS and users for TCP, in the format of the Prometheus exporter-toolkit; read"
                            + " again when it changes.")
    private @Nullable Path webConfigFile;

    @Option(
            names = "--check-config",
            description = "Check the configuration, observe once, say what works, and end.")
    private boolean checkConfig;

    @Option(
            names = "--config-schema",
            description = "Print the JSON schema of the configuration file and end.")
    private boolean configSchema;

    @Option(
            names = "--once",
            description = "Print one exposition (text format 0.0.4) to standard output and end.")
    private boolean once;

    @Option(
            names = "--source",
            paramLabel = "SOURCE",
            description = "auto (eBPF, or /proc where that is refused), bpf, or proc.")
    private Observer.@Nullable Choice source;

    @Option(
            names = "--stacks",
            description =
                    "Keep the stacks of calls that register files or send descriptors, and tell them"
                            + " with findings; the same as features: {stacks: on} (docs/stacks.md).")
    private boolean stacks;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (configSchema) {
            System.out.println(Configuration.schema().toPrettyString());
            return ExitStatus.OK;
        }
        Configuration configuration = configuration();
        if (once) {
            return printOnce(configuration);
        }
        return checkConfig
                ? check(configuration)
                : Service.run(Optional.ofNullable(config), this::configuration);
    }

    private Configuration configuration() {
        Path file = config;
        Configuration c = file == null ? Configuration.defaults() : Configuration.read(file);
        if (!listen.isEmpty()) {
            try {
                c = c.withListen(listen.stream().map(ListenAddress::parse).toList());
            } catch (IllegalArgumentException e) {
                throw new CliException("--listen: " + e.getMessage());
            }
        }
        Path web = webConfigFile;
        if (web != null) {
            c = c.withWebConfigFile(Optional.of(web));
        }
        if (stacks) {
            c = c.withFeatures(c.features().withStacks(Switch.ON));
        }
        Observer.Choice choice = source;
        return choice == null ? c : c.withSource(choice);
    }

    private static int printOnce(Configuration configuration) throws IOException {
        try (Agent agent = new Agent(configuration)) {
            sayWhyNoBpf(agent);
            agent.observeOnce();
            PrometheusTextFormatWriter.create()
                    .write(System.out, agent.metrics(UnaryOperator.identity()));
            System.out.flush();
            return ExitStatus.OK;
        }
    }

    private int check(Configuration configuration) {
        RunAs runAs = RunAs.choose(configuration.runAs());
        Optional<WebConfigFile> web = Service.web(configuration);
        try (Agent agent = new Agent(configuration)) {
            Tracked tracked = agent.observeOnce();
            tracked.observation()
                    .sources()
                    .forEach(
                            s ->
                                    System.out.println(
                                            "source "
                                                    + s.source().label()
                                                    + ": "
                                                    + (s.up() ? "works" : "down")
                                                    + ", "
                                                    + s.detail()));
            new TreeMap<>(agent.features())
                    .forEach(
                            (name, on) ->
                                    System.out.println(
                                            "feature "
                                                    + name
                                                    + ": "
                                                    + (on ? "works" : "does not")));
            tracked.observation()
                    .incomplete()
                    .forEach(r -> System.out.println("not complete: " + r));
            Service.tryAddresses(configuration).forEach(System.out::println);
            System.out.println(demands(web));
            System.out.println(Service.whose(runAs));
            Service.unreadable(runAs, web, Optional.ofNullable(config))
                    .forEach(line -> System.out.println("cannot be read again: " + line));
            System.out.println("configuration is good");
            return ExitStatus.OK;
        }
    }

    private static String demands(Optional<WebConfigFile> web) {
        return "over TCP: TLS "
                + (web.filter(WebConfigFile::hasTls).isPresent() ? "on" : "off")
                + ", users "
                + (web.filter(WebConfigFile::hasUsers).isPresent() ? "needed" : "not needed");
    }

    static void sayWhyNoBpf(Agent agent) {
        agent.whyNoBpf()
                .ifPresent(why -> System.err.println("ringwatch: reading /proc only: " + why));
    }
}

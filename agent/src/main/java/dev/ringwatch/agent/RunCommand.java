package dev.ringwatch.agent;

import dev.ringwatch.agent.config.Configuration;
import dev.ringwatch.agent.config.Switch;
import dev.ringwatch.agent.metrics.RingwatchCollector;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.privilege.Capability;
import dev.ringwatch.agent.privilege.Drop;
import dev.ringwatch.agent.serve.Limits;
import dev.ringwatch.agent.serve.ListenAddress;
import dev.ringwatch.agent.serve.ListenException;
import dev.ringwatch.agent.serve.Routes;
import dev.ringwatch.agent.serve.Security;
import dev.ringwatch.agent.serve.Server;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.web.WebConfigException;
import dev.ringwatch.agent.web.WebConfigFile;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.sys.ErrnoException;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The agent: observes and serves until it is told to end. */
@Command(
        name = "run",
        description = "Watches the machine and serves metrics, health and the API.",
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
    private static final String DEFAULT_TCP = "127.0.0.1:9736";
    private static final int TOKEN_BYTES = 16;
    private static final Duration CLOSING = Duration.ofSeconds(15);

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description =
                    "HOST:PORT or unix:PATH; may be given several times. Default: "
                            + DEFAULT_TCP
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
        return checkConfig ? check(configuration) : serve(configuration);
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
            PrometheusTextFormatWriter.create().write(System.out, agent.metrics());
            System.out.flush();
            return ExitStatus.OK;
        }
    }

    private static int check(Configuration configuration) {
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
            tracked.observation()
                    .incomplete()
                    .forEach(r -> System.out.println("not complete: " + r));
            addresses(configuration).forEach(a -> System.out.println("would listen on " + a));
            System.out.println("configuration is good");
            return ExitStatus.OK;
        }
    }

    private static int serve(Configuration configuration) throws InterruptedException {
        End end;
        RunAs runAs = RunAs.choose(configuration.runAs());
        Optional<WebConfigFile> web = web(configuration);
        makeLibraryThreads(runAs);
        try (Agent agent = new Agent(configuration)) {
            sayWhyNoBpf(agent);
            PrometheusRegistry registry = new PrometheusRegistry();
            registry.register(new RingwatchCollector(agent::metrics));
            bindOwnMeters(registry);
            String token = token();
            try (Server server = start(configuration, Api.routes(agent, registry, token), web)) {
                end = new End();
                server.addresses().forEach(a -> sayListening(a, token, web));
                giveUp(runAs, agent, server);
                agent.start();
                end.await();
            }
        }
        end.allClosed();
        return ExitStatus.OK;
    }

    /**
     * The observer uses what watches over descriptors, which has a thread of its own: that is made
     * here, so that the observer's makes none. If it is not to lose its capabilities with the user,
     * it must begin without; if it is, it must not, for then libc ends a process with a thread that
     * cannot follow.
     */
    private static void makeLibraryThreads(RunAs runAs) throws InterruptedException {
        Thread maker =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    if (runAs instanceof RunAs.Stay) {
                                        giveUpAll();
                                    }
                                    ResourceTracker.global();
                                });
        maker.join();
    }

    private static void giveUpAll() {
        try {
            Drop.inThisThread(Set.of());
        } catch (ErrnoException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This thread and the server's have no need of any privilege once the server listens. */
    private static void giveUp(RunAs runAs, Agent agent, Server server) {
        Set<Capability> kept = agent.giveUp(runAs);
        server.inItsThread(RunCommand::giveUpAll);
        giveUpAll();
        String whose =
                switch (runAs) {
                    case RunAs.Become become -> "runs as " + become.user().name();
                    case RunAs.Stay stay ->
                            stay.why().isEmpty()
                                    ? "stays the user it is"
                                    : "stays root: " + stay.why();
                };
        System.err.println(
                "ringwatch: "
                        + whose
                        + "; capabilities: "
                        + Drop.names(kept)
                        + " in the observer's thread"
                        + (agent.keepsStacks() ? " and that which names stacks" : "")
                        + ", none in the others");
    }

    private static Server start(
            Configuration configuration, Routes routes, Optional<WebConfigFile> web) {
        try {
            return Server.start(
                    addresses(configuration),
                    routes,
                    web.<Security>map(w -> w).orElse(Security.NONE),
                    Limits.defaults());
        } catch (ListenException e) {
            throw new CliException(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<WebConfigFile> web(Configuration configuration) {
        Optional<Path> file = configuration.webConfigFile();
        try {
            return file.isPresent()
                    ? Optional.of(WebConfigFile.open(file.get()))
                    : Optional.empty();
        } catch (WebConfigException e) {
            throw new CliException(e.line());
        }
    }

    private static List<ListenAddress> addresses(Configuration configuration) {
        if (!configuration.listen().isEmpty()) {
            return configuration.listen();
        }
        List<ListenAddress> all = new ArrayList<>();
        all.add(ListenAddress.parse(DEFAULT_TCP));
        if (Files.isWritable(Path.of(DEFAULT_SOCKET).getParent())) {
            all.add(ListenAddress.parse("unix:" + DEFAULT_SOCKET));
        }
        return all;
    }

    /** What the JVM and the process of the agent itself cost; as long as the process lives. */
    private static void bindOwnMeters(PrometheusRegistry registry) {
        PrometheusMeterRegistry meters =
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, registry, Clock.SYSTEM);
        // Their names break the conventions that promtool checks; ours says the first in seconds.
        meters.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
        meters.config().meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        FunctionCounter.builder("process.cpu", ProcessHandle.current(), RunCommand::cpuSeconds)
                .baseUnit("seconds")
                .description("CPU time that the agent has used.")
                .register(meters);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ClassLoaderMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        new FileDescriptorMetrics().bindTo(meters);
    }

    private static double cpuSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().map(d -> d.toNanos() / 1e9).orElse(Double.NaN);
    }

    private static void sayWhyNoBpf(Agent agent) {
        agent.whyNoBpf()
                .ifPresent(why -> System.err.println("ringwatch: reading /proc only: " + why));
    }

    private static void sayListening(
            ListenAddress address, String token, Optional<WebConfigFile> web) {
        switch (address) {
            case ListenAddress.Tcp tcp -> {
                String base = (web.filter(WebConfigFile::hasTls).isPresent() ? "https" : "http");
                System.err.println(
                        "ringwatch: metrics at "
                                + base
                                + "://"
                                + tcp
                                + "/metrics, API at "
                                + base
                                + "://"
                                + tcp
                                + "/api/v1/leaks?token="
                                + token);
            }
            case ListenAddress.Unix unix ->
                    System.err.println("ringwatch: everything at " + unix + " without a token");
        }
    }

    private static String token() {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * A signal runs the hook, which lets {@link #serve} close everything in order; the process then
     * ends with status 0, as one that did what it was told.
     */
    private static final class End {
        private final CountDownLatch told = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        End() {
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform().name("ringwatch-end").unstarted(this::onSignal));
        }

        void await() throws InterruptedException {
            told.await();
        }

        void allClosed() {
            closed.countDown();
        }

        private void onSignal() {
            told.countDown();
            try {
                if (closed.await(CLOSING.toSeconds(), TimeUnit.SECONDS)) {
                    Runtime.getRuntime().halt(ExitStatus.OK);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

package dev.ringwatch.agent;

import dev.ringwatch.agent.config.Configuration;
import dev.ringwatch.agent.config.ConfigurationException;
import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.metrics.RingwatchCollector;
import dev.ringwatch.agent.privilege.Capability;
import dev.ringwatch.agent.privilege.Drop;
import dev.ringwatch.agent.serve.Inherited;
import dev.ringwatch.agent.serve.Limit;
import dev.ringwatch.agent.serve.Limits;
import dev.ringwatch.agent.serve.ListenAddress;
import dev.ringwatch.agent.serve.ListenException;
import dev.ringwatch.agent.serve.Routes;
import dev.ringwatch.agent.serve.Security;
import dev.ringwatch.agent.serve.Server;
import dev.ringwatch.agent.systemd.ActivatedSocket;
import dev.ringwatch.agent.systemd.Notifier;
import dev.ringwatch.agent.web.WebConfigException;
import dev.ringwatch.agent.web.WebConfigFile;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.sys.ErrnoException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The agent as a service: opens what it needs, gives up its privileges, and works until the end. */
final class Service {
    static final String DEFAULT_TCP = "127.0.0.1:9736";
    private static final System.Logger LOG = System.getLogger(Service.class.getName());
    private static final int TOKEN_BYTES = 16;

    private final Optional<Path> file;
    private final Supplier<Configuration> reader;
    private final Configuration configuration;
    private final Optional<WebConfigFile> web;
    private final Agent agent;
    private volatile boolean lastReadIsGood = true;
    private volatile @Nullable Server server;

    private Service(
            Optional<Path> file,
            Supplier<Configuration> reader,
            Configuration configuration,
            Optional<WebConfigFile> web,
            Agent agent) {
        this.file = file;
        this.reader = reader;
        this.configuration = configuration;
        this.web = web;
        this.agent = agent;
    }

    /**
     * Runs until the process is told to end.
     *
     * @param file where the configuration is, if in a file
     * @param reader reads the configuration; again on SIGHUP
     */
    static int run(Optional<Path> file, Supplier<Configuration> reader)
            throws InterruptedException {
        Configuration configuration = reader.get();
        RunAs runAs = RunAs.choose(configuration.runAs());
        Optional<WebConfigFile> web = web(configuration);
        makeLibraryThreads(runAs);
        Duty duty;
        try (Agent agent = new Agent(configuration)) {
            RunCommand.sayWhyNoBpf(agent);
            duty = new Service(file, reader, configuration, web, agent).serve(runAs);
        }
        duty.done();
        return ExitStatus.OK;
    }

    private Duty serve(RunAs runAs) throws InterruptedException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(new RingwatchCollector(() -> agent.metrics(this::status)));
        OwnMeters.bind(registry);
        String token = token();
        Notifier manager = Notifier.of(System.getenv(), ProcessHandle.current().pid());
        try (Server started = listen(Api.routes(agent, registry, token, this::status))) {
            server = started;
            Duty duty = new Duty(manager, agent, this::reload);
            try {
                started.addresses().forEach(a -> sayListening(a, token));
                work(runAs, started, duty);
                return duty;
            } catch (RuntimeException | Error e) {
                duty.abandon();
                throw e;
            }
        }
    }

    private void work(RunAs runAs, Server started, Duty duty) throws InterruptedException {
        giveUp(runAs, started);
        unreadable(runAs, web, file)
                .forEach(line -> System.err.println("ringwatch: cannot be read again: " + line));
        agent.start();
        duty.perform();
    }

    private AgentStatus status(AgentStatus own) {
        Map<String, Boolean> files = new HashMap<>();
        files.put("agent", lastReadIsGood);
        web.ifPresent(w -> files.put("web", w.isGood()));
        Map<String, Long> hits = new HashMap<>();
        Server running = server;
        Map<Limit, Long> counted = running == null ? Map.of() : running.limitsReached();
        counted.forEach((limit, n) -> hits.put(limit.label(), n));
        return own.serving(files, hits);
    }

    /** On SIGHUP: what can change changes, the rest is named; a file that is wrong changes nothing. */
    private void reload() {
        Configuration next;
        try {
            next = reader.get();
        } catch (ConfigurationException e) {
            refuse(e.line());
            return;
        } catch (CliException e) {
            refuse(e.line());
            return;
        }
        lastReadIsGood = true;
        agent.use(next);
        List<String> later = configuration.needingRestart(next);
        LOG.log(
                System.Logger.Level.INFO,
                "the configuration was read again"
                        + (later.isEmpty()
                                ? ""
                                : "; holds only from the next start: " + String.join(", ", later)));
    }

    private void refuse(String line) {
        lastReadIsGood = false;
        LOG.log(
                System.Logger.Level.ERROR,
                "the configuration cannot be used, the one before holds: {0}",
                line);
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
    private void giveUp(RunAs runAs, Server started) {
        Set<Capability> kept = agent.giveUp(runAs);
        started.inItsThread(Service::giveUpAll);
        giveUpAll();
        System.err.println(
                "ringwatch: "
                        + whose(runAs)
                        + "; capabilities: "
                        + Drop.names(kept)
                        + " in the observer's thread"
                        + (agent.keepsStacks() ? " and that which names stacks" : "")
                        + ", none in the others");
    }

    static String whose(RunAs runAs) {
        return switch (runAs) {
            case RunAs.Become become -> "runs as " + become.user().name();
            case RunAs.Stay stay ->
                    stay.why().isEmpty() ? "stays the user it is" : "stays root: " + stay.why();
        };
    }

    /** What is to be read again while it runs and could not be, each with what is in the way. */
    static List<String> unreadable(RunAs runAs, Optional<WebConfigFile> web, Optional<Path> file) {
        List<String> lines = new ArrayList<>();
        if (runAs instanceof RunAs.Become become) {
            List<Path> files = new ArrayList<>();
            file.ifPresent(files::add);
            web.ifPresent(w -> files.addAll(w.files()));
            for (Path again : files) {
                try {
                    become.user()
                            .keptFrom(again)
                            .ifPresent(
                                    at ->
                                            lines.add(
                                                    again
                                                            + " by "
                                                            + become.user().name()
                                                            + ", because of the mode of "
                                                            + at));
                } catch (IOException e) {
                    lines.add(again + ": " + e.getMessage());
                }
            }
        }
        return lines;
    }

    private Server listen(Routes routes) {
        List<Inherited> inherited = inherited();
        List<ListenAddress> addresses = new ArrayList<>(addresses(configuration, inherited));
        addresses.removeIf(a -> inherited.stream().anyMatch(i -> isSame(a, i.address())));
        try {
            return Server.start(
                    addresses,
                    inherited,
                    routes,
                    web.<Security>map(w -> w).orElse(Security.NONE),
                    Limits.defaults());
        } catch (ListenException e) {
            throw new CliException(String.valueOf(e.getMessage()));
        }
    }

    /** However they are written: the kernel tells an IPv6 address in full. */
    private static boolean isSame(ListenAddress one, ListenAddress other) {
        return switch (one) {
            case ListenAddress.Tcp tcp ->
                    other instanceof ListenAddress.Tcp o
                            && new InetSocketAddress(tcp.host(), tcp.port())
                                    .equals(new InetSocketAddress(o.host(), o.port()));
            case ListenAddress.Unix unix ->
                    other instanceof ListenAddress.Unix o && plain(unix).equals(plain(o));
        };
    }

    private static Path plain(ListenAddress.Unix unix) {
        return unix.path().toAbsolutePath().normalize();
    }

    private static List<Inherited> inherited() {
        try {
            return ActivatedSocket.take(System.getenv(), ProcessHandle.current().pid()).stream()
                    .map(s -> new Inherited(s.socket().release(), address(s.address())))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new CliException(String.valueOf(e.getMessage()));
        }
    }

    private static ListenAddress address(SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet ->
                    new ListenAddress.Tcp(inet.getAddress().getHostAddress(), inet.getPort());
            case UnixDomainSocketAddress unix -> new ListenAddress.Unix(unix.getPath());
            default -> throw new IllegalArgumentException(address + ": neither TCP nor unix");
        };
    }

    /**
     * Binds each address of the configuration, and lets it go again.
     *
     * @return a line about each; one that is in use may be so by the agent that runs
     */
    static List<String> tryAddresses(Configuration configuration) {
        return addresses(configuration, List.of()).stream().map(Service::tryAddress).toList();
    }

    private static String tryAddress(ListenAddress address) {
        try (Server tried = Server.start(List.of(address), Routes.builder().build())) {
            return "can listen on " + tried.addresses().getFirst();
        } catch (ListenException e) {
            if (e.inUse()) {
                return "in use now: " + address;
            }
            throw new CliException(String.valueOf(e.getMessage()));
        }
    }

    static Optional<WebConfigFile> web(Configuration configuration) {
        Optional<Path> file = configuration.webConfigFile();
        try {
            return file.isPresent()
                    ? Optional.of(WebConfigFile.open(file.get()))
                    : Optional.empty();
        } catch (WebConfigException e) {
            throw new CliException(e.line());
        }
    }

    /** Those of the configuration; by default, one of each kind that is not inherited. */
    private static List<ListenAddress> addresses(
            Configuration configuration, List<Inherited> inherited) {
        if (!configuration.listen().isEmpty()) {
            return configuration.listen();
        }
        boolean tcp = inherited.stream().anyMatch(i -> i.address() instanceof ListenAddress.Tcp);
        boolean unix = inherited.stream().anyMatch(i -> i.address() instanceof ListenAddress.Unix);
        List<ListenAddress> all = new ArrayList<>();
        if (!tcp) {
            all.add(ListenAddress.parse(DEFAULT_TCP));
        }
        if (!unix && Files.isWritable(Path.of(RunCommand.DEFAULT_SOCKET).getParent())) {
            all.add(ListenAddress.parse("unix:" + RunCommand.DEFAULT_SOCKET));
        }
        return all;
    }

    private void sayListening(ListenAddress address, String token) {
        switch (address) {
            case ListenAddress.Tcp tcp -> {
                boolean tls = web.filter(WebConfigFile::hasTls).isPresent();
                String base = (tls ? "https://" : "http://") + tcp;
                System.err.println("ringwatch: page at " + base + "/?token=" + token);
                System.err.println(
                        "ringwatch: metrics at "
                                + base
                                + "/metrics, API at "
                                + base
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
}

package dev.ringwatch.agent;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.Table;
import dev.ringwatch.agent.track.GroupRules;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The benchmarks. */
@Command(
        name = "bench",
        description = "Measures against peers, in one run.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch bench observation",
            "  ringwatch bench observation --sockets 10000",
            "  ringwatch bench echo --connections 64 --size 4096",
            "  ringwatch bench cost",
            "  ringwatch bench fleet --agents 100 --groups 20 --duration 1m",
            "  ringwatch bench --list",
            "",
            "All but observation, cost, hold and fleet run each contender as a process of its own and print medians:",
            "processor time an operation, operations a second and an io_uring_enter, and the",
            "ratios of ours to each peer with quartiles."
        })
final class BenchCommand implements Callable<Integer> {
    private static final int PER_PROCESS = 18_000;
    private static final int QUEUED = 20_000;
    private static final int SLOTS = 19_000;
    private static final int MOST_AGENTS = 10_000;
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final String RULES = "dashboards/prometheus/ringwatch.rules.yml";

    private enum Name {
        OBSERVATION(
                "100,000 sockets and their descriptors seen with eBPF, from /proc and by 'ss -xa'",
                "what 'run' needs; 'ss' if it is there"),
        COST(
                "the running agent itself, and what it costs a busy ring and a busy AF_UNIX server",
                "what 'run' needs, and some minutes"),
        HOLD(
                "how long an observation holds up a send to a socket with 500,000 queued",
                "what 'run' needs, 2 GB of memory"),
        FLEET(
                "a fleet of simulated agents scraped by a real Prometheus, and what that costs it",
                "'prometheus', and some minutes"),
        ECHO(
                "messages over TCP: our raw loop, C with liburing, Netty with epoll and io_uring",
                OF_CHECKOUT),
        FACADE(
                "the same in blocking style: our virtual threads, the JDK's, our raw loop",
                OF_CHECKOUT),
        FILES(
                "random reads of 4 KiB, cached and O_DIRECT: our raw loop, C, FileChannel",
                OF_CHECKOUT),
        NOP("the cost of an operation and of an enter: our raw loop, C", OF_CHECKOUT),
        PASSING(
                "descriptors over AF_UNIX: our raw loop, our plain calls, C, Netty with epoll",
                OF_CHECKOUT),
        STATIC("files over HTTP: our raw loop, Netty with epoll and sendfile", OF_CHECKOUT),
        LATENCY(
                "answers to messages at a fixed rate: our raw loop, Netty, JDK virtual threads",
                OF_CHECKOUT);

        private final String description;
        private final String needs;

        Name(String description, String needs) {
            this.description = description;
            this.needs = needs;
        }

        String typed() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String OF_CHECKOUT = "a checkout, gcc, liburing-dev";

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            defaultValue = "observation",
            description = "One of those that --list lists. Default: ${DEFAULT-VALUE}.")
    private Name name = Name.OBSERVATION;

    @Option(
            names = "--sockets",
            paramLabel = "N",
            defaultValue = "100000",
            description = "observation: how many sockets to make. Default: ${DEFAULT-VALUE}.")
    private int sockets = 100_000;

    @Option(
            names = {"--pairs", "--rounds"},
            paramLabel = "N",
            defaultValue = "9",
            description = "Rounds, each of which runs every contender. Default: ${DEFAULT-VALUE}.")
    private int rounds = 9;

    @Option(names = "--list", description = "Say which benchmarks there are and what they need.")
    private boolean list;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description =
                    "Not observation, fleet: how long a window is. Default: 1; cost 2; hold 5.")
    private Optional<Double> seconds = Optional.empty();

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "Servers: connections instead of the benchmark's own.")
    private Optional<Integer> connections = Optional.empty();

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            description = "echo: 1 to 4096 bytes a message instead of its own sizes.")
    private Optional<Integer> size = Optional.empty();

    @Option(
            names = "--megabytes",
            paramLabel = "N",
            description = "files: size of the file that is read. Default: 256.")
    private Optional<Integer> megabytes = Optional.empty();

    @Option(names = "--json", description = "Not observation: print JSON, with every window.")
    private boolean json;

    @Option(
            names = "--agents",
            paramLabel = "N",
            defaultValue = "1000",
            description = "fleet: how many agents. Default: ${DEFAULT-VALUE}.")
    private int agents = 1_000;

    @Option(
            names = "--groups",
            paramLabel = "N",
            defaultValue = "12",
            description = "fleet: groups on each machine, 1 to 200. Default: ${DEFAULT-VALUE}.")
    private int groups = 12;

    @Option(
            names = "--interval",
            paramLabel = "DURATION",
            defaultValue = "15s",
            description = "fleet: time between scrapes of an agent. Default: ${DEFAULT-VALUE}.")
    private Duration interval = Duration.ofSeconds(15);

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            defaultValue = "3m",
            description = "fleet: how long is measured. Default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ofMinutes(3);

    @Option(
            names = "--rules",
            paramLabel = "FILE",
            description =
                    "fleet: rules that Prometheus evaluates meanwhile. Default: the project's in a"
                            + " checkout, none elsewhere.")
    private Optional<Path> rules = Optional.empty();

    @Override
    public Integer call() throws IOException {
        if (list) {
            return list();
        }
        return switch (name) {
            case OBSERVATION -> observation();
            case COST -> {
                new CostBench(rounds, window(2)).run();
                yield ExitStatus.OK;
            }
            case HOLD -> {
                new HoldBench(rounds, window(5)).run();
                yield ExitStatus.OK;
            }
            case FLEET -> {
                fleet().run(json);
                yield ExitStatus.OK;
            }
            case ECHO, FACADE, FILES, NOP, PASSING, STATIC, LATENCY -> ofCheckout();
        };
    }

    private Duration window(double otherwise) {
        return Duration.ofMillis(Math.round(seconds.orElse(otherwise) * 1000));
    }

    private FleetBench fleet() {
        if (agents < 1 || agents > MOST_AGENTS || groups < 1 || groups > GroupRules.MOST) {
            throw new CliException(
                    "--agents must be 1 to %d, --groups 1 to %d"
                            .formatted(MOST_AGENTS, GroupRules.MOST));
        }
        if (interval.compareTo(SHORTEST) < 0 || duration.compareTo(interval) < 0) {
            throw new CliException(
                    "--interval must be 100ms or more, --duration not shorter than that");
        }
        rules.filter(file -> !Files.isReadable(file))
                .ifPresent(
                        file -> {
                            throw new CliException("--rules: " + file + " cannot be read");
                        });
        return new FleetBench(
                agents, groups, interval, duration, rules.or(BenchCommand::ofProject));
    }

    /** The rules beside the script of a checkout. */
    private static Optional<Path> ofProject() {
        return Optional.of(System.getProperty("ringwatch.bench", ""))
                .filter(script -> !script.isEmpty())
                .map(script -> Path.of(script).resolve("../../" + RULES).normalize())
                .filter(Files::isReadable);
    }

    private static int list() {
        Table table = new Table("name", "what is compared", "needs");
        for (Name each : Name.values()) {
            table.row(each.typed(), each.description, each.needs);
        }
        System.out.print(table.text());
        return ExitStatus.OK;
    }

    /** Those whose peers are not part of the program. */
    private int ofCheckout() throws IOException {
        String script = System.getProperty("ringwatch.bench", "");
        if (script.isEmpty()) {
            throw new CliException(
                    "the benchmark "
                            + name.typed()
                            + " needs a checkout of the sources: run it there with ./ringwatch");
        }
        List<String> command = new ArrayList<>(List.of(script, name.typed()));
        command.addAll(List.of("--pairs", Integer.toString(rounds)));
        seconds.ifPresent(s -> command.addAll(List.of("--seconds", s.toString())));
        connections.ifPresent(n -> command.addAll(List.of("--connections", n.toString())));
        size.ifPresent(n -> command.addAll(List.of("--size", n.toString())));
        megabytes.ifPresent(n -> command.addAll(List.of("--megabytes", n.toString())));
        if (json) {
            command.add("--json");
        }
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted");
        }
    }

    private int observation() throws IOException {
        if (sockets < 0 || rounds < 1) {
            throw new CliException("--sockets must be 0 or more, --pairs 1 or more");
        }
        List<Sample> samples = new ArrayList<>();
        try (Observer bpf =
                        SourceOption.open(
                                Observer.Choice.BPF, BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
                Observer proc = SourceOption.open(Observer.Choice.PROC, 0)) {
            System.err.println(
                    "making "
                            + sockets
                            + " sockets, "
                            + QUEUED
                            + " descriptors in flight, "
                            + SLOTS
                            + " registered files");
            for (int left = sockets; left > 0; left -= PER_PROCESS) {
                samples.add(Sample.start(SampleCommand.Kind.SOCKETS, Math.min(left, PER_PROCESS)));
            }
            samples.add(Sample.start(SampleCommand.Kind.NEVER_RECEIVED, QUEUED));
            samples.add(Sample.start(SampleCommand.Kind.SLOTS, SLOTS));
            compare(bpf, proc);
            return ExitStatus.OK;
        } finally {
            for (Sample sample : samples) {
                sample.close();
            }
        }
    }

    private void compare(Observer bpf, Observer proc) throws IOException {
        double[] ours = new double[rounds];
        double[] theirs = new double[rounds];
        double[] ss = new double[rounds];
        Tracker tracker = new Tracker(Thresholds.DEFAULT);
        Observation seen = SourceOption.observe(bpf);
        for (int i = 0; i < rounds; i++) {
            System.err.println("round " + (i + 1) + " of " + rounds);
            long begin = System.nanoTime();
            seen = SourceOption.observe(bpf);
            tracker.accept(seen);
            ours[i] = millisSince(begin);
            ss[i] = ss();
        }
        long resident = CpuTime.residentMegabytes("self");
        for (int i = 0; i < rounds; i++) {
            long begin = System.nanoTime();
            SourceOption.observe(proc);
            theirs[i] = millisSince(begin);
        }
        Table table = new Table("contender", "min ms", "median ms", "max ms", "ours / theirs");
        addRow(table, "ringwatch, eBPF, with verdicts", ours, ours);
        addRow(table, "ringwatch, /proc (2 s budget)", theirs, ours);
        addRow(table, "ss -xa", ss, ours);
        System.out.print(table.text());
        System.out.printf(
                Locale.ROOT,
                "%nseen: %d sockets, %d references between files, complete %b%n"
                        + "resident memory of this process after the eBPF rounds: %d MB%n",
                seen.sockets().size(),
                seen.graph().referenceCount(),
                seen.complete(),
                resident);
    }

    private static void addRow(Table table, String contender, double[] times, double[] ours) {
        double median = sorted(times)[times.length / 2];
        table.row(
                contender,
                format(sorted(times)[0]),
                format(median),
                format(sorted(times)[times.length - 1]),
                Double.isNaN(median)
                        ? "not installed"
                        : ratio(sorted(ours)[ours.length / 2], median));
    }

    private static double[] sorted(double[] times) {
        double[] copy = times.clone();
        Arrays.sort(copy);
        return copy;
    }

    private static String format(double millis) {
        return Double.isNaN(millis) ? "-" : "%.0f".formatted(millis);
    }

    private static String ratio(double ours, double theirs) {
        return "%.2f".formatted(ours / theirs);
    }

    private static double millisSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    /** How long {@code ss -xa} takes; not a number where it is not installed. */
    private static double ss() {
        long begin = System.nanoTime();
        try {
            Process process =
                    new ProcessBuilder("ss", "-xa")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor() == 0 ? millisSince(begin) : Double.NaN;
        } catch (IOException e) {
            return Double.NaN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted");
        }
    }
}

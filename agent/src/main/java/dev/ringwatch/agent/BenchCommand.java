package dev.ringwatch.agent;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.Table;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
            "",
            "observation: AF_UNIX sockets in several processes, 20,000 descriptors in one queue and",
            "19,000 files in one ring; one observation with eBPF, with verdicts, against one of /proc",
            "and against 'ss -xa', which sees no descriptor in flight and no ring."
        })
final class BenchCommand implements Callable<Integer> {
    private static final int PER_PROCESS = 18_000;
    private static final int QUEUED = 20_000;
    private static final int SLOTS = 19_000;

    private enum Name {
        OBSERVATION
    }

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            defaultValue = "observation",
            description = "observation. Default: ${DEFAULT-VALUE}.")
    private Name name = Name.OBSERVATION;

    @Option(
            names = "--sockets",
            paramLabel = "N",
            defaultValue = "100000",
            description = "How many sockets to make. Default: ${DEFAULT-VALUE}.")
    private int sockets = 100_000;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "9",
            description = "Rounds, each of which runs every contender. Default: ${DEFAULT-VALUE}.")
    private int rounds = 9;

    @Override
    public Integer call() throws IOException {
        return switch (name) {
            case OBSERVATION -> observation();
        };
    }

    private int observation() throws IOException {
        if (sockets < 0 || rounds < 1) {
            throw new CliException("--sockets must be 0 or more, --rounds 1 or more");
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
        long resident = resident();
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

    /** Resident memory of this process, in megabytes. */
    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }
}

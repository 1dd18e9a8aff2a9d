package dev.ringwatch.agent;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ringwatch.agent.fleet.Block;
import dev.ringwatch.agent.fleet.Fleet;
import dev.ringwatch.agent.fleet.Prometheus;
import dev.ringwatch.agent.fleet.PrometheusException;
import dev.ringwatch.agent.fleet.Rendering;
import dev.ringwatch.agent.fleet.Written;
import dev.ringwatch.agent.report.Table;
import dev.ringwatch.agent.serve.ListenException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a fleet of agents costs the Prometheus that scrapes it: simulated machines, rendered and served
 * by what real agents have, and a real Prometheus beside this process.
 */
final class FleetBench {
    /** Two that are far apart, for the line through them. */
    private static final int FEW_GROUPS = 4;

    private static final int MANY_GROUPS = 24;

    /** Whose scrapes are rendered for their mean. */
    private static final int RENDERED = 20;

    /** Whose two hours are written as a block: bytes a sample do not depend on how many. */
    private static final int BLOCK_AGENTS = 4;

    /** Intervals from the first scrape of all to the window. */
    private static final int WARM = 2;

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PROGRESS = Duration.ofSeconds(15);
    private final int agents;
    private final int groups;
    private final Duration interval;
    private final Duration window;
    private final Optional<Path> rules;
    private final PrometheusRegistry own = new PrometheusRegistry();
    private final List<Figure> figures = new ArrayList<>();

    private record Figure(String key, String words, double value, int digits) {}

    /** What Prometheus and the agents had counted at a moment. */
    private record Marks(long nanos, Map<String, Double> own, Written.Amount written, long log) {
        double since(Marks before, String metric) {
            return own.getOrDefault(metric, 0.0) - before.own.getOrDefault(metric, 0.0);
        }
    }

    /**
     * @param rules that Prometheus evaluates meanwhile
     */
    FleetBench(int agents, int groups, Duration interval, Duration window, Optional<Path> rules) {
        this.agents = agents;
        this.groups = groups;
        this.interval = interval;
        this.window = window;
        this.rules = rules;
    }

    void run(boolean json) throws IOException {
        OwnMeters.bind(own);
        Path folder = Files.createTempDirectory("ringwatch-fleet");
        try {
            scraped(folder);
            rendered();
            onDisk(folder);
        } catch (PrometheusException | ListenException e) {
            throw new CliException(String.valueOf(e.getMessage()));
        } finally {
            delete(folder);
        }
        System.out.print(json ? json() : table());
    }

    private void scraped(Path folder) throws IOException, PrometheusException, ListenException {
        say("making " + agents + " agents with " + groups + " groups each");
        try (Fleet fleet = new Fleet(agents, groups, Main.version(), own);
                Prometheus prometheus = Prometheus.start(folder, fleet, interval, rules)) {
            awaitAll(prometheus);
            pass(interval.multipliedBy(WARM), "warming");
            Marks begin = marks(fleet, prometheus);
            pass(window, "measuring");
            Marks end = marks(fleet, prometheus);
            figures(prometheus, begin, end);
        }
    }

    private static Marks marks(Fleet fleet, Prometheus prometheus) throws IOException {
        return new Marks(
                System.nanoTime(), prometheus.own(), fleet.written(), prometheus.logBytes());
    }

    private void awaitAll(Prometheus prometheus) throws IOException {
        long begin = System.nanoTime();
        double up = 0;
        while (up < agents) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new CliException(
                        "only %.0f of %d agents were scraped in %d s: try fewer --agents"
                                .formatted(up, agents, PATIENCE.toSeconds()));
            }
            pass(Duration.ofSeconds(1), "");
            up = prometheus.query("sum(up{job=\"ringwatch\"})").orElse(0);
        }
        say("all are scraped");
    }

    private static void pass(Duration time, String doing) {
        for (Duration past = Duration.ZERO; past.compareTo(time) < 0; ) {
            Duration left = time.minus(past);
            Duration next = left.compareTo(PROGRESS) < 0 ? left : PROGRESS;
            CostBench.sleep(next);
            past = past.plus(next);
            if (!doing.isEmpty()) {
                say("%s: %d s of %d s".formatted(doing, past.toSeconds(), time.toSeconds()));
            }
        }
    }

    private static void say(String line) {
        System.err.println(line);
    }

    private void figures(Prometheus prometheus, Marks begin, Marks end) throws IOException {
        double seconds = (double) (end.nanos - begin.nanos) / 1e9;
        Written.Amount written = end.written.minus(begin.written);
        double series = end.own.getOrDefault("prometheus_tsdb_head_series", 0.0);
        double samples = end.since(begin, "prometheus_tsdb_head_samples_appended_total");
        long resident = CpuTime.residentMegabytes(Long.toString(prometheus.pid()));
        add("agents", "agents", agents, 0);
        add("groups", "groups on each", groups, 0);
        add("interval_seconds", "seconds between scrapes", interval.toMillis() / 1e3, 1);
        add("window_seconds", "seconds measured", seconds, 0);
        add("failed_scrapes", "scrapes that failed", failed(prometheus, begin, end), 0);
        add("refused_samples", "samples that Prometheus refused", refused(begin, end), 0);
        add("head_series", "series in memory", series, 0);
        add("series_per_agent", "  an agent", series / agents, 1);
        add("samples_per_second", "samples a second", samples / seconds, 0);
        add("resident_mb", "resident memory of Prometheus, MB", (double) resident, 0);
        add("resident_bytes_per_series", "  bytes a series", resident * 1e6 / series, 0);
        double cpu = end.since(begin, "process_cpu_seconds_total");
        add("prometheus_cores", "processor time of Prometheus, share of a core", cpu / seconds, 3);
        add(
                "log_bytes_per_sample",
                "bytes of write-ahead log a sample",
                log(begin, end) / samples,
                2);
        rules(begin, end, seconds);
        scrapes(prometheus, written);
    }

    private void scrapes(Prometheus prometheus, Written.Amount written) throws IOException {
        for (double q : new double[] {0.5, 0.99}) {
            String query =
                    "1000 * quantile(%s, scrape_duration_seconds{job=\"ringwatch\"})".formatted(q);
            double millis = prometheus.query(query).orElse(Double.NaN);
            String percent = "p%.0f".formatted(q * 100);
            add("scrape_ms_" + percent, "a scrape took, ms, " + percent, millis, 1);
        }
        add("scrape_samples", "samples of a scrape", each(written.samples(), written.scrapes()), 1);
        add("scrape_bytes", "bytes of a scrape", each(written.bytes(), written.scrapes()), 0);
    }

    private void rules(Marks begin, Marks end, double seconds) {
        double spent = end.since(begin, "prometheus_rule_group_duration_seconds_sum");
        double turns = seconds / (interval.toMillis() / 1e3);
        add("rules", "rules", end.own.getOrDefault("prometheus_rule_group_rules", 0.0), 0);
        add("rules_ms", "  evaluated in, ms", spent * 1e3 / turns, 1);
    }

    private static double log(Marks begin, Marks end) {
        return (double) (end.log - begin.log);
    }

    private static double each(long sum, long n) {
        return (double) sum / n;
    }

    private double failed(Prometheus prometheus, Marks begin, Marks end) throws IOException {
        String up = "up{job=\"ringwatch\"}[" + (end.nanos - begin.nanos) / 1_000_000 + "ms]";
        return prometheus
                .query("sum(count_over_time(" + up + ") - sum_over_time(" + up + "))")
                .orElse(Double.NaN);
    }

    private static double refused(Marks begin, Marks end) {
        return Prometheus.REFUSED.stream().mapToDouble(metric -> end.since(begin, metric)).sum();
    }

    /** What rendering costs an agent, and how much of it is whose. */
    private void rendered() throws IOException {
        say("rendering");
        int some = Math.min(agents, RENDERED);
        Rendering one = Rendering.of(some, groups, Main.version(), own);
        add(
                "scrape_bytes_gzip",
                "bytes of a scrape, compressed",
                each(one.zipped(), one.scrapes()),
                0);
        add(
                "render_ms",
                "processor time of the agent to render, ms",
                millis(one.textNanos(), one),
                2);
        add("gzip_ms", "  and to compress, ms", millis(one.zipNanos(), one), 2);
        double few = Rendering.of(some, FEW_GROUPS, Main.version(), own).samplesEach();
        double many = Rendering.of(some, MANY_GROUPS, Main.version(), own).samplesEach();
        double slope = (many - few) / (MANY_GROUPS - FEW_GROUPS);
        add("series_per_group", "series of a group", slope, 1);
        add("series_fixed", "series of an agent without groups", few - slope * FEW_GROUPS, 1);
    }

    private static double millis(long nanos, Rendering of) {
        return each(nanos, of.scrapes()) / 1e6;
    }

    private void onDisk(Path folder) throws IOException, PrometheusException {
        say("writing two hours to disk");
        int some = Math.min(agents, BLOCK_AGENTS);
        Block block = Block.of(some, groups, Main.version(), own, folder);
        add(
                "block_bytes_per_sample",
                "bytes of disk a sample, in a block of two hours",
                each(block.bytes(), block.samples()),
                2);
    }

    private void add(String key, String words, double value, int digits) {
        figures.add(new Figure(key, words, value, digits));
    }

    private String table() {
        Table table = new Table("what", "value");
        figures.forEach(f -> table.row(f.words, format(f)));
        return table.text();
    }

    private static String format(Figure f) {
        return Double.isNaN(f.value) ? "?" : ("%,." + f.digits + "f").formatted(f.value);
    }

    private String json() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode all = mapper.createObjectNode();
        for (Figure f : figures) {
            if (!Double.isNaN(f.value)) {
                all.put(
                        f.key,
                        Double.parseDouble(
                                String.format(Locale.ROOT, "%." + f.digits + "f", f.value)));
            }
        }
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n";
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}

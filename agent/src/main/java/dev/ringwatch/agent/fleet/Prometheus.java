package dev.ringwatch.agent.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A real Prometheus as a process on loopback, which scrapes a {@link Fleet}. For one thread. */
public final class Prometheus implements AutoCloseable {
    /** Its counts of samples that it did not take. */
    public static final List<String> REFUSED =
            List.of(
                    "prometheus_target_scrapes_sample_out_of_order_total",
                    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
                    "prometheus_target_scrapes_sample_out_of_bounds_total");

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(30);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final int port;
    private final Path data;

    private Prometheus(Process process, int port, Path data) {
        this.process = process;
        this.port = port;
        this.data = data;
    }

    /**
     * Starts one and waits until it is ready. Its files are in the folder and stay there.
     *
     * @param interval between scrapes of one agent, and between evaluations of rules
     * @param rules a file of rules to evaluate meanwhile
     * @throws PrometheusException if it is not installed or does not start
     */
    public static Prometheus start(
            Path folder, Fleet fleet, Duration interval, Optional<Path> rules)
            throws IOException, PrometheusException {
        Path targets = folder.resolve("targets.json");
        ArrayNode groups = JSON.createArrayNode();
        ArrayNode list = groups.addObject().putArray("targets");
        fleet.names().forEach(name -> list.add(name + ":9736"));
        Files.writeString(targets, groups.toString());
        Path config = folder.resolve("prometheus.yml");
        Files.writeString(config, configuration(fleet, interval, rules, targets));
        int port = freePort();
        Path log = folder.resolve("prometheus.log");
        Path data = folder.resolve("data");
        Process process;
        try {
            process =
                    new ProcessBuilder(
                                    "prometheus",
                                    "--config.file=" + config,
                                    "--storage.tsdb.path=" + data,
                                    "--web.listen-address=127.0.0.1:" + port,
                                    "--log.level=warn")
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
        } catch (IOException e) {
            throw missing("prometheus", e);
        }
        Prometheus started = new Prometheus(process, port, data);
        started.awaitReady(log);
        return started;
    }

    static PrometheusException missing(String program, IOException cause) {
        return new PrometheusException(
                program
                        + " cannot be started; the package of Debian and Ubuntu is called"
                        + " prometheus: apt-get install prometheus",
                cause);
    }

    /** Every agent has a name of its own, and all are asked at one address. */
    private static String configuration(
            Fleet fleet, Duration interval, Optional<Path> rules, Path targets) {
        return """
               global: {scrape_interval: %1$dms, scrape_timeout: %1$dms, evaluation_interval: %1$dms}
               rule_files: [%2$s]
               scrape_configs:
                 - job_name: ringwatch
                   file_sd_configs: [{files: ["%3$s"]}]
                   relabel_configs:
                     - {source_labels: [__address__], target_label: instance}
                     - source_labels: [__address__]
                       regex: "(.+):.*"
                       target_label: __metrics_path__
                       replacement: "/$1/metrics"
                     - {target_label: __address__, replacement: "%4$s"}
               """
                .formatted(
                        interval.toMillis(),
                        rules.map(file -> "\"" + file.toAbsolutePath() + "\"").orElse(""),
                        targets,
                        fleet.address());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady(Path log) throws IOException, PrometheusException {
        long begin = System.nanoTime();
        while (!isReady()) {
            if (!process.isAlive() || System.nanoTime() - begin > START.toNanos()) {
                close();
                throw new PrometheusException(
                        "prometheus did not start; it said: " + complaint(Files.readString(log)));
            }
            LockSupport.parkNanos(PAUSE);
        }
    }

    /** Its first error, which names the cause: the last only says that it ends. */
    private static String complaint(String log) {
        return log.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).contains("level=error"))
                .findFirst()
                .or(() -> log.lines().reduce((a, b) -> b))
                .orElse("nothing");
    }

    private boolean isReady() {
        try {
            return !get("/-/ready").isEmpty();
        } catch (IOException e) {
            return false; // it does not listen yet, or says 503
        }
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /**
     * The value of a query that gives one series; empty if it gives none.
     *
     * @throws IOException if Prometheus does not answer it
     */
    public OptionalDouble query(String promql) throws IOException {
        String text = URLEncoder.encode(promql, StandardCharsets.UTF_8);
        JsonNode result = JSON.readTree(get("/api/v1/query?query=" + text)).at("/data/result");
        return result.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Double.parseDouble(result.get(0).at("/value/1").asText()));
    }

    /** What it says of itself: the values of its own metrics, summed over their labels. */
    public Map<String, Double> own() throws IOException {
        Map<String, Double> values = new HashMap<>();
        for (String line : get("/metrics").lines().filter(l -> !l.startsWith("#")).toList()) {
            int end = line.lastIndexOf(' ');
            String name = line.substring(0, end).split("\\{", 2)[0];
            values.merge(name, Double.parseDouble(line.substring(end + 1)), Double::sum);
        }
        return values;
    }

    /** Bytes of its write-ahead log on disk. */
    public long logBytes() throws IOException {
        return Block.size(data.resolve("wal"));
    }

    private String get(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection)
                        URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setConnectTimeout((int) ANSWER.toMillis());
        connection.setReadTimeout((int) ANSWER.toMillis());
        try (InputStream body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Ends it, and waits for that. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

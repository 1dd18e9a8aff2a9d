package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** {@code ringwatch run} in a process of its own, and what it says. */
public final class RunningAgent implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String METRICS = "ringwatch: metrics at ";

    private final HttpClient client;
    private final Process process;
    private final List<String> said = new CopyOnWriteArrayList<>();

    private RunningAgent(Process process, HttpClient client) {
        this.process = process;
        this.client = client;
        Thread.ofPlatform()
                .daemon()
                .start(
                        () ->
                                process.errorReader(StandardCharsets.UTF_8)
                                        .lines()
                                        .forEach(said::add));
    }

    /** Starts one with a configuration and a TCP address that the kernel chooses. */
    public static RunningAgent start(Path config) throws IOException {
        return start(Sample.ownProgram(), config);
    }

    /** The command that is this build of the program. */
    public static List<String> program() {
        return Sample.ownProgram();
    }

    /** Starts one as this program. */
    public static RunningAgent start(List<String> program, Path config) throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("run", "--config", config.toString(), "--listen", "127.0.0.1:0"));
        return start(new ProcessBuilder(command), HttpClient.newHttpClient());
    }

    /** Starts one as told; {@code client} is who asks it. */
    public static RunningAgent start(ProcessBuilder builder, HttpClient client) throws IOException {
        return new RunningAgent(builder.start(), client);
    }

    public long pid() {
        return process.pid();
    }

    /** What it has said so far on stderr. */
    public List<String> said() {
        return List.copyOf(said);
    }

    /** Waits for a line on stderr. */
    public String awaitLine(Predicate<String> wanted) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(end)) {
            for (String line : said) {
                if (wanted.test(line)) {
                    return line;
                }
            }
            if (!process.isAlive() && process.waitFor(1, TimeUnit.SECONDS)) {
                TimeUnit.MILLISECONDS.sleep(50);
                return said.stream().filter(wanted).findFirst().orElseGet(() -> ended());
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return fail("it did not say so: " + said);
    }

    private String ended() {
        return fail("it ended with status " + process.exitValue() + ": " + said);
    }

    /** Where its metrics are. */
    public String metrics() throws InterruptedException {
        String line = awaitLine(l -> l.startsWith(METRICS));
        return line.substring(METRICS.length(), line.indexOf(", API"));
    }

    /** Waits until it has observed. */
    public RunningAgent awaitReady() throws Exception {
        return awaitStatus(200, metrics().replace("/metrics", "/-/ready"));
    }

    public RunningAgent awaitStatus(int status, String uri) throws Exception {
        HttpResponse<String> answer = get(uri);
        Instant end = Instant.now().plus(PATIENCE);
        while (answer.statusCode() != status && Instant.now().isBefore(end)) {
            TimeUnit.MILLISECONDS.sleep(20);
            answer = get(uri);
        }
        assertTrue(answer.statusCode() == status, answer.statusCode() + " " + answer.body());
        return this;
    }

    /** Waits for a line of its metrics. */
    public String awaitMetric(Predicate<String> wanted) throws Exception {
        String text = "";
        Instant end = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(end)) {
            text = scrape();
            List<String> found = text.lines().filter(wanted).toList();
            if (!found.isEmpty()) {
                return found.getFirst();
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return fail("no such metric: " + text);
    }

    public String scrape() throws Exception {
        return get(metrics()).body();
    }

    public HttpResponse<String> get(String uri, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Sends a signal, such as HUP. */
    public void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    }

    /** Waits for its end. */
    public int awaitEnd() throws InterruptedException {
        assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), said::toString);
        return process.exitValue();
    }

    /** Tells it to end, as a service manager does. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

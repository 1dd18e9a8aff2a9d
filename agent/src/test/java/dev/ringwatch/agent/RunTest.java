package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own, asked over TCP and over its unix socket. */
class RunTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();
    private Process agent;
    private String page;
    private String metrics;
    private String leaks;
    private Path socket;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        socket = folder.resolve("agent.sock");
        Path config =
                Files.writeString(
                        folder.resolve("ringwatch.yaml"),
                        "interval: 200ms\nthresholds: {pinned_by_ring: 0s}\n");
        List<String> command = new ArrayList<>(Sample.ownProgram());
        command.addAll(List.of("run", "--config", config.toString(), "--listen", "127.0.0.1:0"));
        command.addAll(List.of("--listen", "unix:" + socket));
        agent = new ProcessBuilder(command).start();
        BufferedReader said = agent.errorReader(StandardCharsets.UTF_8);
        // Libraries that only tests have on the class path speak up first.
        String line = said.readLine();
        while (line != null && !line.startsWith("ringwatch: ")) {
            line = said.readLine();
        }
        assertTrue(line != null && line.startsWith("ringwatch: page at http://"), line);
        page = line.substring("ringwatch: page at ".length());
        line = said.readLine();
        assertTrue(line != null && line.startsWith("ringwatch: metrics at http://"), line);
        metrics = line.substring("ringwatch: metrics at ".length(), line.indexOf(", API"));
        leaks = line.substring(line.indexOf("API at ") + "API at ".length());
        assertEquals(
                "ringwatch: everything at unix:" + socket + " without a token", said.readLine());
    }

    @AfterEach
    void end() throws InterruptedException {
        agent.destroy();
        assertTrue(agent.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void servesEveryScrapeFromOneObservation() throws Exception {
        awaitReady();
        String text = get(metrics).body();

        assertTrue(text.contains("ringwatch_source_up{source=\"bpf\"} 1.0"), text);
        assertTrue(text.contains("ringwatch_observation_complete 1.0"), text);
        assertTrue(text.contains("process_cpu_seconds_total"), text);
        assertTrue(text.contains("jvm_memory_used_bytes"), text);
        String filtered = get(metrics + "?name[]=ringwatch_observation_complete").body();
        assertTrue(filtered.contains("ringwatch_observation_complete 1.0"), filtered);
        assertFalse(filtered.contains("jvm_memory"), filtered);
    }

    @Test
    void showsProcessesOnlyToWhoHasTheToken() throws Exception {
        awaitReady();

        awaitStatus(200, leaks);
        assertEquals(403, get(leaks.substring(0, leaks.indexOf('?'))).statusCode());
        assertEquals(
                "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    }

    @Test
    void aBrowserSignsInByTheLinkAndSeesTheMachine() throws Exception {
        awaitReady();
        HttpRequest link = HttpRequest.newBuilder(URI.create(page)).build();
        try (HttpClient browser =
                HttpClient.newBuilder()
                        .cookieHandler(new CookieManager())
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build()) {
            HttpResponse<String> home =
                    browser.send(link, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            assertEquals(200, home.statusCode());
            assertEquals("/", home.uri().getPath());
            assertNull(home.uri().getQuery());
            assertTrue(home.body().contains("id=\"findings\""), home.body());
            assertTrue(
                    home.headers()
                            .firstValue("Content-Security-Policy")
                            .orElse("")
                            .startsWith("default-src 'none'"));
        }
        HttpResponse<String> stranger = get(page.substring(0, page.indexOf('?')));
        assertEquals(200, stranger.statusCode());
        assertTrue(stranger.body().contains("name=\"token\""), stranger.body());
        assertFalse(stranger.body().contains("id=\"findings\""), stranger.body());
        assertEquals(403, get(page + "x").statusCode());
    }

    @Test
    void knowsSinceWhenAndTellsTheCommandLine() throws Exception {
        awaitReady();
        try (Sample sample = Sample.start(SampleCommand.Kind.PINNED_BY_RING, 0)) {
            Cli cli = awaitFinding(sample.pid());

            assertTrue(cli.out().contains("pinned_by_ring: AF_UNIX stream socket"), cli.out());
            assertTrue(
                    get(metrics).body().contains("kind=\"pinned_by_ring\"} 2.0"),
                    get(metrics).body());
            HttpResponse<String> picture = get(leaks + "&older_than=0s&format=svg");
            assertEquals("image/svg+xml", picture.headers().firstValue("Content-Type").orElse(""));
            assertTrue(picture.body().contains("pid " + sample.pid()), picture.body());
            assertEquals(400, get(leaks + "&format=png").statusCode());
        }
    }

    @Test
    void answersWhyOnlyToWhoMayAsk(@TempDir Path folder) throws Exception {
        awaitReady();
        Path quiet = Files.createFile(folder.resolve("quiet"));
        String why = leaks.replace("/leaks", "/why");

        Cli held = Cli.run("why", socket.toString(), "--agent", socket.toString());
        assertEquals(ExitStatus.OK, held.status(), held.err());
        assertEquals("", held.err());
        assertTrue(held.out().contains("pid " + agent.pid()), held.out());
        Cli idle = Cli.run("why", quiet.toString(), "--agent", socket.toString());
        assertEquals(ExitStatus.FOUND, idle.status(), idle.err());
        assertEquals(200, get(why + "&target=:1").statusCode());
        assertEquals(400, get(why + "&target=:x").statusCode());
        assertEquals(400, get(why).statusCode());
        assertEquals(404, get(why + "&target=/no/such/file/at/all").statusCode());
        assertEquals(403, get(why.substring(0, why.indexOf('?')) + "?target=:1").statusCode());
    }

    @Test
    void tellsTheHistoryOnlyToWhoMayAsk() throws Exception {
        awaitReady();
        String history = leaks.replace("/leaks", "/history");

        JsonNode told = new ObjectMapper().readTree(get(history).body());
        Schema.fits("history.schema.json", told);
        assertEquals(15, told.get("step_seconds").asInt());
        assertEquals(told.get("since"), told.at("/times/0"));
        JsonNode other = told.at("/groups/0/group");
        if (!other.isMissingNode()) {
            String one = URLEncoder.encode(other.asText(), StandardCharsets.UTF_8);
            JsonNode chosen = new ObjectMapper().readTree(get(history + "&group=" + one).body());
            assertEquals(1, chosen.get("groups").size(), chosen::toString);
            assertEquals(other, chosen.at("/groups/0/group"));
        }
        assertEquals(404, get(history + "&group=no:such").statusCode());
        assertEquals(403, get(history.substring(0, history.indexOf('?'))).statusCode());
    }

    @Test
    void endsWithStatus0WhenToldAndLeavesNoSocket() throws Exception {
        awaitReady();
        agent.destroy();

        assertTrue(agent.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(ExitStatus.OK, agent.exitValue());
        assertFalse(Files.exists(socket));
    }

    private Cli awaitFinding(long pid) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        Cli cli;
        do {
            TimeUnit.MILLISECONDS.sleep(50);
            cli = Cli.run("leaks", "--older-than", "0s", "--agent", socket.toString());
        } while (!cli.out().contains("(pid " + pid + ")") && Instant.now().isBefore(end));
        return cli;
    }

    private void awaitReady() throws Exception {
        awaitStatus(200, metrics.replace("/metrics", "/-/ready"));
    }

    private void awaitStatus(int status, String uri) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        while (get(uri).statusCode() != status && Instant.now().isBefore(end)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertEquals(status, get(uri).statusCode(), get(uri).body());
    }

    private HttpResponse<String> get(String uri) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(uri.replace("[]", "%5B%5D"))).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}

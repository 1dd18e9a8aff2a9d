package dev.ringwatch.agent.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ringwatch.agent.RunningAgent;
import dev.ringwatch.agent.zoo.ZooProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An agent in a process of its own that looks every second and tells at once, and its link. */
final class Watched implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Pattern LINK = Pattern.compile("page at (http://[^/ ]+)/\\?token=(\\w+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How the agent is told to look. */
    static final String CONFIG =
            """
            interval: 1s
            thresholds:
              never_received: 0s
              pinned_by_ring: 0s
              orphan_ring: 0s
              idle_ring: 0s
              stuck_request: 0s
              near_limit: 0s
            """;

    private final RunningAgent agent;
    private final String origin;
    private final String token;

    private Watched(RunningAgent agent, String origin, String token) {
        this.agent = agent;
        this.origin = origin;
        this.token = token;
    }

    /** Starts one and waits until it has observed. */
    static Watched start(Path folder) throws Exception {
        return start(folder, RunningAgent.program());
    }

    /** Starts one as this program. */
    static Watched start(Path folder, List<String> program) throws Exception {
        Path config = Files.writeString(folder.resolve("ringwatch.yaml"), CONFIG);
        RunningAgent agent = RunningAgent.start(program, config);
        Matcher link = LINK.matcher(agent.awaitLine(line -> LINK.matcher(line).find()));
        if (!link.find()) {
            throw new AssertionError("no link");
        }
        agent.awaitReady();
        return new Watched(agent, link.group(1), link.group(2));
    }

    /** What every address of it begins with. */
    String origin() {
        return origin;
    }

    String token() {
        return token;
    }

    /** The link that it printed. */
    String link() {
        return origin + "/?token=" + token;
    }

    HttpResponse<String> get(String path) throws Exception {
        return agent.get(origin + path, "Authorization", "Bearer " + token);
    }

    JsonNode json(String path) throws Exception {
        HttpResponse<String> answer = get(path);
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    /** Waits until it knows of a finding of that kind in a process, and gives its name. */
    String awaitFinding(String kind, ZooProcess zoo) throws Exception {
        JsonNode all =
                await(
                        "/api/v1/leaks?pid=" + zoo.pid(),
                        answer -> !of(kind, answer).isMissingNode(),
                        kind + " of " + zoo);
        return of(kind, all).get("id").asText();
    }

    private static JsonNode of(String kind, JsonNode answer) {
        for (JsonNode finding : answer.path("findings")) {
            if (finding.path("kind").asText().equals(kind)) {
                return finding;
            }
        }
        return JSON.missingNode();
    }

    /** Waits until it has seen a process's ring. */
    void awaitRing(ZooProcess zoo) throws Exception {
        await(
                "/api/v1/snapshot",
                answer -> answer.toString().contains("\"pid\":" + zoo.pid() + ","),
                "a ring of " + zoo);
    }

    /** Waits until its history has so many points. */
    void awaitPoints(int n) throws Exception {
        await("/api/v1/history", h -> h.path("times").size() >= n, n + " points");
    }

    private JsonNode await(String path, Predicate<JsonNode> wanted, String what) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        String said = "";
        while (Instant.now().isBefore(end)) {
            HttpResponse<String> answer = get(path);
            said = answer.body();
            if (answer.statusCode() == 200 && wanted.test(JSON.readTree(said))) {
                return JSON.readTree(said);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return fail("never came true: " + what + "; " + said);
    }

    @Override
    public void close() throws IOException {
        agent.close();
    }
}

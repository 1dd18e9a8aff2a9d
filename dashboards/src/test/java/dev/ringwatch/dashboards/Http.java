package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Asks a program that listens on loopback. */
record Http(int port) {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int OK = 200;

    String address() {
        return "127.0.0.1:" + port;
    }

    /** What it answers; empty while it does not listen or says that it cannot. */
    Optional<String> text(String path) throws InterruptedException {
        try {
            HttpResponse<String> answer = send(path);
            return answer.statusCode() == OK ? Optional.of(answer.body()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not yet, or no more
        }
    }

    /** What it answers, also when it refuses. */
    JsonNode jsonOrError(String path) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(send(path).body());
    }

    private HttpResponse<String> send(String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://" + address() + path))
                        .timeout(PATIENCE)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}

package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The real Prometheus on loopback, with its data in a folder of the test. */
final class Prometheus implements Closeable {
    /** What was sent to nobody, because no Alertmanager was known yet, is not lost for a minute. */
    private static final String RESEND = "5s";

    private final Started process;
    private final Http http;

    private Prometheus(Started process, Http http) {
        this.process = process;
        this.http = http;
    }

    /** Starts one with this configuration file, and waits until it is ready. */
    static Prometheus start(Path folder, Path configuration) throws Exception {
        Http http = new Http(Started.freePort());
        Started process =
                Started.program(
                        "prometheus",
                        folder,
                        "prometheus",
                        List.of(
                                "prometheus",
                                "--config.file=" + configuration,
                                "--storage.tsdb.path=" + folder.resolve("prometheus-data"),
                                "--web.listen-address=" + http.address(),
                                "--rules.alert.resend-delay=" + RESEND,
                                "--log.level=warn"));
        Prometheus prometheus = new Prometheus(process, http);
        process.await("readiness", () -> http.text("/-/ready"));
        return prometheus;
    }

    /** The series that an expression gives now; what is wrong with it is an error. */
    List<JsonNode> answer(String expression) throws Exception {
        String query = URLEncoder.encode(expression, StandardCharsets.UTF_8);
        JsonNode answer = http.jsonOrError("/api/v1/query?query=" + query);
        if (!answer.path("status").asText().equals("success")) {
            throw new AssertionError(expression + ": " + answer);
        }
        JsonNode data = answer.path("data");
        return data.path("resultType").asText().equals("scalar")
                ? List.of(data.path("result"))
                : data.path("result").valueStream().toList();
    }

    /** Waits until an expression gives one series of this value. */
    void await(String expression, double expected) throws Exception {
        await(
                expression + " = " + expected,
                expression,
                series ->
                        series.size() == 1
                                && series.getFirst().at("/value/1").asDouble() == expected);
    }

    /** Waits until the series of an expression are as wanted. */
    List<JsonNode> await(String what, String expression, Predicate<List<JsonNode>> wanted)
            throws Exception {
        return process.await(what, () -> Optional.of(answer(expression)).filter(wanted));
    }

    /**
     * Has it read its configuration file again, and waits for the rules in it and for Alertmanager, of
     * which it knows some seconds later.
     */
    void reload() throws Exception {
        process.signal("HUP");
        process.await("rules", () -> Optional.of(rules()).filter(rules -> !rules.isEmpty()));
        process.await("Alertmanager", this::alertmanager);
    }

    private Optional<JsonNode> alertmanager() throws IOException, InterruptedException {
        return http.jsonOrError("/api/v1/alertmanagers")
                .at("/data/activeAlertmanagers")
                .valueStream()
                .findFirst();
    }

    /** Its rules, as it has them. */
    List<JsonNode> rules() throws IOException, InterruptedException {
        return http.jsonOrError("/api/v1/rules")
                .at("/data/groups")
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream())
                .toList();
    }

    @Override
    public void close() {
        process.close();
    }
}

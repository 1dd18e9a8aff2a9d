package dev.ringwatch.agent.serve;

import java.util.Optional;
import java.util.function.Supplier;

/** The two questions of an orchestrator: does it live, and has it something to show. */
public final class HealthRoutes {
    /** Seconds; about one observation, so that the next question finds a new state. */
    private static final String RETRY_SECONDS = "5";

    private HealthRoutes() {}

    /** For {@code /-/healthy}: 200 whenever the server answers at all. */
    public static Route healthy() {
        return request -> Response.line(200, "healthy");
    }

    /**
     * For {@code /-/ready}: 200, or 503 with the reason and a {@code Retry-After}.
     *
     * @param reasonNotReady one line, empty when ready; asked for each request, on its thread
     */
    public static Route ready(Supplier<Optional<String>> reasonNotReady) {
        return request ->
                reasonNotReady
                        .get()
                        .map(HealthRoutes::notReady)
                        .orElseGet(() -> Response.line(200, "ready"));
    }

    private static Response notReady(String reason) {
        return Response.line(503, "not ready: " + reason).with("Retry-After", RETRY_SECONDS);
    }
}

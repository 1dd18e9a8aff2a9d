package dev.ringwatch.agent.serve;

import io.prometheus.metrics.exporter.common.PrometheusScrapeHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A registry's exposition in the format that the client's {@code Accept} names: text 0.0.4,
 * OpenMetrics or protobuf, filtered by {@code name[]}. Requests for the same that come while one is
 * rendered share it. A scraper that says how long it waits is answered before that, if only with the
 * reason why not.
 */
public final class MetricsRoute implements Route {
    /** What Prometheus says its scrape_timeout is, in seconds with a fraction. */
    private static final String TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds";

    /** For the way back; at most half of the time. */
    private static final Duration WAY_BACK = Duration.ofMillis(500);

    /** Longer than any scraper waits. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /**
     * Renderings at once, each for another wish. A scraper that has given up leaves one running, so
     * the limit on requests is none on these.
     */
    private static final int MOST = 32;

    private final Semaphore free = new Semaphore(MOST);
    private final PrometheusScrapeHandler handler;
    private final ConcurrentMap<Wanted, FutureTask<Response>> running = new ConcurrentHashMap<>();

    public MetricsRoute(PrometheusRegistry registry) {
        this.handler = new PrometheusScrapeHandler(registry);
    }

    /** What decides how a rendering looks. */
    private record Wanted(List<String> accept, java.util.Map<String, List<String>> query) {}

    @Override
    public Response answer(Request request) throws IOException, InterruptedException {
        Duration patience = patience(request.header(TIMEOUT));
        Optional<FutureTask<Response>> rendering = rendering(request);
        if (rendering.isEmpty()) {
            return Response.line(503, "503: too many different scrapes at once")
                    .with("Retry-After", "1");
        }
        try {
            return rendering.get().get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Response.line(
                            503,
                            "503: the metrics were not rendered in "
                                    + patience.toMillis()
                                    + " ms; raise scrape_timeout, or ask for fewer with name[]")
                    .with("Retry-After", "1");
        } catch (ExecutionException e) {
            throw new IOException("the metrics cannot be rendered", e.getCause());
        }
    }

    /** The one that runs, or a new one, on a thread that outlives whoever gives up waiting. */
    private Optional<FutureTask<Response>> rendering(Request request) {
        Wanted wanted =
                new Wanted(request.headers().getOrDefault("Accept", List.of()), request.query());
        FutureTask<Response> shared = running.get(wanted);
        if (shared != null) {
            return Optional.of(shared);
        }
        return free.tryAcquire() ? Optional.of(start(wanted, request)) : Optional.empty();
    }

    /** Takes over what is free. */
    private FutureTask<Response> start(Wanted wanted, Request request) {
        FutureTask<Response> own =
                new FutureTask<>(
                        () -> {
                            try {
                                return render(request);
                            } finally {
                                running.remove(wanted);
                                free.release();
                            }
                        });
        FutureTask<Response> first = running.putIfAbsent(wanted, own);
        if (first != null) {
            free.release();
            return first;
        }
        try {
            Thread.ofPlatform().daemon().name("ringwatch-scrape").start(own);
        } catch (OutOfMemoryError e) {
            running.remove(wanted, own);
            own.cancel(false); // whoever shares it already
            free.release();
            throw e;
        }
        return own;
    }

    private Response render(Request request) throws IOException {
        ScrapeExchange exchange = new ScrapeExchange(request);
        handler.handleRequest(exchange);
        return exchange.response();
    }

    static Duration patience(Optional<String> header) {
        if (header.isEmpty() || !header.get().matches("[0-9]{1,6}(\\.[0-9]{1,9})?")) {
            return LONGEST;
        }
        Duration asked = Duration.ofNanos((long) (Double.parseDouble(header.get()) * 1e9));
        Duration half = asked.dividedBy(2);
        Duration early = asked.minus(WAY_BACK);
        Duration least = early.compareTo(half) > 0 ? early : half;
        return least.compareTo(LONGEST) < 0 ? least : LONGEST;
    }
}

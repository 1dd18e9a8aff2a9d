package dev.ringwatch.agent.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A registry of two families, scraped as Prometheus, a browser and curl do. */
@Timeout(30)
class MetricsRouteTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private Server server;

    @BeforeEach
    void start() throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(() -> gauge("ringwatch_uring_rings", 40));
        registry.register(() -> gauge("ringwatch_groups", 1));
        Routes routes =
                Routes.builder()
                        .path("/metrics", Routes.Visibility.PUBLIC, new MetricsRoute(registry))
                        .build();
        server = Server.start(List.of(new Tcp("127.0.0.1", 0)), routes);
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    @Test
    void textByDefault() throws Exception {
        var answer = scrape("/metrics");
        assertEquals(200, answer.statusCode());
        assertEquals("text/plain; version=0.0.4; charset=utf-8", type(answer));
        String text = text(answer);
        assertTrue(text.contains("# TYPE ringwatch_uring_rings gauge\n"), text);
        assertTrue(text.contains("ringwatch_uring_rings{group=\"comm:g0\"} 1.0\n"), text);
        assertFalse(text.contains("# EOF"), text);
    }

    /** Whoever comes while one is rendered gets the same: the counter counts renderings. */
    @Test
    void scrapesAtOnceShareOneRendering() throws Exception {
        CountDownLatch rendering = new CountDownLatch(1);
        CountDownLatch more = new CountDownLatch(1);
        AtomicInteger renderings = new AtomicInteger();
        try (Server slow = serving(() -> slowly(renderings, rendering, more))) {
            CompletableFuture<HttpResponse<String>> first = ask(slow, "/metrics");
            rendering.await();
            List<CompletableFuture<HttpResponse<String>>> others = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                others.add(ask(slow, "/metrics"));
            }
            CompletableFuture<HttpResponse<String>> filtered =
                    ask(slow, "/metrics?name%5B%5D=ringwatch_uring_rings");
            Await.until("all are worked on", () -> slow.running() == 10);
            more.countDown();

            String body = first.get().body();
            for (var other : others) {
                assertEquals(body, other.get().body());
            }
            assertEquals(200, filtered.get().statusCode());
            assertEquals(2, renderings.get(), "one for all, one for the filter");
        }
    }

    @Test
    void aScraperIsAnsweredBeforeItGivesUp() throws Exception {
        CountDownLatch rendering = new CountDownLatch(1);
        CountDownLatch more = new CountDownLatch(1);
        try (Server slow = serving(() -> slowly(new AtomicInteger(), rendering, more))) {
            HttpResponse<String> answer =
                    ask(slow, "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "0.2").get();

            assertEquals(503, answer.statusCode());
            assertTrue(answer.body().contains("not rendered in 100 ms"), answer.body());
            more.countDown();
            assertEquals(200, ask(slow, "/metrics").get().statusCode());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10, 9500",
        "0.2, 100",
        "1.000000, 500",
        "soon, 300000",
        "-1, 300000",
        "9999, 300000"
    })
    void patienceIsALittleLessThanTheScrapers(String header, long millis) {
        assertEquals(millis, MetricsRoute.patience(Optional.of(header)).toMillis());
    }

    /** A client that doesn't wait, and wants something else each time, makes no more than some. */
    @Test
    void renderingsThatNobodyWaitsForAreLimited() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        AtomicInteger renderings = new AtomicInteger();
        try (Server slow = serving(() -> slowly(renderings, new CountDownLatch(1), more))) {
            String[] hurry = {"X-Prometheus-Scrape-Timeout-Seconds", "0"};
            for (int i = 0; i < 40; i++) {
                assertEquals(503, ask(slow, "/metrics?other=" + i, hurry).get().statusCode());
            }
            HttpResponse<String> answer = ask(slow, "/metrics", hurry).get();
            assertTrue(answer.body().contains("too many different scrapes"), answer.body());
            Await.until("as many as may", () -> renderings.get() == 32);
            more.countDown();
            Await.until("free again", () -> ask(slow, "/metrics").join().statusCode() == 200);
            assertTrue(renderings.get() < 40);
        }
    }

    private static MetricSnapshot slowly(
            AtomicInteger renderings, CountDownLatch rendering, CountDownLatch more) {
        renderings.incrementAndGet();
        rendering.countDown();
        try {
            more.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return gauge("ringwatch_uring_rings", 1);
    }

    private static Server serving(Collector collector) throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(collector);
        return Server.start(
                List.of(new Tcp("127.0.0.1", 0)),
                Routes.builder()
                        .path("/metrics", Routes.Visibility.PUBLIC, new MetricsRoute(registry))
                        .build());
    }

    private CompletableFuture<HttpResponse<String>> ask(
            Server of, String target, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + of.addresses().getFirst() + target));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.sendAsync(request.build(), BodyHandlers.ofString());
    }

    @Test
    void openMetricsWhenAskedFor() throws Exception {
        var answer = scrape("/metrics", "Accept", "application/openmetrics-text;version=1.0.0");
        assertTrue(type(answer).startsWith("application/openmetrics-text; version=1.0.0"));
        assertTrue(text(answer).endsWith("# EOF\n"));
    }

    @Test
    void protobufWhenAskedFor() throws Exception {
        var answer =
                scrape(
                        "/metrics",
                        "Accept",
                        "application/vnd.google.protobuf;"
                                + "proto=io.prometheus.client.MetricFamily;encoding=delimited");
        assertTrue(type(answer).startsWith("application/vnd.google.protobuf"), type(answer));
        assertTrue(answer.body().length > 0);
    }

    @Test
    void whatPrometheus3AsksFor() throws Exception {
        var answer =
                scrape(
                        "/metrics",
                        "Accept",
                        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                                + "application/openmetrics-text;version=0.0.1;q=0.5,"
                                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                        "Accept-Encoding",
                        "gzip");
        assertTrue(type(answer).startsWith("application/openmetrics-text"), type(answer));
        assertTrue(unzipped(answer).endsWith("# EOF\n"));
    }

    @Test
    void gzipWhenAskedFor() throws Exception {
        var plain = scrape("/metrics");
        var zipped = scrape("/metrics", "Accept-Encoding", "gzip");
        assertEquals("gzip", zipped.headers().firstValue("Content-Encoding").orElse(""));
        assertEquals("Accept, Accept-Encoding", zipped.headers().firstValue("Vary").orElse(""));
        assertTrue(zipped.body().length < plain.body().length);
        assertEquals(text(plain), unzipped(zipped));
    }

    @Test
    void gzipOfWeightZeroIsARefusal() throws Exception {
        var answer = scrape("/metrics", "Accept-Encoding", "gzip;q=0, identity");
        assertTrue(answer.headers().firstValue("Content-Encoding").isEmpty());
        assertTrue(text(answer).contains("ringwatch_groups"));
    }

    @Test
    void namesFilter() throws Exception {
        String text = text(scrape("/metrics?name%5B%5D=ringwatch_groups"));
        assertTrue(text.contains("ringwatch_groups"), text);
        assertFalse(text.contains("ringwatch_uring_rings"), text);
    }

    @Test
    void headHasTheLengthOfTheBodyItLeavesOut() throws Exception {
        var get = scrape("/metrics");
        var head =
                client.send(
                        HttpRequest.newBuilder(uri("/metrics")).HEAD().build(),
                        BodyHandlers.ofByteArray());
        assertEquals(200, head.statusCode());
        assertEquals(0, head.body().length);
        assertEquals(
                get.body().length, head.headers().firstValueAsLong("Content-Length").orElse(-1));
        assertEquals(type(get), type(head));
    }

    private HttpResponse<byte[]> scrape(String target, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(target));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private URI uri(String target) {
        return URI.create("http://" + server.addresses().getFirst() + target);
    }

    private static MetricSnapshot gauge(String name, int groups) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help("A number.");
        for (int i = 0; i < groups; i++) {
            gauge.dataPoint(
                    GaugeDataPointSnapshot.builder()
                            .labels(Labels.of("group", "comm:g" + i))
                            .value(1)
                            .build());
        }
        return gauge.build();
    }

    private static String type(HttpResponse<?> answer) {
        return answer.headers().firstValue("Content-Type").orElse("");
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), UTF_8);
    }

    private static String unzipped(HttpResponse<byte[]> answer) throws IOException {
        try (var gzip = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            return new String(gzip.readAllBytes(), UTF_8);
        }
    }
}

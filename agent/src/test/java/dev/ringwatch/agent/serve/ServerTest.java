package dev.ringwatch.agent.serve;

import static dev.ringwatch.agent.serve.Routes.Visibility.PRIVATE;
import static dev.ringwatch.agent.serve.Routes.Visibility.PUBLIC;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import dev.ringwatch.agent.serve.ListenAddress.Unix;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What well-behaved clients see: routes, privacy, health, connections kept. */
@Timeout(30)
class ServerTest {
    private static final String TOKEN = "0123456789abcdef-token";
    private static final String BIG = "[" + "\"ring\",".repeat(1000) + "\"ring\"]";

    @TempDir Path dir = Path.of("");

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicReference<Optional<String>> notReady =
            new AtomicReference<>(Optional.empty());
    private final CountDownLatch all = new CountDownLatch(200);
    private Server server;

    @BeforeEach
    void start() throws IOException {
        server =
                Server.start(
                        List.of(new Tcp("127.0.0.1", 0), new Unix(dir.resolve("s"))), routes());
    }

    private Routes routes() {
        return Routes.builder()
                .path("/-/healthy", PUBLIC, HealthRoutes.healthy())
                .path("/-/ready", PUBLIC, HealthRoutes.ready(notReady::get))
                .path("/echo", PUBLIC, request -> Response.line(200, request.query().toString()))
                .path("/big", PUBLIC, request -> Response.json(BIG.getBytes(UTF_8)))
                .path("/huge", PUBLIC, request -> Response.json(new byte[8 << 20]))
                .path("/broken", PUBLIC, request -> broken())
                .path("/error", PUBLIC, request -> outOfMemory())
                .path("/together", PUBLIC, request -> together())
                .path("/api/v1/snapshot", PRIVATE, ServerTest::seen)
                .prefix("/api/v1/leaks/", PRIVATE, ServerTest::seen)
                .prefix("/api/", PUBLIC, request -> Response.line(200, "other"))
                .token(TOKEN)
                .build();
    }

    /** All that a private route gets to see. */
    private static Response seen(Request request) {
        return Response.line(
                200,
                request.path()
                        + request.query()
                        + request.header("authorization")
                        + request.onUnixSocket());
    }

    private static Response broken() {
        throw new IllegalStateException("secret detail");
    }

    private static Response outOfMemory() {
        throw new OutOfMemoryError("secret detail");
    }

    private Response together() throws InterruptedException {
        all.countDown();
        all.await();
        return Response.line(200, "together");
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    @Test
    void healthy() throws Exception {
        assertEquals("healthy\n", get("/-/healthy").body());
    }

    @Test
    void readyOrTheReasonWhyNot() throws Exception {
        assertEquals(200, get("/-/ready").statusCode());
        notReady.set(Optional.of("no observation yet"));
        var answer = get("/-/ready");
        assertEquals(503, answer.statusCode());
        assertEquals("not ready: no observation yet\n", answer.body());
        assertEquals("5", header(answer, "Retry-After"));
    }

    @Test
    void parametersAreDecodedAndInOrder() throws Exception {
        assertEquals("{a=[1 2, 3;4], b=[x]}\n", get("/echo?a=1%202&b=x&a=3;4").body());
    }

    @Test
    void nothingHere() throws Exception {
        var answer = get("/nothing");
        assertEquals(404, answer.statusCode());
        assertEquals("404: nothing here\n", answer.body());
        assertEquals("text/plain; charset=utf-8", header(answer, "Content-Type"));
        assertEquals("nosniff", header(answer, "X-Content-Type-Options"));
    }

    @Test
    void getAndHeadOnly() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PROPFIND")) {
            var request =
                    HttpRequest.newBuilder(uri("/-/healthy"))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build();
            var answer = client.send(request, BodyHandlers.ofString());
            assertEquals(405, answer.statusCode());
            assertEquals("GET, HEAD", header(answer, "Allow"));
        }
    }

    @Test
    void jsonIsCompressedWhenAskedFor() throws Exception {
        var request = HttpRequest.newBuilder(uri("/big")).header("Accept-Encoding", "gzip");
        var answer = client.send(request.build(), BodyHandlers.ofByteArray());
        assertEquals("gzip", header(answer, "Content-Encoding"));
        assertEquals("Accept-Encoding", header(answer, "Vary"));
        try (var gzip = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            assertEquals(BIG, new String(gzip.readAllBytes(), UTF_8));
        }
        assertEquals(BIG, get("/big").body());
    }

    @Test
    void largeBodyArrivesWhole() throws Exception {
        assertEquals(8 << 20, get("/huge").body().length());
    }

    @Test
    void privateNeedsTheTokenOverTcp() throws Exception {
        for (String target :
                List.of(
                        "/api/v1/snapshot",
                        "/api/v1/leaks/7",
                        "/api/v1/%73napshot",
                        "/api/v1/snapshot?token=" + TOKEN + "x",
                        "/api/v1/snapshot?token=")) {
            var answer = get(target);
            assertEquals(403, answer.statusCode(), target);
            assertTrue(answer.body().contains("?token=TOKEN"), answer.body());
            assertEquals(1, answer.body().lines().count());
            assertEquals("no-store", header(answer, "Cache-Control"));
        }
    }

    @Test
    void privateWithTheTokenWhichTheRouteDoesNotSee() throws Exception {
        String expected = "/api/v1/snapshot{format=[json]}Optional.emptyfalse\n";
        var inQuery = get("/api/v1/snapshot?format=json&token=" + TOKEN);
        assertEquals(expected, inQuery.body());
        assertEquals("no-store", header(inQuery, "Cache-Control"));
        var inHeader = get("/api/v1/snapshot?format=json", "Authorization", "bearer " + TOKEN);
        assertEquals(expected, inHeader.body());
    }

    @Test
    void wrongAuthorizationIsNotMendedByAnotherScheme() throws Exception {
        assertEquals(403, get("/api/v1/snapshot", "Authorization", "Basic " + TOKEN).statusCode());
        assertEquals(403, get("/api/v1/snapshot", "Authorization", "Bearer x").statusCode());
    }

    @Test
    void privateOnTheUnixSocket() throws Exception {
        try (RawClient local = RawClient.to(server.addresses().getLast())) {
            var answer = local.get("/api/v1/leaks/7").answer();
            assertEquals(200, answer.status());
            assertEquals("/api/v1/leaks/7{}Optional.emptytrue\n", answer.text());
            assertEquals("no-store", answer.header("Cache-Control"));
        }
    }

    @Test
    void longerPrefixWinsAndAPrefixIsNotItsOwnName() throws Exception {
        assertEquals("other\n", get("/api/v1/other").body());
        assertEquals("other\n", get("/api/v1/leaks").body());
        assertEquals(404, get("/api").statusCode());
    }

    @Test
    void brokenRouteIsLoggedOnceAndTellsNothing() throws Exception {
        for (String target : List.of("/broken", "/error")) {
            List<LogRecord> records = new CopyOnWriteArrayList<>();
            HttpResponse<String> answer = logging(records, () -> get(target));
            assertEquals(500, answer.statusCode());
            assertEquals("500: internal error; the agent's log has the reason\n", answer.body());
            assertEquals(1, records.size());
            assertTrue(records.getFirst().getMessage().contains(target));
        }
        assertEquals("healthy\n", get("/-/healthy").body());
    }

    @Test
    void twoHundredAtOnce() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            answers.add(
                    client.sendAsync(
                            HttpRequest.newBuilder(uri("/together")).build(),
                            BodyHandlers.ofString()));
        }
        for (var answer : answers) {
            assertEquals("together\n", answer.get().body());
        }
    }

    @Test
    void connectionIsKept() throws Exception {
        try (RawClient raw = tcp()) {
            for (int i = 0; i < 3; i++) {
                var answer = raw.get("/-/healthy").answer();
                assertEquals(200, answer.status());
                assertEquals("", answer.header("Connection"));
                assertTrue(answer.header("Date").endsWith(" GMT"));
            }
            raw.get("/-/healthy", "Connection: close\r\n");
            assertEquals("close", raw.answer().header("Connection"));
            assertEquals(0, raw.bytesUntilEnd());
        }
    }

    @Test
    void oldClientsKeepTheirs() throws Exception {
        try (RawClient raw = tcp()) {
            raw.send("GET /-/healthy HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertEquals("keep-alive", raw.answer().header("Connection"));
            raw.send("GET /-/healthy HTTP/1.0\r\n\r\n");
            assertEquals("healthy\n", raw.answer().text());
            assertEquals(0, raw.bytesUntilEnd());
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (RawClient raw = tcp()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                String target = i % 3 == 0 ? "/nothing" : "/echo?i=" + i;
                requests.append("GET ").append(target).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
            }
            raw.send(requests.toString());
            for (int i = 0; i < 1000; i++) {
                String expected = i % 3 == 0 ? "404: nothing here\n" : "{i=[" + i + "]}\n";
                assertEquals(expected, raw.answer().text());
            }
        }
    }

    @Test
    void headKeepsTheConnectionInStep() throws Exception {
        try (RawClient raw = tcp()) {
            raw.send("HEAD /big HTTP/1.1\r\nHost: x\r\n\r\nGET /big HTTP/1.1\r\nHost: x\r\n\r\n");
            assertEquals("" + BIG.length(), raw.head().header("Content-Length"));
            assertEquals(BIG, raw.answer().text());
        }
    }

    @Test
    void clientThatEndsItsOutputStillGetsItsAnswer() throws Exception {
        try (RawClient raw = tcp()) {
            raw.get("/huge").endOutput();
            assertEquals(8 << 20, raw.answer().text().length());
            assertEquals(0, raw.bytesUntilEnd());
        }
    }

    @Test
    void absoluteTarget() throws Exception {
        try (RawClient raw = tcp()) {
            assertEquals("{i=[1]}\n", raw.get("http://x/echo?i=1").answer().text());
        }
    }

    @Test
    void routesAreCheckedWhenTheyAreMade() {
        var builder = Routes.builder().path("/a", PUBLIC, HealthRoutes.healthy());
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.path("/a", PUBLIC, HealthRoutes.healthy()));
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.path("b", PUBLIC, HealthRoutes.healthy()));
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.prefix("/c", PUBLIC, HealthRoutes.healthy()));
        assertThrows(IllegalArgumentException.class, () -> builder.token("short"));
    }

    @Test
    void withoutATokenNobodyIsAdmittedOverTcp() throws Exception {
        Routes routes =
                Routes.builder().path("/api/v1/snapshot", PRIVATE, ServerTest::seen).build();
        try (Server other = Server.start(List.of(new Tcp("127.0.0.1", 0)), routes);
                RawClient raw = RawClient.to(other.addresses().getFirst())) {
            var answer = raw.get("/api/v1/snapshot?token=").answer();
            assertEquals(403, answer.status());
            assertFalse(answer.text().contains("token"), answer.text());
        }
    }

    private RawClient tcp() throws IOException {
        return RawClient.to(server.addresses().getFirst());
    }

    private HttpResponse<String> get(String target, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(target));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private URI uri(String target) {
        return URI.create("http://" + server.addresses().getFirst() + target);
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private interface Step {
        HttpResponse<String> run() throws Exception;
    }

    /** Runs a step while the dispatcher's log goes into a list. */
    private static HttpResponse<String> logging(List<LogRecord> into, Step step) throws Exception {
        Logger logger = Logger.getLogger(Dispatcher.class.getName());
        Handler collector =
                new Handler() {
                    @Override
                    public void publish(LogRecord entry) {
                        into.add(entry);
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        logger.addHandler(collector);
        logger.setUseParentHandlers(false);
        try {
            return step.run();
        } finally {
            logger.removeHandler(collector);
            logger.setUseParentHandlers(true);
        }
    }
}

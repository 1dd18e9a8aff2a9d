package dev.ringwatch.agent.serve;

import static dev.ringwatch.agent.serve.Routes.Visibility.PUBLIC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients that break rules or take their time get, with limits small enough to wait for. */
@Timeout(30)
class HostileClientTest {
    private static final int HUGE = 64 << 20;
    private static final List<ListenAddress> LOOPBACK = List.of(new Tcp("127.0.0.1", 0));

    /** Longer than a test may take: what ends a connection is the rule under test. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final Duration HASTE = Duration.ofMillis(250);

    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch blocked = new CountDownLatch(2);
    private Server patient;
    private Server hasty;
    private Server server;

    @BeforeEach
    void start() throws IOException {
        Routes routes =
                Routes.builder()
                        .path("/-/healthy", PUBLIC, HealthRoutes.healthy())
                        .path("/block", PUBLIC, request -> block())
                        .path("/huge", PUBLIC, request -> Response.json(new byte[HUGE]))
                        .build();
        patient =
                Server.start(
                        LOOPBACK,
                        List.of(),
                        routes,
                        Security.NONE,
                        limits(PATIENCE, PATIENCE, PATIENCE));
        hasty =
                Server.start(
                        LOOPBACK,
                        List.of(),
                        routes,
                        Security.NONE,
                        limits(HASTE, HASTE, HASTE.multipliedBy(2)));
        server = patient;
    }

    private static Limits limits(Duration idle, Duration reading, Duration writing) {
        return new Limits(4, 2, 2, 1024, 2048, idle, reading, writing, PATIENCE);
    }

    private Response block() throws InterruptedException {
        blocked.countDown();
        release.await();
        return Response.line(200, "released");
    }

    @AfterEach
    void stop() {
        release.countDown();
        patient.close();
        hasty.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET\r\n\r\n",
                "GET / \r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nBad\0name: y\r\n\r\n",
                "GET metrics HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /?a=%f HTTP/1.1\r\nHost: x\r\n\r\n",
                "\u0016\u0003\u0001x\u00a5\r\n\r\n",
            })
    void malformed(String request) throws IOException {
        assertRefused(400, request);
    }

    @Test
    void otherVersions() throws IOException {
        assertRefused(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assertRefused(505, "GET / HTTP/3.7\r\nHost: x\r\n\r\n");
    }

    @Test
    void longRequestLine() throws IOException {
        String target = "/" + "x".repeat(2000);
        assertRefused(414, "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertHit(Limit.REQUEST_LINE);
    }

    @Test
    void manyHeaders() throws IOException {
        assertRefused(
                431, "GET / HTTP/1.1\r\nHost: x\r\n" + "X-More: and more\r\n".repeat(200) + "\r\n");
        assertHit(Limit.HEADERS);
    }

    @Test
    void longHeaderIsRefusedThoughItsClientStillSends() throws IOException {
        String request = "GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + "y".repeat(1 << 20);
        assertRefused(431, request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
    void bodyIsRefused(String framing) throws IOException {
        assertRefused(413, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n\r\nhello");
        assertHit(Limit.BODY);
    }

    @Test
    void bodyOfAPostIsNotTakenForARequest() throws IOException {
        String smuggled = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n";
        assertRefused(
                405, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 36\r\n\r\n".concat(smuggled));
    }

    @Test
    void expectationIsRefusedBeforeTheBody() throws IOException {
        assertRefused(
                413,
                "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
    }

    @Test
    void idleConnectionIsClosed() throws IOException {
        server = hasty;
        try (RawClient silent = client()) {
            assertEquals(0, silent.bytesUntilEnd());
        }
        try (RawClient kept = client()) {
            assertEquals(200, kept.get("/-/healthy").answer().status());
            assertEquals(0, kept.bytesUntilEnd());
        }
    }

    @Test
    void halfARequest() throws IOException {
        server = hasty;
        assertRefused(408, "GET /-/healthy HT");
        assertHit(Limit.READING);
    }

    @Test
    void bytesOneByOneDoNotBuyTime() throws Exception {
        server = hasty;
        Thread trickle;
        try (RawClient slow = client()) {
            slow.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\n");
            trickle = Thread.ofVirtual().start(() -> trickle(slow));
            assertEquals(408, slow.answer().status());
            assertEquals(0, slow.bytesUntilEnd());
        }
        trickle.join();
        assertHit(Limit.READING);
    }

    /** Until the server has enough of it. */
    private static void trickle(RawClient slow) {
        try {
            while (true) {
                slow.send("X: y\r\n");
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        } catch (IOException closed) {
            assertTrue(closed.toString().length() > 0);
        }
    }

    @Test
    void clientThatDoesNotReadIsLeft() throws IOException {
        server = hasty;
        try (RawClient deaf = client()) {
            deaf.get("/huge");
            Await.until("the limit is hit", () -> hits(Limit.WRITING) == 1);
            assertThrows(IOException.class, deaf::answer);
        }
    }

    @Test
    void busyServerSaysSoAndStaysOnTheLine() throws Exception {
        try (RawClient one = client();
                RawClient two = client();
                RawClient three = client()) {
            one.get("/block");
            two.get("/block");
            blocked.await();
            var refused = three.get("/-/healthy").answer();
            assertEquals(503, refused.status());
            assertEquals("503: too many requests at once\n", refused.text());
            assertEquals("1", refused.header("Retry-After"));
            assertHit(Limit.CONCURRENT_REQUESTS);
            release.countDown();
            assertEquals("released\n", one.answer().text());
            assertEquals("released\n", two.answer().text());
            assertEquals(200, three.get("/-/healthy").answer().status());
        }
    }

    @Test
    void oneConnectionTooMany() throws IOException {
        try (RawClient a = client();
                RawClient b = client();
                RawClient c = client();
                RawClient d = client();
                RawClient e = client()) {
            for (RawClient open : List.of(a, b, c, d)) {
                assertEquals(200, open.get("/-/healthy").answer().status());
            }
            assertEquals(503, e.answer().status());
            assertEquals(0, e.bytesUntilEnd());
            assertHit(Limit.CONNECTIONS);
        }
        Await.until("there is room again", this::isServed);
    }

    private boolean isServed() {
        try (RawClient next = client()) {
            return next.get("/-/healthy").answer().status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void clientThatLeavesWhileItsRouteRuns() throws Exception {
        try (RawClient one = client();
                RawClient two = client()) {
            one.get("/block");
            two.get("/block");
            blocked.await();
        }
        release.countDown();
        Await.until("both permits are back", this::isServed);
    }

    private RawClient client() throws IOException {
        return RawClient.to(server.addresses().getFirst());
    }

    /** One line, then the end: nothing after a request that was not understood is answered. */
    private void assertRefused(int status, String request) throws IOException {
        try (RawClient raw = client()) {
            raw.send(request);
            var answer = raw.answer();
            assertEquals(status, answer.status(), answer.text());
            assertEquals("close", answer.header("Connection"));
            assertEquals("nosniff", answer.header("X-Content-Type-Options"));
            assertEquals(1, answer.text().lines().count());
            assertEquals(0, raw.bytesUntilEnd());
        }
    }

    private void assertHit(Limit limit) {
        assertEquals(1, hits(limit), limit.label());
    }

    private long hits(Limit limit) {
        return server.limitsReached().getOrDefault(limit, -1L);
    }
}

package dev.ringwatch.agent.serve;

import static dev.ringwatch.agent.serve.Routes.Visibility.PRIVATE;
import static dev.ringwatch.agent.serve.Routes.Visibility.PUBLIC;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import dev.ringwatch.agent.serve.ListenAddress.Unix;
import dev.ringwatch.agent.serve.RawClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a browser gets to see pages, and stays able to; costs two seconds. */
@Timeout(30)
class SignInTest {
    private static final String TOKEN = "0123456789abcdef";

    @TempDir Path dir = Path.of("");

    private Server server;

    @BeforeEach
    void start() throws IOException {
        Routes routes =
                Routes.builder()
                        .page("/", SignInTest::seen, SignInTest::door)
                        .pages("/findings/", SignInTest::seen, SignInTest::door)
                        .path("/api", PRIVATE, SignInTest::seen)
                        .path("/metrics", PUBLIC, SignInTest::seen)
                        .token(TOKEN)
                        .build();
        server = Server.start(List.of(new Tcp("127.0.0.1", 0), new Unix(dir.resolve("s"))), routes);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** All that a route gets to see. */
    private static Response seen(Request request) {
        return Response.line(
                200, request.path() + request.query() + request.headers().containsKey("Cookie"));
    }

    private static Response door(Request request, boolean refused) {
        return Response.line(
                403,
                (refused ? "refused " : "closed ")
                        + request.path()
                        + request.query()
                        + request.headers().containsKey("Cookie"));
    }

    @Test
    void aTokenInTheAddressBecomesACookieAndLeavesTheAddress() throws Exception {
        Answer answer = get("/?token=" + TOKEN);
        assertEquals(303, answer.status());
        assertEquals("/", answer.header("Location"));
        assertEquals("no-store", answer.header("Cache-Control"));
        assertEquals(
                "ringwatch-default=" + TOKEN + "; Path=/; HTTPOnly; SameSite=Strict",
                answer.header("Set-Cookie"));
    }

    @Test
    void theCookieIsNamedByThePortThatTheBrowserSees() throws Exception {
        try (RawClient client = RawClient.to(server.addresses().getFirst())) {
            Answer answer =
                    client.send(
                                    "GET /?token="
                                            + TOKEN
                                            + " HTTP/1.1\r\nHost: localhost:8123\r\n\r\n")
                            .answer();
            assertEquals("ringwatch-8123=" + TOKEN, answer.header("Set-Cookie").split(";", 2)[0]);
        }
    }

    @Test
    void whatElseIsInTheAddressStaysThere() throws Exception {
        Answer answer = get("/findings/a%20b%3F%C3%A9?x=1&token=" + TOKEN + "&y=%26");
        assertEquals(303, answer.status());
        assertEquals("/findings/a%20b%3F%C3%A9?x=1&y=%26", answer.header("Location"));
    }

    @Test
    void theCookieAdmitsToPagesAndToTheApi() throws Exception {
        String cookies = "Cookie: theme=dark; ringwatch-9736=" + TOKEN + "; other=1\r\n";
        assertEquals("/{}false\n", get("/", cookies).text());
        assertEquals("/findings/7{}false\n", get("/findings/7", cookies).text());
        assertEquals("/api{}false\n", get("/api", cookies).text());
        assertEquals("no-store", get("/", cookies).header("Cache-Control"));
    }

    @Test
    void oneOfSeveralAgentsOnAHostFindsItsOwnCookie() throws Exception {
        String cookies = "Cookie: ringwatch-1=another-agents-0000; ringwatch-2=" + TOKEN + "\r\n";
        assertEquals(200, get("/", cookies).status());
    }

    @Test
    void anotherCookieThatHoldsTheTokenAdmitsNobody() throws Exception {
        assertEquals(403, get("/api", "Cookie: session=" + TOKEN + "\r\n").status());
    }

    @Test
    void whoHasNoTokenMeetsTheDoor() throws Exception {
        assertEquals("closed /{x=[1]}false\n", get("/?x=1").text());
        assertEquals("closed /findings/7{}false\n", get("/findings/7").text());
        assertEquals("no-store", get("/").header("Cache-Control"));
    }

    @Test
    void whoHasAnotherTokenIsToldSoAtTheDoor() throws Exception {
        assertEquals("refused /{}false\n", get("/?token=" + TOKEN + "x").text());
        assertEquals("refused /{}false\n", get("/?token=").text());
        assertEquals(
                "refused /{}false\n",
                get("/", "Cookie: ringwatch-default=of-an-earlier-start\r\n").text());
    }

    /** Who comes from another agent on the host has not tried a token here. */
    @Test
    void anotherAgentsCookieIsNoTokenThatIsRefused() throws Exception {
        assertEquals(
                "closed /{}false\n",
                get("/", "Cookie: ringwatch-9736=another-agents-0000\r\n").text());
    }

    @Test
    void whoHasSignedInIsNotTurnedAwayForAnOldLink() throws Exception {
        Answer answer =
                get("/?token=of-an-earlier-start", "Cookie: ringwatch-9736=" + TOKEN + "\r\n");
        assertEquals(303, answer.status());
        assertEquals("/", answer.header("Location"));
        assertEquals("", answer.header("Set-Cookie"));
    }

    @Test
    void theApiAndWhatIsPublicAnswerWithTheTokenInTheAddressAsEver() throws Exception {
        assertEquals("/api{}false\n", get("/api?token=" + TOKEN).text());
        assertEquals("/metrics{}false\n", get("/metrics?token=" + TOKEN).text());
    }

    @Test
    void aCookieThatIsNoneHarmsNobody() throws Exception {
        for (String value :
                List.of("", ";;;", "=", "ringwatch-", "ringwatch-=\"", "\u00e4=\u00e4")) {
            assertEquals(403, get("/api", "Cookie: " + value + "\r\n").status(), value);
            assertEquals(200, get("/metrics", "Cookie: " + value + "\r\n").status(), value);
        }
    }

    @Test
    void onTheUnixSocketNobodySignsIn() throws Exception {
        try (RawClient local = RawClient.to(server.addresses().getLast())) {
            assertEquals("/{}false\n", local.get("/").answer().text());
            assertEquals("/{}false\n", local.get("/?token=x").answer().text());
        }
    }

    private Answer get(String target, String... headers) throws IOException {
        try (RawClient client = RawClient.to(server.addresses().getFirst())) {
            return client.get(target, headers).answer();
        }
    }
}

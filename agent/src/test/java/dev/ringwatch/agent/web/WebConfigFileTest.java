package dev.ringwatch.agent.web;

import static dev.ringwatch.agent.serve.Routes.Visibility.PRIVATE;
import static dev.ringwatch.agent.serve.Routes.Visibility.PUBLIC;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.serve.HealthRoutes;
import dev.ringwatch.agent.serve.Limits;
import dev.ringwatch.agent.serve.ListenAddress;
import dev.ringwatch.agent.serve.Response;
import dev.ringwatch.agent.serve.Routes;
import dev.ringwatch.agent.serve.Server;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The file's settings, each asked of a real server by a real client. */
@Timeout(60)
class WebConfigFileTest {
    private static final String TOKEN = "0123456789abcdef";
    private static final ListenAddress LOOPBACK = ListenAddress.parse("127.0.0.1:0");

    @TempDir static Path keys = Path.of("");

    private static Certificates certificates = new Certificates(Path.of(""));

    @TempDir Path folder = Path.of("");

    @BeforeAll
    static void makeKeys() throws Exception {
        certificates = new Certificates(keys);
        certificates.selfSigned("server", "-newkey", "rsa:2048");
        certificates.selfSigned("other", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        certificates.client("friend", "server");
        certificates.client("stranger", "other");
    }

    @Test
    void withoutUsersAndTlsAllIsAsWithoutAFile() throws Exception {
        try (Server server = serve("{}")) {
            assertEquals(200, get(server, HttpClient.newHttpClient(), "http", "/metrics"));
            assertEquals(403, get(server, HttpClient.newHttpClient(), "http", "/api"));
        }
    }

    @Test
    void usersAreNeededForEverythingAndSeeEverything() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        try (Server server = serve("basic_auth_users: {alice: '" + hash("secret") + "'}")) {
            for (String path : List.of("/metrics", "/api", "/nothing")) {
                HttpResponse<String> refused = send(server, client, "http", path);
                assertEquals(401, refused.statusCode());
                assertEquals(
                        "Basic realm=\"ringwatch\"",
                        refused.headers().firstValue("WWW-Authenticate").orElse(""));
            }
            String right = basic("alice", "secret");
            assertEquals(200, get(server, client, "http", "/metrics", "Authorization", right));
            assertEquals(200, get(server, client, "http", "/api", "Authorization", right));
            for (String wrong :
                    List.of(
                            basic("alice", "Secret"),
                            basic("alice", ""),
                            basic("bob", "secret"),
                            "Basic secret",
                            "Basic !",
                            "Bearer " + "x".repeat(16))) {
                assertEquals(401, get(server, client, "http", "/metrics", "Authorization", wrong));
                assertEquals(401, get(server, client, "http", "/metrics", "Authorization", wrong));
            }
            assertEquals(200, get(server, client, "http", "/api?token=" + TOKEN));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rsa:2048",
                "rsa:2048 pkcs1",
                "ec -pkeyopt ec_paramgen_curve:P-384",
                "ec -pkeyopt ec_paramgen_curve:P-256 sec1",
                "ed25519"
            })
    void keysOfEveryFormServe(String kind) throws Exception {
        String[] parts = kind.split(" ");
        boolean older = parts[parts.length - 1].matches("pkcs1|sec1");
        String[] options = java.util.Arrays.copyOf(parts, parts.length - (older ? 1 : 0));
        String[] all = new String[options.length + 1];
        all[0] = "-newkey";
        System.arraycopy(options, 0, all, 1, options.length);
        Certificates own = new Certificates(folder);
        own.selfSigned("own", all);
        if (older) {
            own.run(
                    List.of(
                            "openssl",
                            "pkey",
                            "-traditional",
                            "-in",
                            "own.key",
                            "-out",
                            "older.key"));
            Files.move(
                    folder.resolve("older.key"),
                    folder.resolve("own.key"),
                    StandardCopyOption.REPLACE_EXISTING);
            assertTrue(
                    Files.readString(folder.resolve("own.key"))
                            .contains(
                                    parts[parts.length - 1].equals("sec1")
                                            ? "BEGIN EC"
                                            : "BEGIN RSA"));
        }
        try (Server server = serve("tls_server_config: {cert_file: own.crt, key_file: own.key}")) {
            assertEquals(200, get(server, own.trusting("own"), "https", "/metrics"));
        }
    }

    @Test
    void keysMayStandInTheFileItself() throws Exception {
        String yaml =
                "tls_server_config:\n  cert: |\n"
                        + indented("server.crt")
                        + "  key: |\n"
                        + indented("server.key");
        try (Server server = serve(yaml)) {
            assertEquals(200, get(server, certificates.trusting("server"), "https", "/metrics"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NoClientCert,                none,     true, 403",
        "RequestClientCert,           none,     true, 403",
        "RequestClientCert,           stranger, true, 403",
        "RequireAnyClientCert,        none,     false, 0",
        "RequireClientCert,           stranger, true, 403",
        "VerifyClientCertIfGiven,     none,     true, 403",
        "VerifyClientCertIfGiven,     friend,   true, 200",
        "VerifyClientCertIfGiven,     stranger, false, 0",
        "RequireAndVerifyClientCert,  none,     false, 0",
        "RequireAndVerifyClientCert,  stranger, false, 0",
        "RequireAndVerifyClientCert,  friend,   true, 200"
    })
    void clientsAreAskedForCertificates(String type, String shown, boolean connects, int api)
            throws Exception {
        String ca = type.equals("NoClientCert") ? "" : ", client_ca_file: " + key("server.crt");
        try (Server server = serve(tls("client_auth_type: " + type + ca))) {
            HttpClient client =
                    shown.equals("none")
                            ? certificates.trusting("server")
                            : certificates.showing("server", shown);
            if (connects) {
                assertEquals(200, get(server, client, "https", "/metrics"));
                assertEquals(api, get(server, client, "https", "/api"));
            } else {
                assertThrows(IOException.class, () -> get(server, client, "https", "/metrics"));
            }
        }
    }

    @Test
    void overTlsTheCookieOfThePageIsForTlsOnly() throws Exception {
        try (Server server = serve(tls("min_version: TLS12"))) {
            HttpClient client = certificates.trusting("server");
            HttpResponse<String> answer = send(server, client, "https", "/?token=" + TOKEN);
            assertEquals(303, answer.statusCode());
            List<String> cookie =
                    List.of(answer.headers().firstValue("Set-Cookie").orElse("").split("; "));
            assertTrue(cookie.contains("Secure"), cookie::toString);
        }
    }

    @Test
    void withUsersTheCookieOfThePageTakesThePlaceOfAPassword() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        try (Server server = serve("basic_auth_users: {alice: '" + hash("secret") + "'}")) {
            assertEquals(303, get(server, client, "http", "/?token=" + TOKEN));
            assertEquals(200, get(server, client, "http", "/", "Cookie", "ringwatch-1=" + TOKEN));
            assertEquals(401, get(server, client, "http", "/", "Cookie", "ringwatch-1=another"));
            String password = basic("alice", "secret");
            assertEquals(200, get(server, client, "http", "/", "Authorization", password));
            HttpResponse<String> both =
                    send(server, client, "http", "/?token=another", "Authorization", password);
            assertEquals(303, both.statusCode());
            assertEquals("", both.headers().firstValue("Set-Cookie").orElse(""));
        }
    }

    @ParameterizedTest
    @CsvSource({"friend, true", "foe, false"})
    void aClientsNameMustBeAllowed(String allowed, boolean connects) throws Exception {
        String yaml =
                tls(
                        "client_auth_type: RequireAndVerifyClientCert, client_ca_file: "
                                + key("server.crt")
                                + ", client_allowed_sans: ["
                                + allowed
                                + "]");
        try (Server server = serve(yaml)) {
            HttpClient client = certificates.showing("server", "friend");
            if (connects) {
                assertEquals(200, get(server, client, "https", "/metrics"));
            } else {
                assertThrows(IOException.class, () -> get(server, client, "https", "/metrics"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "min_version: TLS13, TLSv1.2, false",
        "min_version: TLS13, TLSv1.3, true",
        "max_version: TLS12, TLSv1.3, false",
        "max_version: TLS12, TLSv1.2, true"
    })
    void versionsAreBounded(String setting, String spoken, boolean connects) throws Exception {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {spoken});
        HttpClient client = Certificates.client(certificates.context("server", ""), parameters);
        try (Server server = serve(tls(setting))) {
            if (connects) {
                assertEquals(200, get(server, client, "https", "/metrics"));
            } else {
                assertThrows(IOException.class, () -> get(server, client, "https", "/metrics"));
            }
        }
    }

    @Test
    void cipherSuitesAndCurvesAreThoseNamed() throws Exception {
        String suite = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
        String yaml =
                tls(
                        "max_version: TLS12, prefer_server_cipher_suites: false, cipher_suites: ["
                                + suite
                                + "], curve_preferences: [CurveP384]");
        try (Server server = serve(yaml)) {
            SSLParameters fitting = new SSLParameters();
            HttpClient client = Certificates.client(certificates.context("server", ""), fitting);
            HttpResponse<String> answer = send(server, client, "https", "/metrics");
            assertEquals(suite, answer.sslSession().orElseThrow().getCipherSuite());

            assertTrue(handshakes(server, "secp384r1"));
            assertFalse(handshakes(server, "secp256r1"));
        }
    }

    private static boolean handshakes(Server server, String group) throws Exception {
        ListenAddress.Tcp address = (ListenAddress.Tcp) server.addresses().getFirst();
        try (SSLSocket socket =
                (SSLSocket)
                        certificates
                                .context("server", "")
                                .getSocketFactory()
                                .createSocket(address.host(), address.port())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setNamedGroups(new String[] {group});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return true;
        } catch (SSLException e) {
            return false;
        }
    }

    @Test
    void headersAreAdded() throws Exception {
        String yaml =
                "http_server_config: {http2: false, headers: {X-Frame-Options: deny,"
                        + " Strict-Transport-Security: max-age=60}}";
        try (Server server = serve(yaml)) {
            HttpResponse<String> answer =
                    send(server, HttpClient.newHttpClient(), "http", "/metrics");
            assertEquals("deny", answer.headers().firstValue("X-Frame-Options").orElse(""));
            assertEquals(
                    "max-age=60",
                    answer.headers().firstValue("Strict-Transport-Security").orElse(""));
        }
    }

    @Test
    void requestsAreLimitedByATokenBucket() throws Exception {
        AtomicLong now = new AtomicLong();
        RateLimit rate = new RateLimit(Duration.ofSeconds(2), 2, now::get);
        assertTrue(rate.allows());
        assertTrue(rate.allows());
        assertFalse(rate.allows());
        now.addAndGet(2_000_000_000L);
        assertTrue(rate.allows());
        assertFalse(rate.allows());

        try (Server server = serve("rate_limit: {interval: 1h, burst: 1}")) {
            HttpClient client = HttpClient.newHttpClient();
            assertEquals(200, get(server, client, "http", "/metrics"));
            assertEquals(429, get(server, client, "http", "/metrics"));
        }
    }

    @Test
    void aChangeHoldsAtOnceAndABrokenOneLeavesWhatWas() throws Exception {
        Path file = write("basic_auth_users: {alice: '" + hash("secret") + "'}");
        WebConfigFile web = WebConfigFile.open(file);
        HttpClient client = HttpClient.newHttpClient();
        try (Server server =
                Server.start(List.of(LOOPBACK), List.of(), routes(), web, Limits.defaults())) {
            String alice = basic("alice", "secret");
            assertEquals(200, get(server, client, "http", "/metrics", "Authorization", alice));

            replace("basic_auth_users: {alice: 'no hash'}");
            assertEquals(200, get(server, client, "http", "/metrics", "Authorization", alice));
            assertFalse(web.isGood());

            replace("basic_auth_users: {bob: '" + hash("secret") + "'}");
            assertEquals(401, get(server, client, "http", "/metrics", "Authorization", alice));
            assertEquals(
                    200,
                    get(
                            server,
                            client,
                            "http",
                            "/metrics",
                            "Authorization",
                            basic("bob", "secret")));
            assertTrue(web.isGood());
        }
    }

    @Test
    void whoGuessesDoesNotHaveTheKnownForgotten() {
        Users users = new Users(java.util.Map.of("alice", hash("secret")));
        assertTrue(users.remembers("alice", "secret").isEmpty());
        assertTrue(users.knows("alice", "secret"));
        for (int i = 0; i < 150; i++) {
            assertFalse(users.knows("alice", "guess " + i));
        }
        assertEquals(java.util.Optional.of(true), users.remembers("alice", "secret"));
        assertEquals(java.util.Optional.of(false), users.remembers("alice", "guess 149"));
        assertTrue(users.remembers("alice", "guess 0").isEmpty(), "of guesses some are kept");
    }

    /** Whoever writes a file in place makes it empty first. */
    @Test
    void aFileThatIsEmptyForAMomentLetsNobodyIn() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        Path file = write("basic_auth_users: {alice: '" + hash("secret") + "'}");
        WebConfigFile web = WebConfigFile.open(file);
        try (Server server =
                Server.start(List.of(LOOPBACK), List.of(), routes(), web, Limits.defaults())) {
            assertEquals(401, get(server, client, "http", "/metrics"));
            for (String nothing : List.of("", "# users come here\n", "{}")) {
                Files.writeString(file, nothing);
                assertEquals(401, get(server, client, "http", "/metrics"), nothing);
                assertFalse(web.isGood());
            }
            String alice = basic("alice", "secret");
            assertEquals(200, get(server, client, "http", "/metrics", "Authorization", alice));
        }
    }

    @Test
    void aKeyWithAnImpossibleLengthIsRefusedAndTheOneBeforeServes() throws Exception {
        Files.copy(keys.resolve("server.key"), folder.resolve("own.key"));
        String yaml =
                "tls_server_config: {cert_file: " + key("server.crt") + ", key_file: own.key}";
        try (Server server = serve(yaml)) {
            assertEquals(200, get(server, certificates.trusting("server"), "https", "/metrics"));
            Files.writeString(
                    folder.resolve("own.key"),
                    """
                    -----BEGIN EC PRIVATE KEY-----
                    MAwCAQEEAQCghP////8=
                    -----END EC PRIVATE KEY-----
                    """);
            assertEquals(200, get(server, certificates.trusting("server"), "https", "/metrics"));
            WebConfigException e =
                    assertThrows(WebConfigException.class, () -> WebConfigFile.open(write(yaml)));
            assertTrue(e.line().contains("the EC private key is cut off"), e.line());
        }
    }

    /** A handshake that nobody goes on with would keep it open, and with it what TLS needs. */
    @Test
    void aConnectionTooManyIsClosedBeforeItsHandshake() throws Exception {
        String yaml = tls("min_version: TLS12");
        Limits d = Limits.defaults();
        Limits one =
                new Limits(
                        1,
                        d.concurrentRequests(),
                        d.passwordChecks(),
                        d.requestLineBytes(),
                        d.headerBytes(),
                        d.idle(),
                        d.reading(),
                        d.writing(),
                        d.closing());
        WebConfigFile web = WebConfigFile.open(write(yaml));
        try (Server server = Server.start(List.of(LOOPBACK), List.of(), routes(), web, one);
                Socket first = connected(server);
                Socket second = connected(server)) {
            second.setSoTimeout(5_000); // a handshake has ten seconds
            assertEquals(-1, second.getInputStream().read());
            first.setSoTimeout(100);
            assertThrows(SocketTimeoutException.class, () -> first.getInputStream().read());
        }
    }

    private static Socket connected(Server server) throws IOException {
        ListenAddress.Tcp address = (ListenAddress.Tcp) server.addresses().getFirst();
        return new Socket(address.host(), address.port());
    }

    @Test
    void aNewCertificateServesNewConnections() throws Exception {
        Files.copy(keys.resolve("server.crt"), folder.resolve("own.crt"));
        Files.copy(keys.resolve("server.key"), folder.resolve("own.key"));
        try (Server server = serve("tls_server_config: {cert_file: own.crt, key_file: own.key}")) {
            assertEquals(200, get(server, certificates.trusting("server"), "https", "/metrics"));
            // For a moment certificate and key do not fit: the pair before goes on serving.
            Files.copy(
                    keys.resolve("other.crt"),
                    folder.resolve("own.crt"),
                    StandardCopyOption.REPLACE_EXISTING);
            assertEquals(200, get(server, certificates.trusting("server"), "https", "/metrics"));
            Files.copy(
                    keys.resolve("other.key"),
                    folder.resolve("own.key"),
                    StandardCopyOption.REPLACE_EXISTING);
            assertEquals(200, get(server, certificates.trusting("other"), "https", "/metrics"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "colour: red | unknown key 'colour'",
                "basic_auth_users: {a: plain} | basic_auth_users.a: no bcrypt hash",
                "tls_server_config: {cert_file: CRT} | key_file: is missing",
                "tls_server_config: {key_file: KEY} | cert_file: is missing",
                "tls_server_config: {cert_file: nowhere, key_file: KEY} | nowhere: no such file",
                "tls_server_config: {cert_file: KEY, key_file: KEY} | no CERTIFICATE in PEM",
                "tls_server_config: {cert_file: CRT, key_file: CRT} | no private key in PEM",
                "tls_server_config: {cert_file: CRT, key_file: OTHER} | not the key of cert_file",
                "tls_server_config: {client_auth_type: Maybe} | is none of NoClientCert",
                "tls_server_config: {min_version: SSL3} | is none of TLS10",
                "tls_server_config: {curve_preferences: [P1]} | is none of CurveP256",
                "tls_server_config: {cert_file: CRT, key_file: KEY, cipher_suites: [X]} | know X",
                "tls_server_config: {cert_file: CRT, key_file: KEY, client_ca_file: CRT} | not used",
                "tls_server_config: {cert_file: CRT, key_file: KEY, client_allowed_sans: [a]} | needs",
                "http_server_config: {headers: {X-Mine: a}} | X-Mine cannot be set",
                "http_server_config: {headers: {X-Frame-Options: a}} | must be deny or sameorigin",
                "rate_limit: {interval: soon} | rate_limit.interval: 'soon' is no duration"
            })
    void whatCannotBeUsedIsOneLine(String yaml, String expected) throws IOException {
        String text =
                yaml.replace("CRT", key("server.crt"))
                        .replace("KEY", key("server.key"))
                        .replace("OTHER", key("other.key"));
        WebConfigException e =
                assertThrows(WebConfigException.class, () -> WebConfigFile.open(write(text)));
        assertTrue(e.line().contains(expected), e.line());
        assertFalse(e.line().contains("\n"), e.line());
        assertTrue(e.line().contains("web.yml"), e.line());
    }

    private Server serve(String yaml) throws Exception {
        return Server.start(
                List.of(LOOPBACK),
                List.of(),
                routes(),
                WebConfigFile.open(write(yaml)),
                Limits.defaults());
    }

    private static Routes routes() {
        return Routes.builder()
                .path("/metrics", PUBLIC, HealthRoutes.healthy())
                .path("/api", PRIVATE, r -> Response.line(200, "private"))
                .page(
                        "/",
                        r -> Response.line(200, "page"),
                        (r, refused) -> Response.line(403, "door"))
                .token(TOKEN)
                .build();
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("web.yml"), yaml);
    }

    /** As editors and orchestrators do it: a new file in the old one's place. */
    private void replace(String yaml) throws IOException {
        Path next = Files.writeString(folder.resolve("next.yml"), yaml);
        Files.move(next, folder.resolve("web.yml"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String tls(String more) {
        return "tls_server_config: {cert_file: "
                + key("server.crt")
                + ", key_file: "
                + key("server.key")
                + ", "
                + more
                + "}";
    }

    private static String key(String name) {
        return keys.resolve(name).toString();
    }

    private static String indented(String name) throws IOException {
        return Files.readString(keys.resolve(name)).indent(4);
    }

    private static String hash(String password) {
        return at.favre.lib.crypto.bcrypt.BCrypt.withDefaults()
                .hashToString(4, password.toCharArray());
    }

    private static String basic(String user, String password) {
        return "Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    private static int get(
            Server server, HttpClient client, String scheme, String path, String... headers)
            throws Exception {
        return send(server, client, scheme, path, headers).statusCode();
    }

    private static HttpResponse<String> send(
            Server server, HttpClient client, String scheme, String path, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                        URI.create(scheme + "://" + server.addresses().getFirst() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}

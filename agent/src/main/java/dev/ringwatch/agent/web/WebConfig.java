package dev.ringwatch.agent.web;

import dev.ringwatch.agent.config.Keys;
import dev.ringwatch.agent.config.Keys.Form;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The file as it stands: exporter-toolkit's web-configuration.md.
 *
 * @param headers that each response has
 * @param users names and the bcrypt hashes of their passwords
 * @param rateInterval the time that one request costs; zero: any number is allowed
 * @param rateBurst how many may come at once
 */
record WebConfig(
        Tls tls,
        Map<String, String> headers,
        Map<String, String> users,
        Duration rateInterval,
        int rateBurst) {

    /** Text in the file itself, or a file. */
    sealed interface Pem {
        record Inline(String text) implements Pem {}

        record File(Path path) implements Pem {}
    }

    /**
     * tls_server_config.
     *
     * @param cipherSuites for TLS 1.2; empty: the JDK's choice
     * @param curves in order of preference; empty: the JDK's choice
     * @param allowedSans empty: any
     */
    record Tls(
            Optional<Pem> certificate,
            Optional<Pem> key,
            Optional<Pem> clientCa,
            ClientAuth clientAuth,
            List<String> allowedSans,
            TlsVersion least,
            TlsVersion most,
            List<String> cipherSuites,
            boolean serverPrefers,
            List<String> curves) {

        /** Whether anything is said about TLS. */
        boolean wanted() {
            return certificate.isPresent()
                    || key.isPresent()
                    || clientCa.isPresent()
                    || clientAuth != ClientAuth.NO_CLIENT_CERT;
        }
    }

    /** Whether nothing is demanded or said by it, as by an empty file. */
    boolean saysNothing() {
        return !tls.wanted() && headers.isEmpty() && users.isEmpty() && rateInterval.isZero();
    }

    private static final Form<String> ANY = new Form<>("", Function.identity());
    private static final Form<Path> FILE = new Form<>("", Path::of);
    private static final String HASH = "\\$2[abxy]?\\$(0[4-9]|[12][0-9]|3[01])\\$[./A-Za-z0-9]{53}";
    private static final Map<String, List<String>> HEADERS =
            Map.of(
                    "Strict-Transport-Security", List.of(),
                    "X-Content-Type-Options", List.of("nosniff"),
                    "X-Frame-Options", List.of("deny", "sameorigin"),
                    "X-XSS-Protection", List.of(),
                    "Content-Security-Policy", List.of());

    static WebConfig read(Keys keys) {
        Tls tls = keys.section("tls_server_config", "TLS.", WebConfig::readTls);
        Map<String, String> headers =
                keys.section("http_server_config", "HTTP.", WebConfig::readHttp);
        Map<String, String> users =
                keys.entries("basic_auth_users", "Users.", new Form<>("", WebConfig::hash));
        return keys.section(
                "rate_limit",
                "Requests in a time.",
                k ->
                        new WebConfig(
                                tls,
                                headers,
                                users,
                                k.duration(
                                        "interval",
                                        "Of one request.",
                                        Duration.ZERO,
                                        Duration.ofDays(1),
                                        Duration.ZERO),
                                k.number("burst", "At once.", 0, Integer.MAX_VALUE, 0)));
    }

    private static Tls readTls(Keys keys) {
        return new Tls(
                pem(keys, "cert"),
                pem(keys, "key"),
                pem(keys, "client_ca"),
                keys.text("client_auth_type", "", new Form<>("", ClientAuth::parse))
                        .orElse(ClientAuth.NO_CLIENT_CERT),
                keys.texts("client_allowed_sans", "", ANY),
                keys.text("min_version", "", new Form<>("", TlsVersion::parse))
                        .orElse(TlsVersion.TLS12),
                keys.text("max_version", "", new Form<>("", TlsVersion::parse))
                        .orElse(TlsVersion.TLS13),
                keys.texts("cipher_suites", "", ANY),
                keys.flag("prefer_server_cipher_suites", "", true),
                keys.texts("curve_preferences", "", new Form<>("", WebConfig::curve)));
    }

    /** HTTP/2 is not spoken here, whatever is said of it: clients agree on HTTP/1.1. */
    private static Map<String, String> readHttp(Keys keys) {
        keys.flag("http2", "", true);
        Map<String, String> headers = keys.entries("headers", "", ANY);
        headers.forEach(WebConfig::checkHeader);
        return headers;
    }

    private static Optional<Pem> pem(Keys keys, String name) {
        Optional<Pem> inline = keys.text(name, "", ANY).map(Pem.Inline::new);
        Optional<Pem> file = keys.text(name + "_file", "", FILE).map(Pem.File::new);
        return file.or(() -> inline);
    }

    private static void checkHeader(String name, String value) {
        List<String> values = HEADERS.get(name);
        if (values == null) {
            throw new IllegalArgumentException(
                    "headers: "
                            + name
                            + " cannot be set; known are "
                            + String.join(", ", new TreeSet<>(HEADERS.keySet())));
        }
        if (!values.isEmpty() && !values.contains(value)) {
            throw new IllegalArgumentException(
                    "headers." + name + ": must be " + String.join(" or ", values));
        }
        if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new IllegalArgumentException("headers." + name + ": must be printable ASCII");
        }
    }

    private static String curve(String name) {
        return switch (name) {
            case "CurveP256" -> "secp256r1";
            case "CurveP384" -> "secp384r1";
            case "CurveP521" -> "secp521r1";
            case "X25519" -> "x25519";
            default ->
                    throw new IllegalArgumentException(
                            "'" + name + "' is none of CurveP256, CurveP384, CurveP521, X25519");
        };
    }

    private static String hash(String text) {
        if (!text.matches(HASH)) {
            throw new IllegalArgumentException(
                    "no bcrypt hash; make one with htpasswd -nBC 10 \"\" | tr -d ':\\n'");
        }
        return text;
    }
}

package dev.ringwatch.agent.web;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether clients show certificates; the names are those of Go's crypto/tls, ClientAuthType. */
enum ClientAuth {
    NO_CLIENT_CERT("NoClientCert", false, false, false),
    REQUEST_CLIENT_CERT("RequestClientCert", true, false, false),
    REQUIRE_ANY_CLIENT_CERT("RequireAnyClientCert", true, true, false),
    VERIFY_CLIENT_CERT_IF_GIVEN("VerifyClientCertIfGiven", true, false, true),
    REQUIRE_AND_VERIFY_CLIENT_CERT("RequireAndVerifyClientCert", true, true, true);

    /** An older name of {@link #REQUIRE_ANY_CLIENT_CERT}. */
    private static final String OLDER = "RequireClientCert";

    private final String word;
    private final boolean asks;
    private final boolean requires;
    private final boolean verifies;

    ClientAuth(String word, boolean asks, boolean requires, boolean verifies) {
        this.word = word;
        this.asks = asks;
        this.requires = requires;
        this.verifies = verifies;
    }

    /** Whether the server asks for one. */
    boolean asks() {
        return asks;
    }

    /** Whether there is no connection without one. */
    boolean requires() {
        return requires;
    }

    /** Whether one that is shown must be signed by who is trusted. */
    boolean verifies() {
        return verifies;
    }

    static ClientAuth parse(String text) {
        if (text.equals(OLDER)) {
            return REQUIRE_ANY_CLIENT_CERT;
        }
        return Stream.of(values())
                .filter(v -> v.word.equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "'"
                                                + text
                                                + "' is none of "
                                                + Stream.of(values())
                                                        .map(v -> v.word)
                                                        .collect(Collectors.joining(", "))));
    }
}

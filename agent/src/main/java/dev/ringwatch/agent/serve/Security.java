package dev.ringwatch.agent.serve;

import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

/**
 * What a server demands of who comes over TCP; unix sockets have their mode. Asked anew for each
 * connection and request, so that it may change while the server runs. Safe for any thread.
 */
public interface Security {
    /** Demands nothing. */
    Security NONE =
            new Security() {
                @Override
                public Optional<Tls> tls() {
                    return Optional.empty();
                }

                @Override
                public boolean hasUsers() {
                    return false;
                }

                @Override
                public Optional<Boolean> remembers(String user, String password) {
                    return Optional.of(false);
                }

                @Override
                public boolean knows(String user, String password) {
                    return false;
                }

                @Override
                public boolean allows() {
                    return true;
                }

                @Override
                public Map<String, String> headers() {
                    return Map.of();
                }
            };

    /**
     * The server's side of one TLS connection.
     *
     * @param verifies whether a certificate that the client shows is verified
     */
    record Tls(SSLEngine engine, boolean verifies) {}

    /** For a new connection; empty: in plain text. */
    Optional<Tls> tls();

    /** Whether a user and a password are needed for everything. */
    boolean hasUsers();

    /** What {@link #knows} found a short time ago; does not block. */
    Optional<Boolean> remembers(String user, String password);

    /** Whether it is the user's password. Takes some 100 ms of CPU time, as long for any answer. */
    boolean knows(String user, String password);

    /** Whether one more request is allowed now; counts it. */
    boolean allows();

    /** What each response says beside what it says itself. */
    Map<String, String> headers();
}

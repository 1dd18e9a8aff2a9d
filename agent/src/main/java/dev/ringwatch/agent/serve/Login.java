package dev.ringwatch.agent.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Optional;

/** A user and a password as a request presents them (RFC 7617). */
record Login(String user, String password) {
    private static final String BASIC = "Basic ";

    /** Those of a request, if it has some that can be read. */
    static Optional<Login> of(Request request) {
        return request.header(Request.AUTHORIZATION)
                .filter(value -> value.regionMatches(true, 0, BASIC, 0, BASIC.length()))
                .flatMap(value -> decoded(value.substring(BASIC.length()).strip()));
    }

    private static Optional<Login> decoded(String base64) {
        try {
            String pair = new String(Base64.getDecoder().decode(base64), UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0
                    ? Optional.empty()
                    : Optional.of(new Login(pair.substring(0, colon), pair.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Passwords do not get into logs. */
    @Override
    public String toString() {
        return "Login[user=" + user + "]";
    }
}

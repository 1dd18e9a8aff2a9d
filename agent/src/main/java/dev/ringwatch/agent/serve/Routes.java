package dev.ringwatch.agent.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Which route answers which path, and who may see it. Immutable, made by a {@link Builder}.
 *
 * <p>An exact path wins over a prefix, a longer prefix over a shorter one. A private route is
 * answered on unix sockets, whose mode says who may connect, and on TCP only to who presents the
 * token, as {@code Authorization: Bearer TOKEN}, {@code ?token=TOKEN} or a cookie, a user's password,
 * or a certificate that is verified. A page is a private route for browsers: a token in its address
 * becomes a cookie, and who may not see it is answered by a {@link Door}.
 */
public final class Routes {
    private static final String BEARER = "Bearer ";

    /** Who may see what a route answers. */
    public enum Visibility {
        /** Everybody who can connect. */
        PUBLIC,
        /** It shows other people's processes: unix sockets, and who is known. */
        PRIVATE
    }

    /**
     * A route, and who may see it.
     *
     * @param door of a page
     */
    record Entry(Route route, Visibility visibility, Optional<Door> door) {
        boolean isPrivate() {
            return visibility == Visibility.PRIVATE;
        }
    }

    private final Map<String, Entry> exact;
    private final TreeMap<String, Entry> prefixes;
    private final Optional<byte[]> token;

    private Routes(Builder builder) {
        this.exact = Map.copyOf(builder.exact);
        this.prefixes = new TreeMap<>(builder.prefixes);
        this.token = builder.token.map(text -> text.getBytes(UTF_8));
    }

    /** Starts with no routes and no token. */
    public static Builder builder() {
        return new Builder();
    }

    Optional<Entry> find(String path) {
        Entry entry = exact.get(path);
        return entry != null ? Optional.of(entry) : longestPrefix(path);
    }

    /** Prefixes of a path sort before it, the longest last; others may lie between. */
    private Optional<Entry> longestPrefix(String path) {
        for (var candidate : prefixes.headMap(path, true).descendingMap().entrySet()) {
            if (path.startsWith(candidate.getKey())) {
                return Optional.of(candidate.getValue());
            }
        }
        return Optional.empty();
    }

    /** Whether this request may see what a private route answers. */
    boolean admits(Request request) {
        return request.onUnixSocket() || hasToken(request);
    }

    /** Whether this request presents the token. */
    boolean hasToken(Request request) {
        return presented(request).anyMatch(this::isToken);
    }

    /** Whether this request presents some token, right or wrong; other servers' cookies are none. */
    static boolean presentsToken(Request request) {
        return told(request).isPresent() || SessionCookie.isIn(request);
    }

    /** What a page is answered whose address has a token. */
    Reply withoutToken(Request request, boolean encrypted) {
        return request.parameter(Request.TOKEN)
                .filter(this::isToken)
                .map(token -> SessionCookie.exchange(request, token, encrypted))
                .orElseGet(() -> SessionCookie.redirect(request));
    }

    /** What to tell who was not admitted. */
    String refusal() {
        String reason = "shows other people's processes: ask on the agent's unix socket";
        return token.isPresent()
                ? reason + ", or send its token (Authorization: Bearer TOKEN, or ?token=TOKEN)"
                : reason;
    }

    private static Stream<String> presented(Request request) {
        return Stream.concat(told(request).stream(), SessionCookie.tokens(request));
    }

    private static Optional<String> told(Request request) {
        Optional<String> bearer =
                request.header(Request.AUTHORIZATION)
                        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                        .map(value -> value.substring(BEARER.length()).strip());
        return bearer.or(() -> request.parameter(Request.TOKEN));
    }

    private boolean isToken(String candidate) {
        return token.filter(own -> MessageDigest.isEqual(own, candidate.getBytes(UTF_8)))
                .isPresent();
    }

    /** Collects routes. Not safe for several threads. */
    public static final class Builder {
        private final Map<String, Entry> exact = new HashMap<>();
        private final Map<String, Entry> prefixes = new HashMap<>();
        private Optional<String> token = Optional.empty();

        private Builder() {}

        /**
         * Answers exactly this path.
         *
         * @throws IllegalArgumentException if it is taken or does not start with a slash
         */
        public Builder path(String path, Visibility visibility, Route route) {
            put(exact, path, new Entry(route, visibility, Optional.empty()));
            return this;
        }

        /**
         * A page at exactly this path.
         *
         * @param door answers over TCP who has not signed in
         * @throws IllegalArgumentException if it is taken or does not start with a slash
         */
        public Builder page(String path, Route route, Door door) {
            put(exact, path, new Entry(route, Visibility.PRIVATE, Optional.of(door)));
            return this;
        }

        /**
         * Pages at every path that starts so and has nothing better.
         *
         * @param prefix ends with a slash
         * @param door answers over TCP who has not signed in
         * @throws IllegalArgumentException if it is taken or lacks a slash at either end
         */
        public Builder pages(String prefix, Route route, Door door) {
            putPrefix(prefix, new Entry(route, Visibility.PRIVATE, Optional.of(door)));
            return this;
        }

        /**
         * Answers every path that starts so and has nothing better.
         *
         * @param prefix ends with a slash, so that it ends where a path's segment does
         * @throws IllegalArgumentException if it is taken or lacks a slash at either end
         */
        public Builder prefix(String prefix, Visibility visibility, Route route) {
            putPrefix(prefix, new Entry(route, visibility, Optional.empty()));
            return this;
        }

        /**
         * Lets who presents this token see private routes over TCP. Without a token nobody does.
         *
         * @throws IllegalArgumentException if the token is shorter than 16 characters
         */
        public Builder token(String secret) {
            if (secret.length() < 16) {
                throw new IllegalArgumentException("a token has at least 16 characters");
            }
            token = Optional.of(secret);
            return this;
        }

        /** The routes so far. */
        public Routes build() {
            return new Routes(this);
        }

        private void putPrefix(String prefix, Entry entry) {
            if (!prefix.endsWith("/")) {
                throw new IllegalArgumentException(prefix + ": a prefix ends with a slash");
            }
            put(prefixes, prefix, entry);
        }

        private static void put(Map<String, Entry> into, String path, Entry entry) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException(path + ": a path starts with a slash");
            }
            if (into.putIfAbsent(path, entry) != null) {
                throw new IllegalArgumentException(path + ": has a route already");
            }
        }
    }
}

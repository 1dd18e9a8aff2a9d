package dev.ringwatch.agent.serve;

import java.util.Locale;

/** The limits of a server that can be hit; {@link Server#limitsReached} counts how often. */
public enum Limit {
    /** Connections open at once, TCP and unix sockets apart; one more is answered 503 and closed. */
    CONNECTIONS,
    /** Requests worked on at once; one more is answered 503. */
    CONCURRENT_REQUESTS,
    /** Passwords being checked at once; one more is answered 503. */
    PASSWORD_CHECKS,
    /** Requests in a time, as {@link Security#allows} has it; one more is answered 429. */
    REQUEST_RATE,
    /** Requests waiting on one connection for the one before; beyond, the connection is closed. */
    PIPELINED_REQUESTS,
    /** Bytes of a request line; a longer one is answered 414. */
    REQUEST_LINE,
    /** Bytes of a request's headers; more are answered 431. */
    HEADERS,
    /** Bytes of a request's body: none, 413. */
    BODY,
    /** Time for a client to send a request it began; beyond, 408. */
    READING,
    /** Time for a client to take a response; beyond, the connection is closed. */
    WRITING;

    /** The value of the label {@code limit}, as in {@code http_connections}. */
    public String label() {
        return "http_" + name().toLowerCase(Locale.ROOT);
    }
}

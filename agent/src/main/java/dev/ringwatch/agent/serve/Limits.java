package dev.ringwatch.agent.serve;

import java.time.Duration;

/**
 * What a server allows its clients. All positive.
 *
 * @param connections open at once, over TCP and over unix sockets each, so that the network cannot
 *     lock out who is on the machine
 * @param concurrentRequests worked on at once
 * @param passwordChecks being made at once, or waiting for it
 * @param requestLineBytes longest request line
 * @param headerBytes all headers of a request together
 * @param idle how long a connection may wait between requests
 * @param reading how long a request may take from its first byte to its last
 * @param writing how long a client may take to read a response
 * @param closing how long {@link Server#close} waits for running responses
 */
public record Limits(
        int connections,
        int concurrentRequests,
        int passwordChecks,
        int requestLineBytes,
        int headerBytes,
        Duration idle,
        Duration reading,
        Duration writing,
        Duration closing) {

    /** Far more than scrapers and people need; few enough to leave descriptors for /proc. */
    private static final int CONNECTIONS = 512;

    /** A scrape takes milliseconds: more at once is a storm, and each holds its answer in memory. */
    private static final int CONCURRENT_REQUESTS = 256;

    /** Some seconds of one CPU, so that guessing does not keep others from their scrapes. */
    private static final int PASSWORD_CHECKS = 16;

    /** A question about a path of PATH_MAX, 4096 bytes, each percent-encoded in three. */
    private static final int REQUEST_LINE_BYTES = 16 * 1024;

    /** What other servers allow; a scraper sends less than 1 KiB. */
    private static final int HEADER_BYTES = 16 * 1024;

    /** Longer than the usual scrape intervals, so that a scraper keeps its connection. */
    private static final Duration IDLE = Duration.ofMinutes(2);

    /** Prometheus gives up on a whole scrape after 10 seconds. */
    private static final Duration READING = Duration.ofSeconds(10);

    /** A snapshot of 20 MiB over a link of 3 Mbit/s. */
    private static final Duration WRITING = Duration.ofMinutes(1);

    /** Less than the 10 seconds between docker's SIGTERM and SIGKILL. */
    private static final Duration CLOSING = Duration.ofSeconds(5);

    public Limits {
        positive(connections, "connections");
        positive(concurrentRequests, "concurrentRequests");
        positive(passwordChecks, "passwordChecks");
        positive(requestLineBytes, "requestLineBytes");
        positive(headerBytes, "headerBytes");
        positive(idle, "idle");
        positive(reading, "reading");
        positive(writing, "writing");
        positive(closing, "closing");
    }

    /** The limits for an agent: each default has its reason beside it in the source. */
    public static Limits defaults() {
        return new Limits(
                CONNECTIONS,
                CONCURRENT_REQUESTS,
                PASSWORD_CHECKS,
                REQUEST_LINE_BYTES,
                HEADER_BYTES,
                IDLE,
                READING,
                WRITING,
                CLOSING);
    }

    private static void positive(int value, String name) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive, not " + value);
        }
    }

    private static void positive(Duration value, String name) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + " must be positive, not " + value);
        }
    }
}

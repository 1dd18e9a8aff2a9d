package dev.ringwatch.agent.observe;

import java.time.Duration;

/**
 * How one source did.
 *
 * @param up whether it answered
 * @param took how long it took; zero if it was not asked
 * @param detail one line for people: what it saw, or why it is down and the cure
 */
public record SourceReport(Source source, boolean up, Duration took, String detail) {}

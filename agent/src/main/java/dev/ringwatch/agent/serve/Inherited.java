package dev.ringwatch.agent.serve;

/**
 * A socket that listens already, made by whoever started this process. Its file and mode are theirs.
 *
 * @param fd not blocking; the server's from now on
 * @param address where it listens
 */
public record Inherited(int fd, ListenAddress address) {}

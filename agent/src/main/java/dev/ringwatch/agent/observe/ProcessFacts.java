package dev.ringwatch.agent.observe;

import java.util.Optional;

/**
 * A process.
 *
 * @param comm its command name as the kernel keeps it: up to 15 bytes, chosen by the process itself
 * @param startTime an opaque number that tells it from a later process of the same id
 * @param unit its systemd service, where it belongs to one
 */
public record ProcessFacts(int pid, String comm, int uid, long startTime, Optional<String> unit) {}

package dev.ringwatch.agent.bpf;

/**
 * A BPF map.
 *
 * @param entries its capacity
 * @param bytes what keys and values take when it is full
 */
public record MapSize(String name, long entries, long bytes) {}

package dev.ringwatch.uring;

/** Options. */
public record RingOptions(int entries) {}

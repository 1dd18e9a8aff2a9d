package dev.ringwatch.agent.track;

/** Recognises the same thing in a later observation. */
record SightingKey(String what, long identity, long detail) {}

package dev.ringwatch.uring.sys;

/** Errno. */
public record Errno(int code) {}

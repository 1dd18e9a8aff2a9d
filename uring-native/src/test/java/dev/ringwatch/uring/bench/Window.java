package dev.ringwatch.uring.bench;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a contender did in one stretch of time.
 *
 * @param operations at least 1
 * @param nanos how long it was
 * @param cpuNanos processor time of the contender's process, user and system, all threads
 * @param perEnter operations for each io_uring_enter, where the contender counts them
 * @param allocated bytes of Java heap its thread took, where it knows
 * @param latency from request to answer, where there is a load generator
 */
record Window(
        long operations,
        long nanos,
        long cpuNanos,
        OptionalDouble perEnter,
        OptionalLong allocated,
        Optional<Latency> latency) {
    /** Percentiles in nanoseconds. */
    record Latency(long p99, long p999) {}

    Window {
        if (operations < 1) {
            throw new BenchException("a contender did nothing in " + nanos + " ns");
        }
    }

    double cpuPerOperation() {
        return (double) cpuNanos / operations;
    }

    double perSecond() {
        return operations * 1e9 / nanos;
    }
}

package dev.ringwatch.uring.bench;

import java.util.List;

/**
 * What is compared under one heading.
 *
 * @param title what is done, with its sizes
 * @param unit one operation, such as "message"
 * @param ours the contender that the ratios are of
 * @param peers those it is compared with, at least one
 */
record Comparison(String title, String unit, Drive drive, Contender ours, List<Peer> peers) {
    Comparison {
        peers = List.copyOf(peers);
    }

    /** What makes the contenders work. */
    sealed interface Drive {
        /** They do so by themselves, for a time they are told. */
        record Itself() implements Drive {}

        /** The load generator, over loopback: messages that come back. */
        record Echo(int connections, int bytes) implements Drive {}

        /**
         * The load generator, over loopback: messages that come back, sent at a fixed rate.
         *
         * @param share of what the slowest contender can do
         */
        record Paced(int connections, int bytes, double share) implements Drive {}

        /** The load generator, over loopback: HTTP requests for a file it can read too. */
        record Get(int connections, String file, long bytes) implements Drive {}
    }

    /**
     * Somebody to be compared with.
     *
     * @param goal what is aimed at, or nothing
     */
    record Peer(Contender contender, Goal goal) {}

    /** What is aimed at, as ratios of ours to the peer's. */
    sealed interface Goal {
        /** Nothing: published to be seen. */
        record None() implements Goal {}

        /** Processor time an operation. */
        record Cpu(double atMost) implements Goal {}

        /** Processor time an operation, and operations a second. */
        record CpuAndThroughput(double cpuAtMost, double throughputAtLeast) implements Goal {}

        /** The 99th and the 99.9th percentile from when a message was due to its answer. */
        record Latency(double atMost) implements Goal {}
    }
}

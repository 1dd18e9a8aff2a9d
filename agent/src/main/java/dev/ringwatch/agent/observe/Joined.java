package dev.ringwatch.agent.observe;

import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What a join gives: the parts of an observation that do not depend on the clock. */
record Joined(
        Map<Integer, ProcessFacts> processes,
        List<FileFacts> files,
        List<RingFacts> rings,
        List<SocketFacts> sockets,
        List<RequestFacts> requests,
        Set<Long> inhabited,
        Map<Integer, Long> firstPackets,
        OptionalInt inFlightSockets,
        Optional<Map<Integer, Integer>> sent,
        Optional<Map<Integer, Integer>> workers,
        ReferenceGraph graph,
        List<String> incomplete,
        Map<Integer, List<Attribution>> attributions) {}

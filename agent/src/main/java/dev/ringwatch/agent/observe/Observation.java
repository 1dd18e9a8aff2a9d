package dev.ringwatch.agent.observe;

import dev.ringwatch.core.graph.ReferenceGraph;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What was seen of the machine at one moment. Immutable; everything an agent says at a time is said
 * from one observation.
 *
 * <p>Files are numbered as in {@link #graph}: {@code files.get(i)} tells of the graph's file {@code
 * i}. What could not be read is absent, never 0.
 *
 * @param takenAt when looking began
 * @param nanos the same moment on a clock that nobody sets ({@link System#nanoTime})
 * @param took how long it took
 * @param sources what was asked, and whether it answered
 * @param incomplete why something may be missing; empty when nothing is
 * @param processes by process id
 * @param requests those in flight that could be listed
 * @param inhabited the network namespaces that a task is in, by inode number; empty where that is not
 *     known
 * @param firstPackets for each socket with descriptors in its queue, by file, a number that changes
 *     when the first packet that carries descriptors does; meaningless otherwise
 * @param inFlightSockets AF_UNIX sockets that are themselves in flight, or absent
 * @param sent by a socket's file, the descriptors in flight that were sent from it; those of sockets
 *     closed since are nobody's. Absent where senders cannot be read
 * @param workers by process id, the threads that do its rings' requests; absent where they cannot be
 *     told from others
 * @param collectorRan whether the kernel's collector is known to have run, over everything in flight,
 *     between the end of the same observer's observation before and the beginning of this one
 * @param attributions for rings and for files in queues, by file, the last calls that made them hold
 *     or be held, oldest first; only of calls that were traced
 * @param activity what was counted since the observer was opened; empty where nothing is counted
 */
public record Observation(
        Instant takenAt,
        long nanos,
        Duration took,
        List<SourceReport> sources,
        List<String> incomplete,
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
        boolean collectorRan,
        Optional<Activity> activity,
        ReferenceGraph graph,
        Map<Integer, List<Attribution>> attributions) {

    public Observation {
        sources = List.copyOf(sources);
        incomplete = List.copyOf(incomplete);
        processes = Map.copyOf(processes);
        files = List.copyOf(files);
        rings = List.copyOf(rings);
        sockets = List.copyOf(sockets);
        requests = List.copyOf(requests);
        inhabited = Set.copyOf(inhabited);
        firstPackets = Map.copyOf(firstPackets);
        sent = sent.map(Map::copyOf);
        workers = workers.map(Map::copyOf);
        attributions = Map.copyOf(attributions);
    }

    /** Whether everything that is looked for was seen. */
    public boolean complete() {
        return incomplete.isEmpty();
    }
}

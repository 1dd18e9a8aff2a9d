package dev.ringwatch.agent.fleet;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.FileFacts;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RequestFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Collects what is seen of one simulated machine at one moment. For one thread. */
final class Sight {
    private final ReferenceGraph.Builder graph = new ReferenceGraph.Builder();
    private final Map<Integer, ProcessFacts> processes = new HashMap<>();
    private final Map<Integer, Integer> workers = new HashMap<>();
    private final List<FileFacts> files = new ArrayList<>();
    private final List<RingFacts> rings = new ArrayList<>();
    private final List<SocketFacts> sockets = new ArrayList<>();
    private final List<RequestFacts> requests = new ArrayList<>();
    private final Map<Integer, Long> firstPackets = new HashMap<>();
    private final Map<Integer, Integer> sent = new HashMap<>();

    void process(ProcessFacts facts, int itsWorkers) {
        processes.put(facts.pid(), facts);
        workers.put(facts.pid(), itsWorkers);
    }

    /** Adds an open file that is the same in all observations with this number. */
    int file(FileKind kind, long number, int references, Holder... holders) {
        int file = graph.file(kind, references, false);
        files.add(new FileFacts(kind, number, number, 0, ""));
        for (Holder holder : holders) {
            graph.outside(file, holder);
        }
        return file;
    }

    void ring(RingFacts facts) {
        rings.add(facts);
    }

    void slot(int ring, int file, int slot) {
        graph.slot(ring, file, slot);
    }

    void request(RequestFacts facts) {
        requests.add(facts);
    }

    void socket(SocketFacts facts, long firstPacket) {
        sockets.add(facts);
        firstPackets.put(facts.file(), firstPacket);
    }

    void queued(int socket, int file, int packet) {
        graph.queued(socket, file, packet);
    }

    void sent(int socket, int n) {
        sent.put(socket, n);
    }

    Observation at(Instant at, Duration took, List<SourceReport> sources, Activity activity) {
        return new Observation(
                at,
                at.getEpochSecond() * 1_000_000_000L + at.getNano(),
                took,
                sources,
                List.of(),
                processes,
                files,
                rings,
                sockets,
                requests,
                Set.of(),
                firstPackets,
                OptionalInt.of(0),
                Optional.of(sent),
                Optional.of(workers),
                true,
                Optional.of(activity),
                graph.build(),
                Map.of());
    }
}

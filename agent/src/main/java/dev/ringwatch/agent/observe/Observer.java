package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;

/** Takes observations. For one thread at a time, always the same one. */
public final class Observer implements AutoCloseable {
    private final InstantSource clock;
    private final BpfSnapshots bpf;

    public Observer(InstantSource clock) throws BpfUnavailableException {
        this.clock = clock;
        bpf = BpfSnapshots.load(BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
    }

    public Observation observe() throws BpfUnavailableException {
        Instant at = clock.instant();
        long begin = System.nanoTime();
        var snapshot = bpf.take();
        var t2 = System.nanoTime();
        BpfJoin.Joined joined = new BpfJoin(snapshot).join();
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        System.err.println(
                "take " + (t2 - begin) / 1e6 + " join " + (System.nanoTime() - t2) / 1e6);
        return new Observation(
                at,
                took,
                List.of(new SourceReport(Source.BPF, true, took, "")),
                snapshot.incomplete(),
                joined.processes(),
                joined.files(),
                joined.rings(),
                joined.sockets(),
                OptionalInt.of(joined.inFlightSockets()),
                joined.graph());
    }

    @Override
    public void close() {
        bpf.close();
    }
}

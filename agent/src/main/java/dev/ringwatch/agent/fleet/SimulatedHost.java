package dev.ringwatch.agent.fleet;

import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.serve.Limit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/**
 * A machine that is not there: what an agent would see of it, with values that move from one look to
 * the next and differ from machine to machine. The same number gives the same machine. For one thread.
 */
final class SimulatedHost {
    /** One machine in so many has something that a finding tells of. */
    private static final int ONE_IN = 10;

    /** How far apart the services of neighbouring machines are. */
    private static final int STRIDE = 5;

    /** The agent's buckets: 10 us to 10 s. */
    private static final List<Duration> BOUNDS = bounds();

    /** What the BPF objects of a default agent map. */
    private static final List<String> MAPS =
            List.of(
                    "collector_actors",
                    "collector_control",
                    "descriptors",
                    "edges",
                    "files",
                    "freed_actors",
                    "lifecycle_actors",
                    "lifecycle_control",
                    "lifecycle_exiting",
                    "lifecycle_made",
                    "names",
                    "processes",
                    "requests",
                    "rings",
                    "slots",
                    "sockets",
                    "task_links",
                    "vertices",
                    "waits_actors");

    private static final List<String> FEATURES =
            List.of(
                    "bpf",
                    "bpf_component_indices",
                    "bpf_nodes",
                    "bpf_packets",
                    "bpf_requests",
                    "bpf_ring_files",
                    "bpf_socket_files",
                    "bpf_vertices",
                    "collector",
                    "freed",
                    "lifecycle",
                    "stacks_registrations",
                    "stacks_sends",
                    "waits");

    private static final Set<EventKind> MEASURED =
            EnumSet.complementOf(EnumSet.of(EventKind.SENDS_REJECTED)); // only with "hot"

    private final Random random;
    private final List<SimulatedService> services = new ArrayList<>();
    private final long[] teardowns = new long[BOUNDS.size() + 1];
    private final long[] runs = new long[BOUNDS.size() + 1];
    private Duration teardownTime = Duration.ZERO;
    private Duration runTime = Duration.ZERO;
    private long freed;
    private long punts;
    private Instant lastRun = Instant.EPOCH;

    /**
     * @param groups how many services run there, 1 to {@link ServiceName#COUNT}
     */
    SimulatedHost(int number, int groups) {
        random = new Random(number);
        for (int i = 0; i < groups; i++) {
            boolean stuck = i == 0 && number % ONE_IN == 0;
            ServiceName name = ServiceName.of(number * STRIDE + i);
            services.add(new SimulatedService(random, i, name, stuck));
        }
    }

    private static List<Duration> bounds() {
        List<Duration> bounds = new ArrayList<>();
        for (long nanos = 10_000; nanos < 10_000_000_000L; nanos *= 10) {
            bounds.add(Duration.ofNanos(nanos));
            bounds.add(Duration.ofNanos(3 * nanos));
        }
        bounds.add(Duration.ofSeconds(10));
        return List.copyOf(bounds);
    }

    /** What is seen of it, later than all before. */
    Observation observe(Instant at) {
        Sight sight = new Sight();
        for (SimulatedService service : services) {
            service.step();
            service.addTo(sight);
        }
        step(at);
        Duration took = Duration.ofNanos(8_000_000L + random.nextInt(6_000_000));
        return sight.at(at, took, sources(took), activity());
    }

    private void step(Instant at) {
        teardownTime = teardownTime.plus(count(teardowns, 4, random.nextInt(3)));
        int more = 1 + random.nextInt(6);
        runTime = runTime.plus(count(runs, 0, more));
        freed += random.nextInt(3);
        punts += random.nextInt(3);
        lastRun = at.minusMillis(random.nextInt(10_000));
    }

    /** Adds so many durations near a bucket, and gives their sum. */
    private Duration count(long[] buckets, int near, int n) {
        Duration sum = Duration.ZERO;
        for (int i = 0; i < n; i++) {
            int bucket = near + Math.min(random.nextInt(4), random.nextInt(4));
            buckets[bucket]++;
            sum = sum.plus(BOUNDS.get(bucket).minusNanos(random.nextInt(9_000)));
        }
        return sum;
    }

    private List<SourceReport> sources(Duration took) {
        List<SourceReport> sources = new ArrayList<>();
        for (Source source :
                List.of(
                        Source.BPF,
                        Source.COLLECTOR,
                        Source.FREED,
                        Source.LIFECYCLE,
                        Source.WAITS)) {
            sources.add(new SourceReport(source, true, took, "simulated"));
        }
        return sources;
    }

    private Activity activity() {
        List<Activity.Actor> actors = new ArrayList<>();
        services.forEach(service -> actors.add(service.actor()));
        ProcessFacts kernel = new ProcessFacts(0, "kernel", -1, 0, List.of());
        actors.add(new Activity.Actor(kernel, true, Map.of(EventKind.IOWQ_PUNTS, punts)));
        return new Activity(
                MEASURED,
                actors,
                Optional.empty(),
                Optional.of(durations(teardowns, teardownTime)),
                Optional.of(
                        new Activity.CollectorRuns(
                                durations(runs, runTime),
                                OptionalLong.of(freed),
                                OptionalLong.of(freed * 2),
                                Optional.of(lastRun),
                                Optional.of(false))));
    }

    private static Activity.Durations durations(long[] counts, Duration sum) {
        return new Activity.Durations(BOUNDS, Arrays.stream(counts).boxed().toList(), sum);
    }

    /** What its agent would say of itself, where the kernel lets it do everything. */
    static AgentStatus status(String version) {
        Map<String, Boolean> features = new HashMap<>();
        FEATURES.forEach(name -> features.put(name, !name.startsWith("stacks")));
        Map<String, Long> limits = new HashMap<>();
        for (Limit limit : Limit.values()) {
            limits.put(limit.label(), 0L);
        }
        return new AgentStatus(
                version,
                features,
                MAPS.stream().map(name -> new AgentStatus.BpfMap(name, 4096, 294_912)).toList(),
                List.of(),
                OptionalLong.of(0),
                Map.of("max_table_bytes", false),
                Map.of("agent", true),
                limits);
    }
}

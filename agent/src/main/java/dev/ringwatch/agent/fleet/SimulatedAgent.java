package dev.ringwatch.agent.fleet;

import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.metrics.Exposition;
import dev.ringwatch.agent.metrics.RingwatchCollector;
import dev.ringwatch.agent.serve.MetricsRoute;
import dev.ringwatch.agent.serve.Request;
import dev.ringwatch.agent.serve.Response;
import dev.ringwatch.agent.serve.Route;
import dev.ringwatch.agent.track.GroupRules;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * An agent on a simulated machine: the real tracker, the real exposition, the real route. It looks
 * once for each scrape. Safe for any thread.
 */
final class SimulatedAgent implements Route {
    /** Short, so that a run of minutes has findings. */
    private static final Thresholds THRESHOLDS = Thresholds.all(Duration.ofSeconds(20));

    private final InstantSource clock;
    private final SimulatedHost host;
    private final Tracker tracker;
    private final AgentStatus status;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final MetricsRoute route = new MetricsRoute(registry);
    private final Written written = new Written();

    /** What the next scrape shows, if that was looked at before; a fleet has no room for all. */
    private Optional<Tracked> prepared = Optional.empty();

    /**
     * @param own meters of an agent's own process, as the JVM and Micrometer have them
     */
    SimulatedAgent(
            int number,
            int groups,
            InstantSource clock,
            AgentStatus status,
            PrometheusRegistry own) {
        this.clock = clock;
        this.status = status;
        host = new SimulatedHost(number, groups);
        tracker = new Tracker(THRESHOLDS, rules(groups));
        tracker.accept(host.observe(clock.instant()));
        MultiCollector meters = own::scrape;
        registry.register(new RingwatchCollector(this::render));
        registry.register(meters);
    }

    private static GroupRules rules(int groups) {
        return new GroupRules(
                List.of(ServiceName.PODS),
                Math.max(groups, GroupRules.DEFAULT.max()),
                GroupRules.DEFAULT.minAge(),
                GroupRules.DEFAULT.linger(),
                Path.of("/"));
    }

    /** Looks at the machine for the next scrape, later than before. */
    synchronized void look() {
        prepared = Optional.of(seen());
    }

    private Tracked seen() {
        return tracker.accept(host.observe(clock.instant()));
    }

    private synchronized MetricSnapshots render() {
        Tracked tracked = prepared.orElseGet(this::seen);
        prepared = Optional.empty();
        return Exposition.of(tracked, status, clock.instant());
    }

    /** What it shows, with the meters of the agent's own process. */
    MetricSnapshots scrape() {
        return registry.scrape();
    }

    @Override
    public Response answer(Request request) throws IOException, InterruptedException {
        Response response = route.answer(request);
        written.add(response.body());
        return response;
    }

    Written written() {
        return written;
    }
}

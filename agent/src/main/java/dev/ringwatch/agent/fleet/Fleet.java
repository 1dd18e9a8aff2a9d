package dev.ringwatch.agent.fleet;

import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.serve.Limits;
import dev.ringwatch.agent.serve.ListenAddress;
import dev.ringwatch.agent.serve.ListenException;
import dev.ringwatch.agent.serve.Request;
import dev.ringwatch.agent.serve.Response;
import dev.ringwatch.agent.serve.Routes;
import dev.ringwatch.agent.serve.Routes.Visibility;
import dev.ringwatch.agent.serve.Security;
import dev.ringwatch.agent.serve.Server;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Simulated agents behind one real server on loopback, each at a path of its own: {@code
 * /NAME/metrics}. Safe for any thread.
 */
public final class Fleet implements AutoCloseable {
    /** A scraper keeps a connection to each. */
    private static final int MORE_CONNECTIONS = 64;

    private final Map<String, SimulatedAgent> agents = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final Server server;

    /**
     * Makes the agents and serves them on a port that the kernel chooses.
     *
     * @param groups on each machine, 1 to 200
     * @param own meters of an agent's own process
     * @throws ListenException if the server cannot start
     */
    public Fleet(int size, int groups, String version, PrometheusRegistry own)
            throws ListenException {
        AgentStatus status = SimulatedHost.status(version);
        for (int i = 0; i < size; i++) {
            String name = "node-%04d".formatted(i);
            names.add(name);
            agents.put(name, new SimulatedAgent(i, groups, InstantSource.system(), status, own));
        }
        server =
                Server.start(
                        List.of(new ListenAddress.Tcp("127.0.0.1", 0)),
                        List.of(),
                        Routes.builder().prefix("/", Visibility.PUBLIC, this::answer).build(),
                        Security.NONE,
                        limits(size));
    }

    private static Limits limits(int size) {
        Limits usual = Limits.defaults();
        return new Limits(
                size + MORE_CONNECTIONS,
                usual.concurrentRequests(),
                usual.passwordChecks(),
                usual.requestLineBytes(),
                usual.headerBytes(),
                usual.idle(),
                usual.reading(),
                usual.writing(),
                usual.closing());
    }

    private Response answer(Request request) throws IOException, InterruptedException {
        String[] parts = request.path().split("/", -1);
        SimulatedAgent agent = parts.length == 3 ? agents.get(parts[1]) : null;
        return agent == null || !parts[2].equals("metrics")
                ? Response.line(404, "404: no such agent")
                : agent.answer(request);
    }

    /** Where it listens, as {@code HOST:PORT}. */
    public String address() {
        return server.addresses().getFirst().toString();
    }

    /** What the agents are called. */
    public List<String> names() {
        return List.copyOf(names);
    }

    /** What all agents have written since the start. */
    public Written.Amount written() {
        return agents.values().stream()
                .map(agent -> agent.written().amount())
                .reduce(new Written.Amount(0, 0, 0), Written.Amount::plus);
    }

    /** What one agent has written since the start. */
    public Written.Amount written(String name) {
        SimulatedAgent agent = agents.get(name);
        if (agent == null) {
            throw new IllegalArgumentException("no agent " + name);
        }
        return agent.written().amount();
    }

    /** Answers no more. */
    @Override
    public void close() {
        server.close();
    }
}

package dev.ringwatch.dashboards;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Leaks of the zoo, two agents that watch them, Prometheus and Alertmanager with the committed files,
 * in which time runs faster ({@link FastTime}), and a receiver: all on loopback and of its own.
 * Closing it ends what it started.
 */
final class World implements Closeable {
    private static final int SLOTS = 32;

    /** Only what this test makes: the machine's other users have leaks of their own. */
    private static final String OWN = "e2e-[^l].*";

    /**
     * The leak that fills something, on an instance of its own: there it inhibits what is told of
     * queues.
     */
    private static final String OF_SMALL_AGENT = "e2e-limit";

    /** The default thresholds, divided as everything is, but no less than some observations. */
    private static final String COMMON =
            """
            groups:
              rules: [{comm: ^(e2e-.*)$, group: $1}]
              min_age: 0s
            thresholds:
              never_received: 5s
              pinned_by_ring: 1s
              orphan_ring: 1s
              stuck_request: 10s
              near_limit: 1s
            """;

    private static final String AGENT =
            COMMON
                    + """
                    interval: 250ms
                    features: {hot: on}
                    """;

    /** Its tables have no room for what a crowd of processes does in a second. */
    private static final String SMALL_AGENT =
            COMMON
                    + """
                    interval: 1s
                    features: {collector: off, freed: off}
                    limits: {max_actors: 16}
                    """;

    private static final String UNUSABLE = "interval: soon\n";

    private final Path folder;
    private final Opened opened = new Opened();
    private final Map<String, Leak> leaks = new LinkedHashMap<>();
    private final RunningAgent agent;
    private final RunningAgent smallAgent;
    private final Monitoring monitoring;

    private World(Path folder) throws Exception {
        this.folder = folder;
        // The agent becomes another user, who must be able to read its configuration again.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            launchWhatLasts();
            agent = opened.add(RunningAgent.start("agent", folder, AGENT));
            smallAgent = opened.add(RunningAgent.start("small-agent", folder, SMALL_AGENT));
            launchWhatHappensOnce();
            for (Leak leak : leaks.values()) {
                leak.awaitReady();
            }
            monitoring =
                    Monitoring.start(
                            opened,
                            folder,
                            "1s",
                            List.of(
                                    new Monitoring.Watched(agent, OWN),
                                    new Monitoring.Watched(smallAgent, OF_SMALL_AGENT)));
            // What inhibits must be told first, and Alertmanager is known by now.
            launchC("e2e-limit", "in-flight-limit");
            leak("e2e-limit").awaitReady();
            fillTable();
            agent.reload(UNUSABLE);
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    /** Starts everything, and has every situation stand. */
    static World start(Path folder) throws Exception {
        return new World(folder);
    }

    private void launchWhatLasts() throws Exception {
        launchJava("e2e-queued", "queued", 3);
        launchJava("e2e-pinned", "pinned-deleted", 0);
        launchJava("e2e-table", "growing-table", SLOTS);
        launchJava("e2e-stuck", "stuck-poll", 0);
        launchJava("e2e-orphan", "self-polling-ring", 0);
        launchC("e2e-overflow", "overflowing");
        launchC("e2e-crowd", "crowd");
        launchC("e2e-collected", "collected");
    }

    /** An agent that does not run yet would not know of it. */
    private void launchWhatHappensOnce() throws Exception {
        launchJava("e2e-worker", "worker", 0);
        launchC("e2e-refused", "refused");
    }

    private void launchJava(String group, String kind, int size) {
        leaks.put(group, opened.add(Leak.java(folder, group, kind, size)));
    }

    private void launchC(String group, String kind) throws Exception {
        leaks.put(group, opened.add(Leak.c(folder, group, kind)));
    }

    /** The agent has seen it emptier: a table that was made full is none. */
    private void fillTable() throws Exception {
        prometheus()
                .await(
                        "table that is half full",
                        "ringwatch_uring_worst_file_table_usage_ratio{group=\"e2e-table\"} == 0.5",
                        series -> series.size() == 1);
        for (int taken = SLOTS / 2; taken < SLOTS - 1; taken++) {
            leak("e2e-table").ask();
        }
    }

    private Leak leak(String group) {
        return Objects.requireNonNull(leaks.get(group));
    }

    /** What has been told. */
    Receiver receiver() {
        return monitoring.receiver();
    }

    /** Looks at everything but what fills a limit; goes by an old configuration until it is mended. */
    RunningAgent agent() {
        return agent;
    }

    /** Looks at what fills a limit, and loses events until there is less to see. */
    RunningAgent smallAgent() {
        return smallAgent;
    }

    Prometheus prometheus() {
        return monitoring.prometheus();
    }

    /** Ends every leak, and whatever else is wrong. */
    void mend() throws Exception {
        agent.reload(AGENT);
        for (Leak leak : leaks.values()) {
            leak.close();
        }
        leaks.clear();
    }

    @Override
    public void close() throws IOException {
        opened.close();
    }
}

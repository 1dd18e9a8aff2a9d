package dev.ringwatch.dashboards;

import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The real agent in a process of its own, with a configuration that the test writes. */
final class RunningAgent implements Closeable {
    private final String name;
    private final Path folder;
    private final Path configuration;
    private final Http http;
    private Started process;

    private RunningAgent(String name, Path folder, Path configuration, int port) {
        this.name = name;
        this.folder = folder;
        this.configuration = configuration;
        http = new Http(port);
        process = launched();
    }

    /** Starts one, and waits until it has observed. */
    static RunningAgent start(String name, Path folder, String yaml) throws Exception {
        Path configuration = Files.writeString(folder.resolve(name + ".yaml"), yaml);
        RunningAgent agent = new RunningAgent(name, folder, configuration, Started.freePort());
        agent.awaitReady();
        return agent;
    }

    private Started launched() {
        List<String> run =
                List.of("run", "--config", configuration.toString(), "--listen", http.address());
        return Started.program(
                name, folder, "a JDK", OwnJava.program("dev.ringwatch.agent.Main", run));
    }

    private void awaitReady() throws Exception {
        process.await("readiness", () -> http.text("/-/ready"));
    }

    /** Starts it where it was, after it was closed. */
    void startAgain() throws Exception {
        process = launched();
        awaitReady();
    }

    /** What Prometheus calls the instance. */
    String instance() {
        return http.address();
    }

    /** Has it read another configuration. */
    void reload(String yaml) throws Exception {
        Files.writeString(configuration, yaml);
        process.signal("HUP");
    }

    @Override
    public void close() {
        process.close();
    }
}

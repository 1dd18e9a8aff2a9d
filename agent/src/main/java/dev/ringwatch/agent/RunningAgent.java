package dev.ringwatch.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An agent in a process of its own, as {@code run} starts it, for benchmarks. */
final class RunningAgent implements AutoCloseable {
    /** As the launcher has it (java.options). */
    private static final List<String> HEAP =
            List.of("-Xms8m", "-Xmx128m", "-XX:TrimNativeHeapInterval=60000");

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(20);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

    private final Path folder;
    private final Process process;

    private RunningAgent(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /**
     * Starts one and waits for its first observation.
     *
     * @param configuration lines of YAML
     */
    static RunningAgent start(String... configuration) throws IOException {
        Path folder = Files.createTempDirectory("ringwatch-bench");
        Path file = folder.resolve("ringwatch.yaml");
        Files.writeString(file, String.join("\n", configuration) + "\n", StandardCharsets.UTF_8);
        List<String> command = new ArrayList<>(Sample.ownProgram());
        command.addAll(1, HEAP);
        command.addAll(
                List.of("run", "--config", file.toString(), "--listen", "unix:" + socket(folder)));
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(folder.resolve("log").toFile())
                        .start();
        RunningAgent agent = new RunningAgent(folder, process);
        agent.awaitReady();
        return agent;
    }

    private static Path socket(Path folder) {
        return folder.resolve("agent.sock");
    }

    private void awaitReady() throws IOException {
        long begin = System.nanoTime();
        while (AgentClient.get(socket(folder).toString(), "/-/ready").isEmpty()) {
            if (!process.isAlive() || System.nanoTime() - begin > START.toNanos()) {
                String log = Files.readString(folder.resolve("log"));
                close();
                throw new CliException("the agent did not start: " + log.strip());
            }
            LockSupport.parkNanos(PAUSE);
        }
    }

    /** A measurement with an agent that has ended is none. */
    void mustRun() {
        if (!process.isAlive()) {
            throw new CliException("the agent ended with status " + process.exitValue());
        }
    }

    /** Processor time since it started. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    long residentMegabytes() throws IOException {
        return CpuTime.residentMegabytes(Long.toString(process.pid()));
    }

    /** One scrape, as Prometheus would make it; its length in bytes. */
    int scrape() {
        return AgentClient.get(socket(folder).toString(), "/metrics")
                .orElseThrow(() -> new CliException("the agent does not answer a scrape"))
                .body()
                .length();
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        for (String name : List.of("agent.sock", "ringwatch.yaml", "log")) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(folder);
    }
}

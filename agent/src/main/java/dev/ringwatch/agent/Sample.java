package dev.ringwatch.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running {@link SampleCommand}, in a process of its own. */
final class Sample implements AutoCloseable {
    private static final long END_SECONDS = 30;
    private static final String NATIVE =
            "dev.ringwatch.agent,dev.ringwatch.uring,io.netty.common,"
                    + "io.netty.transport.unix.common,io.netty.transport.classes.epoll";
    private static final String TRANSPORTS =
            "io.netty.transport.epoll.linux.x86_64,io.netty.transport.epoll.linux.aarch_64";

    private final Process process;
    private final BufferedReader out;

    private Sample(Process process) {
        this.process = process;
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * How far a workload has come.
     *
     * @param done operations since it started
     * @param slowestNanos the slowest turn since it was last asked
     * @param cpuNanos processor time of the process since it started
     */
    record Progress(long done, long slowestNanos, long cpuNanos) {}

    /** Starts one and waits until it is ready. */
    static Sample start(SampleCommand.Kind kind, int count) throws IOException {
        List<String> command = new ArrayList<>(ownProgram());
        command.addAll(List.of("sample", kind.name(), Integer.toString(count)));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Sample sample = new Sample(process);
        String line = sample.out.readLine();
        if (!"READY".equals(line)) {
            sample.close();
            throw new CliException("the sample " + kind + " did not start; it said why above");
        }
        return sample;
    }

    long pid() {
        return process.pid();
    }

    /** Asks a sample that works. */
    Progress progress() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        String line = out.readLine();
        if (line == null) {
            throw new CliException("the sample ended; it said why above");
        }
        String[] words = line.split(" ");
        return new Progress(
                Long.parseLong(words[0]), Long.parseLong(words[1]), CpuTime.nanos(process.pid()));
    }

    /** Tells it to end, and waits for that. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** This very program, started the way it was started. */
    static List<String> ownProgram() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java, "-XX:+UseSerialGC"));
        command.add("-XX:TieredStopAtLevel=1");
        String modulePath = System.getProperty("jdk.module.path");
        if (modulePath == null) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
            command.add(Main.class.getName());
        } else {
            // As the launcher has it: an agent started so serves HTTP, for which Netty has a
            // library.
            command.add("--enable-native-access=" + NATIVE);
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("-Djava.library.path=" + System.getProperty("java.library.path", ""));
            command.addAll(List.of("--add-modules", TRANSPORTS));
            command.addAll(List.of("--module-path", modulePath, "--module"));
            command.add("dev.ringwatch.agent/" + Main.class.getName());
        }
        return command;
    }
}

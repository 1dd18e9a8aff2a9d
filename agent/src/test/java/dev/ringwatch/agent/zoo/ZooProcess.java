package dev.ringwatch.agent.zoo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A {@link Zoo} in a process of its own. Closing it ends the process and waits until the kernel has
 * let go of it.
 */
public final class ZooProcess implements AutoCloseable {
    private static final long START_SECONDS = 60;
    private static final long END_SECONDS = 30;

    private final String kind;
    private final Process process;
    private final CompletableFuture<Map<String, Long>> facts = new CompletableFuture<>();
    private final BlockingQueue<Long> answers = new LinkedBlockingQueue<>();
    private final List<String> said = new ArrayList<>();

    private ZooProcess(String kind, Process process) {
        this.kind = kind;
        this.process = process;
    }

    /** Starts one and waits until its situation stands. */
    public static ZooProcess start(String... kindAndSize) throws IOException {
        return startBy(List.of(), kindAndSize);
    }

    /** Starts one by a program that runs others, and waits until its situation stands. */
    static ZooProcess startBy(List<String> runner, String... kindAndSize) throws IOException {
        return ready(launch(runner, kindAndSize));
    }

    /** Starts one without waiting: {@link #awaitReady} must follow. */
    static ZooProcess launch(String... kindAndSize) throws IOException {
        return launch(List.of(), kindAndSize);
    }

    /** Starts any program that tells facts as a zoo does, and waits until it is ready. */
    public static ZooProcess startCommand(String name, List<String> command) throws IOException {
        return ready(launch(name, command));
    }

    private static ZooProcess ready(ZooProcess zoo) throws IOException {
        try {
            zoo.awaitReady();
            return zoo;
        } catch (RuntimeException | Error e) {
            zoo.close();
            throw e;
        }
    }

    private static ZooProcess launch(List<String> runner, String... kindAndSize)
            throws IOException {
        List<String> command = new ArrayList<>(runner);
        command.addAll(java(Zoo.class, System.getProperty("java.class.path")));
        command.addAll(Arrays.asList(kindAndSize));
        return launch(String.join(" ", kindAndSize), command);
    }

    private static ZooProcess launch(String name, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        ZooProcess zoo = new ZooProcess(name, process);
        Thread.ofVirtual().start(zoo::read);
        return zoo;
    }

    /** The command for a small JVM that runs a class. */
    static List<String> java(Class<?> main, String classPath) {
        return new ArrayList<>(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-Xshare:auto",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        main.getName()));
    }

    void awaitReady() {
        try {
            facts.orTimeout(START_SECONDS, TimeUnit.SECONDS).join();
        } catch (RuntimeException e) {
            String why = e.getCause() instanceof TimeoutException ? " is not ready: " : " ended: ";
            synchronized (said) {
                throw new AssertionError("the zoo's " + kind + why + said, e);
            }
        }
    }

    public int pid() {
        return Math.toIntExact(process.pid());
    }

    /** A number that it told. */
    public long fact(String name) {
        Long value = facts.join().get(name);
        if (value == null) {
            throw new IllegalArgumentException(kind + " tells no " + name);
        }
        return value;
    }

    /** Has it do once more what it does when it is asked, and waits for the end of that. */
    public void ask() throws IOException, InterruptedException {
        received();
    }

    /** How many messages a busy zoo has received by now. */
    long received() throws IOException, InterruptedException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        Long n = answers.poll(START_SECONDS, TimeUnit.SECONDS);
        if (n == null) {
            throw new AssertionError(this + " does not answer");
        }
        return n;
    }

    private void read() {
        Map<String, Long> told = new HashMap<>();
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                synchronized (said) {
                    said.add(line);
                }
                if (line.startsWith(Zoo.FACT)) {
                    String[] words = line.split(" ");
                    long value = Long.parseLong(words[2]);
                    if (words[1].equals(Zoo.RECEIVED)) {
                        answers.add(value);
                    } else {
                        told.put(words[1], value);
                    }
                } else if (line.equals(Zoo.READY)) {
                    facts.complete(Map.copyOf(told));
                }
            }
        } catch (IOException e) {
            facts.completeExceptionally(e);
        }
        facts.completeExceptionally(new IOException("the end of its output"));
    }

    /** Ends it as the kernel does, at once and without a word to it. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        boolean interrupted = false;
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return kind + " (pid " + pid() + ")";
    }
}

package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of the agent's leak zoo, which keeps what it made until it is closed. Its process has
 * the name that it is given here, 15 characters at most.
 */
final class Leak implements Closeable {
    private static final Path AGENT = Checkout.TOP.resolve("agent");
    private static final Path CLASSES = AGENT.resolve("target/test-classes");
    private static final Path KINDS = AGENT.resolve("src/test/c/kinds.c");

    private final Started process;

    private Leak(Started process) {
        this.process = process;
    }

    /** The program that makes what the kernel never frees, for throw-away machines. */
    static List<String> neverFreed(int leaks) {
        return OwnJava.program(
                List.of("-Dringwatch.guest=true"),
                "dev.ringwatch.agent.differ.NeverFreed",
                classPath(),
                List.of(Integer.toString(leaks)));
    }

    /** Starts one in Java: a situation of {@code Zoo}, and its size. */
    static Leak java(Path folder, String name, String kind, int size) {
        List<String> arguments = List.of(kind, Integer.toString(size), name);
        return new Leak(
                Started.program(
                        name,
                        folder,
                        "a JDK",
                        OwnJava.program(
                                List.of(), "dev.ringwatch.agent.zoo.Zoo", classPath(), arguments)));
    }

    private static String classPath() {
        assertTrue(
                Files.exists(CLASSES.resolve("dev/ringwatch/agent/zoo/Zoo.class")),
                "the agent's tests are not compiled; run Maven with -pl dashboards -am");
        return System.getProperty("java.class.path") + File.pathSeparator + CLASSES;
    }

    /** Starts one in C: a situation of {@code kinds.c}. */
    static Leak c(Path folder, String name, String kind) throws Exception {
        return c(folder, name, List.of(), kind);
    }

    private static Leak c(Path folder, String name, List<String> runner, String kind)
            throws Exception {
        List<String> command = new ArrayList<>(runner);
        command.addAll(List.of(compiled(folder).toString(), kind, name));
        return new Leak(Started.program(name, folder, "gcc", command));
    }

    private static Path compiled(Path folder) throws IOException, InterruptedException {
        Path program = folder.resolve("kinds");
        if (!Files.exists(program)) {
            List<String> gcc =
                    List.of(
                            "gcc",
                            "-std=gnu17",
                            "-O2",
                            "-Wall",
                            "-Wextra",
                            "-Werror",
                            "-o",
                            program.toString(),
                            KINDS.toString(),
                            "-luring");
            assertTrue(
                    new ProcessBuilder(gcc).inheritIO().start().waitFor() == 0,
                    "install gcc and liburing-dev (Debian)");
        }
        return program;
    }

    /** Waits until its situation stands. */
    Leak awaitReady() throws Exception {
        process.awaitLine(line -> line.equals("READY"));
        return this;
    }

    /** Has it do once more what it does when it is asked. */
    void ask() throws IOException {
        process.tell("");
    }

    @Override
    public void close() throws IOException {
        process.endInput();
    }
}

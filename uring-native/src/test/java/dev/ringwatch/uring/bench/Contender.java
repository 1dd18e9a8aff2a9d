package dev.ringwatch.uring.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * One of those who are compared, as a command.
 *
 * <p>It says "ready" on standard output, followed by its port if it is a server, or "unavailable"
 * and the reason. It ends with its standard input.
 *
 * @param name as printed
 */
record Contender(String name, List<String> command) {
    Contender {
        command = List.copyOf(command);
    }

    /** A main class of this class path; every JVM has the same options. */
    static Contender java(String name, Class<?> main, Object... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                System.getProperty("java.home") + "/bin/java",
                                "-XX:+UseSerialGC",
                                "-Xms256m",
                                "-Xmx256m",
                                "-XX:-UsePerfData",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                // Netty asks for a logger; there is none, and that is no news.
                                "-Dslf4j.internal.verbosity=ERROR",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Contender(name, command);
    }

    /** A program of src/test/c. */
    static Contender c(String name, CPrograms programs, String program, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(programs.path(program).toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Contender(name, command);
    }
}

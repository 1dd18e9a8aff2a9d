package dev.ringwatch.dashboards;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Classes of this project as programs. */
final class OwnJava {
    private OwnJava() {}

    /** A class on the class path of this test. */
    static List<String> program(String main, List<String> arguments) {
        return program(List.of(), main, System.getProperty("java.class.path"), arguments);
    }

    /** The same with options for the virtual machine, and on another class path. */
    static List<String> program(
            List<String> options, String main, String classPath, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(arguments);
        return command;
    }
}

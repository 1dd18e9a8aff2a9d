package dev.ringwatch.dashboards;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Classes of this project as programs. */
final class OwnJava {
    private OwnJava() {}

    /** A class on the class path of this test. */
    static List<String> program(String main, List<String> arguments) {
        return program(main, System.getProperty("java.class.path"), arguments);
    }

    static List<String> program(String main, String classPath, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        main));
        command.addAll(arguments);
        return command;
    }
}

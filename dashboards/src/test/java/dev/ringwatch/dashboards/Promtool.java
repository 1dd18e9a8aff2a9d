package dev.ringwatch.dashboards;

import java.nio.file.Path;

/** The real promtool. */
final class Promtool {
    private Promtool() {}

    /** Runs it and expects it to be content. */
    static void accepts(Path directory, String... arguments) throws Exception {
        Tool.PROMTOOL.accepts(directory, arguments);
    }
}

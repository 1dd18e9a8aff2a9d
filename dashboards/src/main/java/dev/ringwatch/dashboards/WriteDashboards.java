package dev.ringwatch.dashboards;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the committed files that are made from the metric catalogue. */
public final class WriteDashboards {
    /** What renews them, from the top of a checkout. */
    static final String COMMAND = "mvn -pl dashboards -am -P write-dashboards process-classes";

    private WriteDashboards() {}

    /**
     * Renews the files in place.
     *
     * @param args the top of the checkout
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: WriteDashboards CHECKOUT");
            System.exit(2);
        }
        Path repository = Path.of(args[0]);
        for (GeneratedFile file : GeneratedFile.values()) {
            Files.writeString(file.in(repository), file.renewed(file.committed(repository)));
        }
    }
}

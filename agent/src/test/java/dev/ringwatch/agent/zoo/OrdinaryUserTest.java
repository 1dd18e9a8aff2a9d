package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringwatch.agent.InstalledProgram;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.uring.IoUring;
import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as an ordinary user without any capability. */
class OrdinaryUserTest {
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final String NOBODY = "65534";

    @Test
    void itsOwnProcessesAreSeenAndTheCapabilitiesNamed(@TempDir Path directory) throws Exception {
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "only root can become another user");
        assertTrue(
                Files.isExecutable(SETPRIV),
                SETPRIV + " is missing: install the package util-linux (Debian)");
        List<String> said = look(directory);
        String all = String.join("\n", said);
        assertTrue(
                said.contains(
                        "why the process lacks CAP_BPF, CAP_PERFMON, CAP_SYSLOG: run it as root,"
                                + " or give it these capabilities"),
                all);
        assertTrue(said.contains("ring OptionalInt[2]"), all);
        assertTrue(said.contains("queue 2"), all);
        assertTrue(said.contains("complete false"), all);
        assertTrue(
                said.stream().anyMatch(l -> l.endsWith(" processes cannot be read by this user")),
                all);
        assertTrue(said.stream().noneMatch(l -> l.startsWith("foreign ")), all);
    }

    private static List<String> look(Path directory) throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> command =
                new ArrayList<>(
                        List.of(
                                SETPRIV.toString(),
                                "--reuid=" + NOBODY,
                                "--regid=" + NOBODY,
                                "--clear-groups",
                                "--no-new-privs",
                                "--bounding-set=-all",
                                "--inh-caps=-all"));
        command.addAll(ZooProcess.java(Onlooker.class, readableClassPath(directory)));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        try {
            List<String> said = process.inputReader().readAllLines();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), said::toString);
            return said;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Copies of what the program needs, since a build may lie where nobody else may look. */
    private static String readableClassPath(Path directory) throws Exception {
        List<String> entries = new ArrayList<>();
        for (Class<?> c :
                List.of(Onlooker.class, Observer.class, ReferenceGraph.class, IoUring.class)) {
            Path copy = directory.resolve(Integer.toString(entries.size()));
            InstalledProgram.copy(origin(c), copy);
            entries.add(copy.toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Path origin(Class<?> c) throws URISyntaxException {
        URI location = c.getProtectionDomain().getCodeSource().getLocation().toURI();
        return Path.of(location);
    }
}

package dev.ringwatch.uring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Syscall;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live: processes without what rings need, and what is written about them. */
class RefusalTest {
    private static final Path DOCS = Path.of("..", "docs").toAbsolutePath().normalize();
    private static final String NOBODY = "65534";

    @TempDir private Path directory = Path.of("");

    @Test
    void withoutLockedMemoryNothingIsRegisteredAndTheLimitIsNamed() throws Exception {
        List<String> said = asNobody(16 * 4096);
        assertEquals("made", said.getFirst(), said.toString());
        String refusal = said.getLast();
        assertTrue(refusal.startsWith("io_uring_register: ENOMEM"), refusal);
        assertTrue(refusal.contains("RLIMIT_MEMLOCK"), refusal);
    }

    @Test
    void enoughLockedMemoryIsEnough() throws Exception {
        assertEquals(List.of("made", "registered"), asNobody(4 << 20));
    }

    /** Newer kernels count the queues as locked memory too; on others only the registration fails. */
    @Test
    void withoutAnyLockedMemoryTheRefusalNamesTheLimit() throws Exception {
        List<String> said = asNobody(0);
        String refusal = said.getLast();
        assertFalse(said.contains("registered"), said.toString());
        assertTrue(refusal.contains("ENOMEM") && refusal.contains("RLIMIT_MEMLOCK"), refusal);
        System.out.println("no locked memory: " + refusal.substring(0, refusal.indexOf(':')));
    }

    @Test
    void theSeccompProfileAllowsWhatTheLibraryCalls() throws IOException {
        Set<String> called =
                Arrays.stream(Syscall.values())
                        .map(Syscall::call)
                        .filter(call -> call.startsWith("io_uring_"))
                        .collect(Collectors.toCollection(TreeSet::new));
        String profile = Files.readString(DOCS.resolve("seccomp/io_uring.json"));
        assertTrue(profile.contains("\"SCMP_ACT_ALLOW\""), profile);
        assertEquals(called, matches("\"(io_uring_\\w+)\"", profile));
        String page = Files.readString(DOCS.resolve("uring-refused.md"));
        assertEquals(called, matches("\\b(io_uring_(?:setup|enter|register))\\b", page));
    }

    private static Set<String> matches(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What {@link Refusals} says as a user without capabilities, with so much locked memory. */
    private List<String> asNobody(long lockedBytes) throws Exception {
        for (String tool : List.of("/usr/bin/setpriv", "/usr/bin/prlimit")) {
            assertTrue(
                    Files.isExecutable(Path.of(tool)),
                    tool + " is missing: install the package util-linux (Debian)");
        }
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw Live.skip("only root can become another user");
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "/usr/bin/prlimit",
                                "--memlock=" + lockedBytes + ":" + lockedBytes,
                                "/usr/bin/setpriv",
                                "--reuid=" + NOBODY,
                                "--regid=" + NOBODY,
                                "--clear-groups",
                                "--no-new-privs",
                                "--bounding-set=-all",
                                "--inh-caps=-all",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                readableClassPath(),
                                Refusals.class.getName()));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            List<String> said = lines.lines().toList();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), said::toString);
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    /** Copies of what the program needs, since a build may lie where nobody else may look. */
    private String readableClassPath() throws Exception {
        List<String> entries = new ArrayList<>();
        for (Class<?> one :
                List.of(Refusals.class, IoUring.class, org.opentest4j.TestAbortedException.class)) {
            URI origin = one.getProtectionDomain().getCodeSource().getLocation().toURI();
            Path copy = directory.resolve(Integer.toString(entries.size()));
            copy(Path.of(origin), copy);
            entries.add(copy.toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}

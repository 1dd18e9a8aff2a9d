package dev.ringwatch.agent.why;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is answered from /proc alone. */
class ProcAnswerTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    /** A process that maps a file of another encoding has mappings all the same. */
    @Test
    void aNameThatIsNotUtf8HidesNoMapping(@TempDir Path folder) throws Exception {
        Path library = folder.resolve("kept.so");
        Files.copy(mappedLibrary(), library);
        String script =
                "program=$(printf 'caf\\351') && cp /bin/sleep \"$program\" && LD_PRELOAD="
                        + library
                        + " exec ./\"$program\" 60";
        Process process =
                new ProcessBuilder("/bin/sh", "-c", script)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("out").toFile())
                        .start();
        try {
            awaitMapped(process.pid(), library);
            Answer answer = ask(library);
            assertTrue(
                    answer.ledgers().stream()
                            .flatMap(ledger -> ledger.entries().stream())
                            .anyMatch(
                                    e ->
                                            e.kind() == Entry.Kind.MAPPING
                                                    && e.pid().orElse(-1) == process.pid()),
                    answer::toString);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static Answer ask(Path path) throws Exception {
        try (Observer observer =
                Observer.open(
                        Observer.Choice.PROC,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            return Why.answer(
                    Target.parse(path.toString()), observer, BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
        }
    }

    /** The C library is one that any process can load. */
    private static Path mappedLibrary() throws Exception {
        return maps(ProcessHandle.current().pid()).stream()
                .filter(line -> line.matches(".*/libc[.-].*so.*"))
                .map(line -> Path.of(line.substring(line.indexOf('/'))))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> maps(long pid) throws Exception {
        byte[] text = Files.readAllBytes(Path.of("/proc/" + pid + "/maps"));
        return new String(text, StandardCharsets.ISO_8859_1).lines().toList();
    }

    private static void awaitMapped(long pid, Path library) throws Exception {
        long begin = System.nanoTime();
        while (maps(pid).stream().noneMatch(line -> line.endsWith("/caf\u00e9"))
                || maps(pid).stream().noneMatch(line -> line.endsWith(library.toString()))) {
            assertTrue(System.nanoTime() - begin < PATIENCE, "the program did not start");
            LockSupport.parkNanos(1_000_000);
        }
    }
}

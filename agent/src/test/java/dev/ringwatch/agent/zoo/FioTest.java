package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.track.Groups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody else's program with registered files, reading as fast as it can. */
class FioTest {
    private static final Path FIO = Path.of("/usr/bin/fio");
    private static final int FILES = 64;
    private static final int LOOKS = 20;

    private final Path directory;
    private final Process fio;

    FioTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        fio = start(directory);
    }

    private static Process start(Path directory) throws IOException {
        assertTrue(Files.isExecutable(FIO), FIO + " is missing: install the package fio (Debian)");
        return new ProcessBuilder(
                        FIO.toString(),
                        "--name=ringwatch",
                        "--ioengine=io_uring",
                        "--registerfiles=1",
                        "--nrfiles=" + FILES,
                        "--openfiles=" + FILES,
                        "--filesize=64k",
                        "--rw=randread",
                        "--bs=4k",
                        "--iodepth=16",
                        "--time_based",
                        "--runtime=300",
                        "--directory=" + directory)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    @AfterEach
    void end() throws InterruptedException {
        List<ProcessHandle> workers = fio.descendants().toList();
        fio.destroy();
        if (!fio.waitFor(20, TimeUnit.SECONDS)) {
            fio.destroyForcibly().waitFor();
            workers.forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void itsRegisteredFilesAreCountedAtFullSpeed() throws Exception {
        try (Observer observer = observer(Observer.Choice.BPF)) {
            Look first = Look.until(observer, "fio has registered its files", this::registered);
            assertTrue(ring(first).orElseThrow().inflightRequests().isPresent());
            for (int i = 0; i < LOOKS; i++) {
                assertRing(Look.twice(observer));
            }
        }
    }

    void assertRing(Look look) {
        RingFacts ring = ring(look).orElseThrow();
        assertEquals(OptionalInt.of(FILES), ring.registeredFiles());
        assertEquals(OptionalInt.of(FILES), ring.fileTableSlots());
        assertEquals(
                List.of(),
                look.tracked().findings().stream()
                        .filter(f -> isFio(look, f.files().getFirst()))
                        .toList());
    }

    /** The kernel tells nothing about a ring while it is in use: that is not a table of 0 files. */
    @Test
    void withProcItIsCountedOrUnknown() throws Exception {
        try (Observer observer = observer(Observer.Choice.PROC)) {
            Look.until(observer, "fio's ring is seen", l -> ring(l).isPresent());
            Look.until(observer, "fio has registered its files", l -> known(l, FILES));
            for (int i = 0; i < LOOKS; i++) {
                RingFacts ring = ring(Look.twice(observer)).orElseThrow();
                assertEquals(
                        ring.readable() ? OptionalInt.of(FILES) : OptionalInt.empty(),
                        ring.registeredFiles());
                assertEquals(
                        ring.readable() ? OptionalInt.of(FILES) : OptionalInt.empty(),
                        ring.fileTableSlots());
            }
        }
    }

    boolean registered(Look look) {
        return known(look, FILES);
    }

    private boolean known(Look look, int files) {
        assertTrue(fio.isAlive(), () -> "fio ended, see its output in " + directory);
        return ring(look)
                .filter(r -> r.registeredFiles().equals(OptionalInt.of(files)))
                .isPresent();
    }

    private Optional<RingFacts> ring(Look look) {
        return look.observation().rings().stream().filter(r -> isFio(look, r.file())).findFirst();
    }

    /** Work is done by a process that fio forks. */
    private boolean isFio(Look look, int file) {
        Groups groups = look.tracked().groups();
        OptionalInt pid = groups.process(file);
        return pid.isPresent()
                && Stream.concat(Stream.of(fio.toHandle()), fio.descendants())
                        .anyMatch(p -> p.pid() == pid.getAsInt())
                && comm(look.observation(), pid.getAsInt()).equals("fio");
    }

    private static String comm(Observation o, int pid) {
        return Optional.ofNullable(o.processes().get(pid)).map(ProcessFacts::comm).orElse("");
    }

    private static Observer observer(Observer.Choice choice) throws Exception {
        return Observer.open(choice, InstantSource.system(), BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
    }
}

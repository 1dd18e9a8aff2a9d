package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.track.Tracker;
import java.time.InstantSource;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that come and go while they are looked at, names meant to break things, limits. */
class HostileTest {
    private static final int LOOKS = 40;
    private static final int MANY = 20_000;
    private static final long SMALL = 2L << 20;

    @ParameterizedTest
    @EnumSource(
            value = Observer.Choice.class,
            names = {"BPF", "PROC"})
    void processesEndWhileTheyAreLookedAt(Observer.Choice choice) throws Exception {
        Process storm =
                new ProcessBuilder("sh", "-c", "while :; do sh -c true; sh -c 'sh -c true'; done")
                        .start();
        try (Observer observer = observer(choice, BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
                ZooProcess churn = ZooProcess.start("churn")) {
            Tracker tracker = new Tracker(Look.NONE);
            for (int i = 0; i < LOOKS; i++) {
                Observation o = tracker.accept(observer.observe()).observation();
                Source wanted = choice == Observer.Choice.BPF ? Source.BPF : Source.PROC;
                assertTrue(
                        o.sources().stream().anyMatch(s -> s.source() == wanted && s.up()),
                        () -> churn + ": " + o.sources());
            }
        } finally {
            storm.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Observer.Choice.class,
            names = {"BPF", "PROC"})
    void aNameThatWouldBreakALine(Observer.Choice choice) throws Exception {
        try (Observer observer = observer(choice, BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
                ZooProcess zoo = ZooProcess.start("named")) {
            Look look = Look.twice(observer);
            ProcessFacts process =
                    Objects.requireNonNull(look.observation().processes().get(zoo.pid()));
            assertEquals(Zoo.HOSTILE_NAME, process.comm());
            String group = look.tracked().groups().of(look.ring(zoo).file());
            if (process.cgroups().stream().noneMatch(path -> path.contains(".service"))) {
                assertEquals("comm:a_b__{c}_d_e", group);
            }
            assertTrue(group.matches("[!-~&&[^\"\\\\]]+"), group);
        }
    }

    @Test
    void tablesGrowWithWhatIsThere() throws Exception {
        try (Observer observer = observer(Observer.Choice.BPF, Long.MAX_VALUE)) {
            long before = entries(observer, "edges");
            assertTrue(before < MANY, "more than is asked for is there already");
            try (ZooProcess zoo = ZooProcess.start("queued", Integer.toString(MANY))) {
                Look look = Look.until(observer, "complete", l -> l.observation().complete());
                assertEquals(OptionalInt.of(MANY), look.socket(zoo.fact("receiver")).queued());
                assertTrue(entries(observer, "edges") >= MANY);
            }
        }
    }

    @Test
    void theLimitOnTableMemoryIsKeptAndSaid() throws Exception {
        try (Observer observer = observer(Observer.Choice.BPF, SMALL);
                ZooProcess zoo = ZooProcess.start("queued", Integer.toString(MANY))) {
            assertTrue(bytes(observer) <= SMALL, () -> bytes(observer) + " bytes");
            Observation o = observer.observe();
            assertTrue(bytes(observer) <= SMALL, () -> bytes(observer) + " bytes");
            assertFalse(o.complete(), zoo::toString);
            assertTrue(
                    o.incomplete().stream().anyMatch(r -> r.contains("limit on table memory")),
                    () -> o.incomplete().toString());
        }
    }

    private static long entries(Observer observer, String table) {
        return observer.tables().stream()
                .filter(t -> t.name().equals(table))
                .findFirst()
                .orElseThrow()
                .entries();
    }

    private static long bytes(Observer observer) {
        return observer.tables().stream().mapToLong(Observer.TableSize::bytes).sum();
    }

    private static Observer observer(Observer.Choice choice, long maxTableBytes) throws Exception {
        return Observer.open(choice, InstantSource.system(), maxTableBytes);
    }
}

package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.core.graph.Holder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A hundred thousand sockets, a long queue and a large table: none is missing. */
class ScaleTest {
    /** Each below the 20,000 descriptors that a process may have here. */
    private static final int PROCESSES = 6;

    private static final int SOCKETS = 16_700;
    private static final int QUEUED = 20_000;
    private static final int SLOTS = 19_000;

    @Test
    void noneIsMissing() throws Exception {
        List<ZooProcess> all = new ArrayList<>();
        try (Observer observer =
                Observer.open(
                        Observer.Choice.BPF,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            ZooProcess queued = launch(all, "queued", QUEUED);
            ZooProcess slots = launch(all, "slots", SLOTS);
            List<ZooProcess> sockets = new ArrayList<>();
            for (int i = 0; i < PROCESSES; i++) {
                sockets.add(launch(all, "sockets", SOCKETS));
            }
            all.forEach(ZooProcess::awaitReady);
            Look look = Look.until(observer, "complete", l -> l.observation().complete());
            sockets.forEach(zoo -> assertSockets(look, zoo));
            assertQueue(look, queued);
            assertTable(look, slots);
            report(look, observer);
        } finally {
            for (ZooProcess zoo : all) {
                zoo.close();
            }
        }
    }

    private static ZooProcess launch(List<ZooProcess> all, String kind, int n) throws IOException {
        ZooProcess zoo = ZooProcess.launch(kind, Integer.toString(n));
        all.add(zoo);
        return zoo;
    }

    private static void assertSockets(Look look, ZooProcess zoo) {
        int count = 0;
        long sum = 0;
        for (SocketFacts s : look.observation().sockets()) {
            List<Holder> holders = look.graph().outsideHolders(s.file());
            if (!holders.isEmpty()
                    && holders.getFirst() instanceof Holder.DescriptorSlot(int pid, int fd)
                    && pid == zoo.pid()) {
                assertEquals(1, holders.size());
                assertEquals(0, look.graph().unexplained(s.file()), () -> "descriptor " + fd);
                assertEquals(s.file(), look.graph().peer(look.graph().peer(s.file())));
                count++;
                sum += s.inode();
            }
        }
        assertEquals(SOCKETS, count);
        assertEquals(zoo.fact("sum"), sum);
    }

    private static void assertQueue(Look look, ZooProcess zoo) {
        SocketFacts receiver = look.socket(zoo.fact("receiver"));
        assertEquals(OptionalInt.of(QUEUED), receiver.queued());
        List<Integer> held = look.held(receiver.file());
        assertEquals(QUEUED, new HashSet<>(held).size());
        held.forEach(look::assertBalanced);
        assertEquals(QUEUED + 1, look.findings(zoo).getFirst().files().size());
    }

    private static void assertTable(Look look, ZooProcess zoo) {
        RingFacts ring = look.ring(zoo);
        assertEquals(OptionalInt.of(SLOTS), ring.registeredFiles());
        assertEquals(OptionalInt.of(SLOTS), ring.fileTableSlots());
        List<Integer> held = look.held(ring.file());
        assertEquals(SLOTS, new HashSet<>(held).size());
        held.forEach(look::assertBalanced);
        assertEquals(List.of(), look.findings(zoo));
    }

    private static void report(Look look, Observer observer) throws IOException {
        long tables = observer.tables().stream().mapToLong(Observer.TableSize::bytes).sum();
        String rss =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .findFirst()
                        .orElseThrow();
        assertTrue(tables <= BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
        System.out.printf(
                "%d files, %d references: took %d ms, tables %d MiB, %s%n",
                look.graph().fileCount(),
                look.graph().referenceCount(),
                look.observation().took().toMillis(),
                tables >> 20,
                rss.replaceAll("\\s+", " "));
    }
}

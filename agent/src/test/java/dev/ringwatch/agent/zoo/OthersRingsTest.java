package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.core.graph.FileKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that are not ours at the same time: a server of Netty's io_uring transport, a C program
 * with liburing, and fio at full speed. Each knows what it has.
 */
class OthersRingsTest {
    private static final int LOOPS = 2;
    private static final int CONNECTIONS = 20;
    private static final int LOOKS = 10;

    @Test
    void eachIsSeenAsItKnowsItself(@TempDir Path folder) throws Exception {
        FioTest fio = new FioTest(folder);
        try (ZooProcess c = ZooProcess.startCommand("rings", compiled(folder));
                ZooProcess netty = ZooProcess.startCommand("netty", nettyCommand());
                Observer observer =
                        Observer.open(
                                Observer.Choice.BPF,
                                InstantSource.system(),
                                BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            Look.until(observer, "fio has registered its files", fio::registered);
            for (int i = 0; i < LOOKS; i++) {
                Look look = Look.twice(observer);
                fio.assertRing(look);
                assertC(look, c);
                assertNetty(look, netty);
            }
        } finally {
            fio.end();
        }
    }

    private static void assertC(Look look, ZooProcess c) {
        RingFacts ring = look.ring(c);
        assertEquals(fact(c, "slots"), ring.fileTableSlots());
        assertEquals(fact(c, "files"), ring.registeredFiles());
        assertEquals(fact(c, "buffers"), ring.registeredBuffers());
        assertEquals(OptionalLong.of(c.fact("bytes")), ring.registeredBufferBytes());
        assertEquals(fact(c, "requests"), ring.inflightRequests());
        List<Integer> held = look.held(ring.file()).stream().distinct().toList();
        assertEquals(
                c.fact("only"),
                held.stream().filter(f -> look.graph().outsideReferences(f) == 0).count());
        held.forEach(look::assertBalanced);
        assertEquals(List.of(), look.findings(c));
    }

    /** Netty does not say what it has in flight; each connection waits for something to read. */
    private static void assertNetty(Look look, ZooProcess netty) {
        List<RingFacts> rings = look.rings(netty);
        assertEquals(netty.fact("rings"), rings.size());
        int requests = rings.stream().mapToInt(r -> r.inflightRequests().orElseThrow()).sum();
        assertTrue(requests >= netty.fact("sockets"), "only " + requests + " requests");
        long sockets =
                rings.stream()
                        .flatMap(r -> look.held(r.file()).stream())
                        .filter(f -> look.graph().kind(f) == FileKind.SOCKET)
                        .distinct()
                        .count();
        assertEquals(netty.fact("sockets"), sockets, "each socket is used by a request");
        assertEquals(List.of(), look.findings(netty));
    }

    private static OptionalInt fact(ZooProcess zoo, String name) {
        return OptionalInt.of(Math.toIntExact(zoo.fact(name)));
    }

    private static List<String> compiled(Path folder) throws IOException, InterruptedException {
        Path program = folder.resolve("rings");
        return List.of(CProgram.compile("rings.c", program, List.of("-luring")).toString());
    }

    private static List<String> nettyCommand() {
        List<String> command =
                ZooProcess.java(NettyRings.class, System.getProperty("java.class.path"));
        IntStream.of(LOOPS, CONNECTIONS).mapToObj(Integer::toString).forEach(command::add);
        return command;
    }
}

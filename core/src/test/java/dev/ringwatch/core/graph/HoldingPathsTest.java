package dev.ringwatch.core.graph;

import static dev.ringwatch.core.graph.Drawing.draw;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class HoldingPathsTest {

    @Test
    void aDescriptorIsTheWholePath() {
        assertEquals("process -fd-> a", path("a", "unix a; fd a"));
    }

    @Test
    void fromTheProcessDownToTheFile() {
        assertEquals(
                "process -fd-> R -slot-> a -queue-> f",
                path("f", "ring R; unix a; file f; fd R; R -slot-> a; a -queue-> f"));
    }

    @Test
    void theShorterOfTwo() {
        assertEquals(
                "process -mmap-> S -slot-> f",
                path(
                        "f",
                        """
                        ring R, S; unix a; file f
                        fd R; R -slot-> a; a -queue-> f
                        mmap S; S -slot-> f
                        """));
    }

    @Test
    void aTriangleNobodyReachesIsToldAsALoop() {
        String triangle = "unix a, b, c; a -queue-> b; b -queue-> c; c -queue-> a";
        assertEquals("a -queue-> b -queue-> c -queue-> a", path("a", triangle));
        assertEquals("a -queue-> b -queue-> c", path("c", triangle));
    }

    @Test
    void aSocketInItsOwnQueue() {
        assertEquals("a -queue-> a", path("a", "unix a; a -queue-> a"));
    }

    @Test
    void belowALoopNobodyReaches() {
        assertEquals(
                "b -queue-> a -queue-> f",
                path("f", "unix b, a; file f; b -queue-> a; a -queue-> b; a -queue-> f"));
    }

    @Test
    void aboveALoopNobodyReaches() {
        assertEquals(
                "z -queue-> a",
                path("a", "unix a, b, z; a -queue-> b; b -queue-> a; z -queue-> a"));
    }

    @Test
    void aLoopHeldByALaterLoop() {
        assertEquals(
                "b -queue-> a",
                path("a", "unix a, b; file f; a -queue-> f; b -queue-> b; b -queue-> a"));
    }

    @Test
    void nothingIsKnownToHoldIt() {
        assertEquals("", path("a", "unix a; file f; a -queue-> f; extra a"));
    }

    @Test
    void everyPathIsARealOneAndShortest() {
        for (int n = 0; n < 5_000; n++) {
            ReferenceGraph graph = RandomGraphs.graph(n);
            HoldingPaths paths = HoldingPaths.of(graph);
            Closure oracle = new Closure(graph);
            for (int f = 0; f < graph.fileCount(); f++) {
                check(graph, paths, oracle, f, RandomGraphs.hint(n) + ", file " + f);
            }
        }
    }

    @Test
    void theOutermostIsThatOfThePath() {
        for (int n = 0; n < 5_000; n++) {
            ReferenceGraph graph = RandomGraphs.graph(n);
            HoldingPaths paths = HoldingPaths.of(graph);
            IntPredicate ring = f -> graph.kind(f) == FileKind.RING;
            int[] any = paths.outermost(f -> true);
            int[] rings = paths.outermost(ring);
            for (int f = 0; f < graph.fileCount(); f++) {
                String hint = RandomGraphs.hint(n) + ", file " + f;
                assertEquals(outermost(paths, f, _ -> true), any[f], hint);
                assertEquals(outermost(paths, f, ring), rings[f], hint);
            }
        }
    }

    private static int outermost(HoldingPaths paths, int file, IntPredicate wanted) {
        return paths.path(file).steps().stream()
                .mapToInt(step -> holdingFile(step.holder()))
                .filter(holder -> holder != ReferenceGraph.NONE && wanted.test(holder))
                .findFirst()
                .orElse(ReferenceGraph.NONE);
    }

    @Test
    void theEndOfAMillionLongChainAndLoop() {
        HoldingPaths chain = HoldingPaths.of(BigGraphs.chain(1_000_000));
        assertEquals(999_999, chain.path(999_999).steps().size());
        HoldingPaths loop = HoldingPaths.of(BigGraphs.loop(1_000_000));
        assertEquals(1_000_000, loop.path(0).steps().size());
    }

    private static void check(
            ReferenceGraph graph, HoldingPaths paths, Closure oracle, int file, String hint) {
        List<HoldingPath.Step> steps = paths.path(file).steps();
        assertEquals(oracle.reachable(file), paths.reachable(file), hint);
        assertEquals(!oracle.reachable(file), paths.unreachable().contains(file), hint);
        if (oracle.reachable(file)) {
            assertEquals(oracle.stepsFromOutside(file), steps.size(), hint);
        } else {
            boolean held = graph.holdersBegin(file) < graph.holdersEnd(file);
            assertEquals(held, !steps.isEmpty(), hint);
        }
        if (!steps.isEmpty()) {
            assertEquals(file, steps.getLast().file(), hint);
            assertEquals(holdingFile(steps.getLast().holder()), paths.holder(file), hint);
        }
        Set<HoldingPath.Step> seen = new HashSet<>();
        for (int i = 0; i < steps.size(); i++) {
            HoldingPath.Step step = steps.get(i);
            assertTrue(graph.holders(step.file()).contains(step.holder()), hint);
            assertTrue(seen.add(step), hint);
            boolean first = i == 0;
            int holder = holdingFile(step.holder());
            if (first) {
                assertEquals(oracle.reachable(file), holder == ReferenceGraph.NONE, hint);
            } else {
                assertEquals(steps.get(i - 1).file(), holder, hint);
            }
        }
    }

    private static int holdingFile(Holder holder) {
        return switch (holder) {
            case Holder.DescriptorSlot _, Holder.MemoryMapping _, Holder.TaskRegistration _ ->
                    ReferenceGraph.NONE;
            case Holder.QueuedPacket packet -> packet.socket();
            case Holder.RingSlot slot -> slot.ring();
            case Holder.PendingRequest request -> request.ring();
        };
    }

    private static String path(String file, String text) {
        Drawing drawing = draw(text);
        return drawing.arrows(HoldingPaths.of(drawing.graph()).path(drawing.file(file)));
    }
}

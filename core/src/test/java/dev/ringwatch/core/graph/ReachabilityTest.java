package dev.ringwatch.core.graph;

import static dev.ringwatch.core.graph.Drawing.draw;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReachabilityTest {

    @Test
    void aDescriptorHoldsTheWholeChainBelowIt() {
        Drawing drawing =
                draw("ring R; unix a, b; file f, g; fd R; R -slot-> a; a -queue-> b; b -queue-> f");
        assertEquals("R a b f", names(drawing, Reachability.fromOutside(drawing.graph())));
    }

    @Test
    void aLoopOfItsOwnIsNotReached() {
        Drawing drawing = draw("unix a, b, c; fd c; a -queue-> b; b -queue-> a; a -queue-> c");
        assertEquals("c", names(drawing, Reachability.fromOutside(drawing.graph())));
    }

    @Test
    void onlyThroughTheFilesAllowed() {
        Drawing drawing = draw("unix a, b, c, d; a -queue-> b; b -queue-> c; a -queue-> d");
        FileSet within = FileSet.all(drawing.graph()).minus(set(drawing, "b"));
        FileSet reached = Reachability.from(drawing.graph(), set(drawing, "a"), within);
        assertEquals("a d", names(drawing, reached));
        assertTrue(
                Reachability.from(drawing.graph(), set(drawing, "b"), within).isEmpty(),
                "a start that is not allowed");
    }

    @Test
    void agreesWithTheNaiveOracle() {
        for (int n = 0; n < 5_000; n++) {
            ReferenceGraph graph = RandomGraphs.graph(n);
            Closure oracle = new Closure(graph);
            FileSet reached = Reachability.fromOutside(graph);
            int count = 0;
            for (int f = 0; f < graph.fileCount(); f++) {
                assertEquals(oracle.reachable(f), reached.contains(f), RandomGraphs.hint(n));
                count += reached.contains(f) ? 1 : 0;
            }
            assertEquals(count, reached.size(), RandomGraphs.hint(n));
        }
    }

    @Test
    void aSetKeepsItsSizeAndOrder() {
        ReferenceGraph graph = BigGraphs.chain(130);
        FileSet set = FileSet.none(graph);
        assertEquals(ReferenceGraph.NONE, set.next(0));
        assertTrue(set.add(129) && set.add(0) && set.add(64));
        assertFalse(set.add(64));
        assertEquals(3, set.size());
        assertEquals(64, set.next(1));
        assertEquals(129, set.next(65));
        assertEquals(ReferenceGraph.NONE, set.next(130));
        assertEquals(127, FileSet.all(graph).minus(set).size());
        assertThrows(IndexOutOfBoundsException.class, () -> set.contains(130));
        assertThrows(IndexOutOfBoundsException.class, () -> set.add(-1));
    }

    private static FileSet set(Drawing drawing, String name) {
        FileSet set = FileSet.none(drawing.graph());
        set.add(drawing.file(name));
        return set;
    }

    private static String names(Drawing drawing, FileSet set) {
        List<Integer> files = new ArrayList<>();
        for (int f = set.next(0); f != ReferenceGraph.NONE; f = set.next(f + 1)) {
            files.add(f);
        }
        return drawing.names(files);
    }
}

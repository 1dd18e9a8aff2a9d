package dev.ringwatch.core.graph;

import static dev.ringwatch.core.graph.Drawing.draw;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Components of drawn graphs, of random ones against the naive oracle, and of big ones. The first
 * four are those of the kernel's selftest (tools/testing/selftests/net/af_unix/scm_rights.c).
 */
class SccTest {

    @Test
    void selfRef() {
        assertEquals(List.of("0", "1"), components("unix 0, 1; 0 -queue-> 0; 1 -queue-> 1"));
    }

    @Test
    void triangle() {
        assertEquals(
                List.of("0 1 2", "3 4 5"),
                components(
                        """
                        unix 0, 1, 2, 3, 4, 5
                        1 -queue-> 0; 2 -queue-> 1; 0 -queue-> 2
                        4 -queue-> 3; 5 -queue-> 4; 3 -queue-> 5
                        """));
    }

    @Test
    void crossEdge() {
        assertEquals(
                List.of("0 1 2 3"),
                components(
                        """
                        unix 0, 1, 2, 3
                        1 -queue-> 0; 2 -queue-> 1; 0 -queue-> 2
                        3 -queue-> 1; 2 -queue-> 3
                        """));
    }

    @Test
    void backtrackFromScc() {
        assertEquals(
                List.of("0", "1 2 3", "4"),
                components(
                        """
                        unix 0, 1, 2, 3, 4
                        1 -queue-> 0; 4 -queue-> 0
                        2 -queue-> 1; 3 -queue-> 2; 1 -queue-> 3
                        """));
    }

    @Test
    void nothing() {
        assertEquals(0, Scc.of(draw("").graph()).count());
    }

    @Test
    void aHeldComponentHasTheLowerNumber() {
        Drawing drawing = draw("ring R; unix a, b; R -slot-> a; a -queue-> b; b -queue-> a");
        Scc scc = Scc.of(drawing.graph());
        assertEquals(0, scc.component(drawing.file("a")));
        assertEquals(0, scc.component(drawing.file("b")));
        assertEquals(1, scc.component(drawing.file("R")));
    }

    @Test
    void aPartOfTheGraphIsCutFromTheRest() {
        Drawing drawing = draw("unix a, b, c; a -queue-> b; b -queue-> c; c -queue-> a");
        FileSet within = FileSet.none(drawing.graph());
        within.add(drawing.file("a"));
        within.add(drawing.file("c"));
        Scc scc = Scc.of(drawing.graph(), within);
        assertEquals(2, scc.count());
        assertEquals(ReferenceGraph.NONE, scc.component(drawing.file("b")));
        assertTrue(scc.component(drawing.file("c")) > scc.component(drawing.file("a")));
    }

    @Test
    void agreesWithTheNaiveOracle() {
        for (int n = 0; n < 5_000; n++) {
            ReferenceGraph graph = RandomGraphs.graph(n);
            compare(graph, new Closure(graph), Scc.of(graph), RandomGraphs.hint(n));
        }
    }

    @Test
    void aChainOfAMillionFiles() {
        assertEquals(1_000_000, Scc.of(BigGraphs.chain(1_000_000)).count());
    }

    @Test
    void aLoopOfAMillionFiles() {
        assertEquals(1, Scc.of(BigGraphs.loop(1_000_000)).count());
    }

    @Test
    void aMillionFilesWithTenMillionReferences() {
        ReferenceGraph graph = BigGraphs.random(1_000_000, 10_000_000, 10_000, 1);
        Scc scc = Scc.of(graph);
        for (int i = 0; i < graph.referenceCount(); i++) {
            if (scc.component(graph.from(i)) < scc.component(graph.to(i))) {
                throw new AssertionError("reference " + i + " goes to a higher component");
            }
        }
    }

    private static void compare(ReferenceGraph graph, Closure oracle, Scc scc, String hint) {
        boolean[] seen = new boolean[scc.count()];
        for (int a = 0; a < graph.fileCount(); a++) {
            seen[scc.component(a)] = true;
            for (int b = 0; b < graph.fileCount(); b++) {
                boolean same = oracle.reaches(a, b) && oracle.reaches(b, a);
                assertEquals(same, scc.component(a) == scc.component(b), hint);
                assertTrue(!oracle.holds(a, b) || scc.component(a) >= scc.component(b), hint);
            }
        }
        for (boolean used : seen) {
            assertTrue(used, hint);
        }
    }

    private static List<String> components(String text) {
        Drawing drawing = draw(text);
        Scc scc = Scc.of(drawing.graph());
        Map<Integer, List<Integer>> members = new TreeMap<>();
        for (int f = 0; f < drawing.graph().fileCount(); f++) {
            members.computeIfAbsent(scc.component(f), _ -> new ArrayList<>()).add(f);
        }
        assertEquals(scc.count(), members.size());
        return members.values().stream().map(drawing::names).sorted().toList();
    }
}

package dev.ringwatch.core.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.graph.Closure;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.RandomGraphs;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The state of every file of random graphs, against rules written as one sentence each. */
class LeakFinderOracleTest {
    private static final int GRAPHS = 5_000;

    @Test
    void statesAgreeWithTheNaiveOracle() {
        for (int n = 0; n < GRAPHS; n++) {
            ReferenceGraph graph = RandomGraphs.graph(n);
            Judgement judgement = LeakFinder.judge(graph, _ -> 0);
            Oracle oracle = new Oracle(graph);
            for (int f = 0; f < graph.fileCount(); f++) {
                assertEquals(
                        oracle.state(f), judgement.state(f), RandomGraphs.hint(n) + ", file " + f);
            }
        }
    }

    @Test
    void everyUnreachableFileIsInOneVerdictAboutItsStateUnlessNoFileHoldsIt() {
        for (int n = 0; n < GRAPHS; n++) {
            ReferenceGraph graph = RandomGraphs.graph(n);
            for (int runs : new int[] {0, LeakFinder.COLLECTOR_RUNS_TO_CONVICT}) {
                int outlived = runs;
                checkUnits(graph, LeakFinder.judge(graph, _ -> outlived), RandomGraphs.hint(n));
            }
        }
    }

    private static void checkUnits(ReferenceGraph graph, Judgement judgement, String hint) {
        boolean[] subject = new boolean[graph.fileCount()];
        boolean[] below = new boolean[graph.fileCount()];
        int previous = 0;
        for (Verdict verdict : judgement.verdicts()) {
            assertTrue(previous <= verdict.files().getFirst(), hint);
            previous = verdict.files().getFirst();
            Judgement.State state =
                    switch (verdict) {
                        case Verdict.Collectable _ -> Judgement.State.COLLECTABLE;
                        case Verdict.Leaked _ -> Judgement.State.LEAKED;
                        case Verdict.Undecided _ -> Judgement.State.UNDECIDED;
                        case Verdict.OrphanRing _ -> Judgement.State.ORPHANED;
                        case Verdict.PinnedByRing _,
                                Verdict.NeverReceived _,
                                Verdict.StuckRequest _,
                                Verdict.DetachedRing _ ->
                                Judgement.State.HELD;
                    };
            for (int file : verdict.files()) {
                assertEquals(state, judgement.state(file), hint);
                assertFalse(state != Judgement.State.HELD && subject[file], hint);
                subject[file] = true;
            }
            if (verdict instanceof Verdict.OrphanRing orphan) {
                orphan.holds().forEach(file -> below[file] = true);
            }
        }
        for (int f = 0; f < graph.fileCount(); f++) {
            assertTrue(
                    subject[f] || below[f] || nothingToTell(graph, judgement, f),
                    hint + ", file " + f);
        }
    }

    /** A process has the file, or something unseen has it and no file does. */
    private static boolean nothingToTell(ReferenceGraph graph, Judgement judgement, int file) {
        return switch (judgement.state(file)) {
            case HELD -> true;
            case UNDECIDED -> graph.holdersBegin(file) == graph.holdersEnd(file);
            case ORPHANED, COLLECTABLE, LEAKED -> false;
        };
    }

    private record Oracle(ReferenceGraph graph, Closure closure) {

        Oracle(ReferenceGraph graph) {
            this(graph, new Closure(graph));
        }

        Judgement.State state(int file) {
            if (closure.reachable(file)) {
                return Judgement.State.HELD;
            }
            if (any(from -> suspicious(from) && closure.reaches(from, file))) {
                return Judgement.State.UNDECIDED;
            }
            return belowOrphan(file) ? Judgement.State.ORPHANED : Judgement.State.COLLECTABLE;
        }

        private boolean suspicious(int file) {
            return !closure.reachable(file) && graph.unexplained(file) != 0 && !belowOrphan(file);
        }

        private boolean belowOrphan(int file) {
            return any(ring -> orphan(ring) && closure.reaches(ring, file));
        }

        /** Everything above it, itself included, is an unreachable ring that only requests hold. */
        private boolean orphan(int ring) {
            return !any(above -> closure.reaches(above, ring) && !loneRing(above));
        }

        private boolean loneRing(int file) {
            boolean onlyRequests =
                    IntStream.range(graph.holdersBegin(file), graph.holdersEnd(file))
                            .mapToObj(i -> graph.by(graph.holderReference(i)))
                            .allMatch(by -> by == By.REQUEST || by == By.REQUEST_BY_SLOT);
            return graph.kind(file) == FileKind.RING
                    && !closure.reachable(file)
                    && graph.unexplained(file) <= 0
                    && onlyRequests;
        }

        private boolean any(IntPredicate test) {
            return IntStream.range(0, graph.fileCount()).anyMatch(test);
        }
    }
}

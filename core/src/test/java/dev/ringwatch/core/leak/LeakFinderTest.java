package dev.ringwatch.core.leak;

import static dev.ringwatch.core.graph.Drawing.draw;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.graph.BigGraphs;
import dev.ringwatch.core.graph.Drawing;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Every graph here is drawn, and named for what someone did to make it. */
class LeakFinderTest {
    private static final int CONVICTED = LeakFinder.COLLECTOR_RUNS_TO_CONVICT;

    /** A socket pair whose both ends a live ring's table has, the descriptors closed. */
    private static final String PAIR_REGISTERED_AND_CLOSED =
            "ring R; unix a, b; fd R; a ~ b; R -slot-> a, b";

    /** The graphs of the kernel's selftest scm_rights.c: each socket is sent twice, all are closed. */
    @Nested
    class KernelSelftest {

        @Test
        void selfRef() {
            garbage("unix 0, 1; 0 -queue-> 0, 0; 1 -queue-> 1, 1", "0", "1");
        }

        @Test
        void triangle() {
            garbage(
                    """
                    unix 0, 1, 2, 3, 4, 5
                    1 -queue-> 0, 0; 2 -queue-> 1, 1; 0 -queue-> 2, 2
                    4 -queue-> 3, 3; 5 -queue-> 4, 4; 3 -queue-> 5, 5
                    """,
                    "0 2 1",
                    "3 5 4");
        }

        @Test
        void crossEdge() {
            garbage(
                    """
                    unix 0, 1, 2, 3, 4, 5, 6, 7
                    1 -queue-> 0, 0; 2 -queue-> 1, 1; 0 -queue-> 2, 2
                    3 -queue-> 1, 1; 2 -queue-> 3, 3
                    5 -queue-> 4, 4; 6 -queue-> 5, 5; 4 -queue-> 6, 6
                    7 -queue-> 5, 5; 6 -queue-> 7, 7
                    """,
                    "0 2 1 3",
                    "4 6 5 7");
        }

        @Test
        void backtrackFromScc() {
            garbage(
                    """
                    unix 0, 1, 2, 3
                    1 -queue-> 0, 0
                    2 -queue-> 1, 1; 3 -queue-> 2, 2; 1 -queue-> 3, 3
                    """,
                    "1 3 2 0");
        }

        private void garbage(String text, String... units) {
            for (String unit : units) {
                assertTrue(judge(text, 0).contains("Collectable " + unit), unit);
                assertTrue(judge(text, CONVICTED).contains("Leaked " + unit + " after 3"), unit);
            }
            assertEquals(units.length, judge(text, 0).size());
        }
    }

    @Nested
    class Garbage {

        @Test
        void oneDescriptorKeptHoldsTheWholeTriangle() {
            Drawing drawing = draw("unix 0, 1, 2; 1 -queue-> 0; 2 -queue-> 1; 0 -queue-> 2; fd 1");
            assertEquals("HELD HELD HELD", states(drawing, CONVICTED));
        }

        @Test
        void aPipeInAGarbageQueueSharesItsFate() {
            String text = "unix a; file pipe; a -queue-> a, pipe";
            assertEquals(List.of("Collectable a pipe"), judge(text, CONVICTED - 1));
            assertEquals(List.of("Leaked a pipe after 4"), judge(text, 4));
            assertEquals("LEAKED LEAKED", states(draw(text), CONVICTED));
        }

        @Test
        void oneSocketSeenLaterThanTheRestIsNotConvictedWithThem() {
            Drawing drawing = draw("unix a, b; a -queue-> b; b -queue-> a");
            Judgement judgement = LeakFinder.judge(drawing.graph(), file -> file == 0 ? 9 : 2);
            assertEquals(List.of("Collectable a b"), told(drawing, judgement));
        }

        @Test
        void aListenerInItsOwnEmbryoIsALoopOfOne() {
            // A connection nobody accepted stands in its listener's place (unix_edge_successor).
            assertEquals(
                    List.of("Collectable listener"),
                    judge("unix listener; listener -queue-> listener", 0));
        }

        @Test
        void whatTwoLoopsHoldIsToldOnce() {
            assertEquals(
                    List.of("Collectable a f", "Collectable b g"),
                    judge("unix a, b; file f, g; a -queue-> a, f; b -queue-> b, f, g", 0));
        }

        @Test
        void aLoopBelowALoopIsOneUnit() {
            assertEquals(
                    List.of("Collectable b a"),
                    judge("unix a, b; a -queue-> a; b -queue-> b, a", 0));
        }

        @Test
        void anOldKernelsRingInFlight() {
            // Before 6.7 a ring could be sent: register a pair, send the ring over it, close all.
            assertEquals(
                    List.of("Collectable R b a"),
                    judge("ring R; unix a, b; R -slot-> a, b; b -queue-> R", 0));
        }

        @Test
        void theEvidenceIsTheLoop() {
            Drawing drawing = draw("unix a, b; a -queue-> b; b -queue-> a");
            assertEquals("a -queue-> b -queue-> a", evidence(drawing));
        }
    }

    /** Indices that the kernel's collector gave are drawn as {@code a=2 b=3}, in the order of files. */
    @Nested
    class KernelsIndices {
        private static final String TRIANGLE =
                "unix a, b, c; a -queue-> b; b -queue-> c; c -queue-> a";

        @Test
        void oneIndexForAllIsCollectable() {
            assertEquals(
                    List.of("Collectable a b c"), judge(TRIANGLE, "a=2 b=2 c=2", CONVICTED - 1));
        }

        @Test
        void differentOnesAreLeakedOnceARunWasOutlived() {
            assertEquals(List.of("Leaked a b c after 1"), judge(TRIANGLE, "a=2 b=2 c=3", 1));
            assertEquals("LEAKED LEAKED LEAKED", statesWith(TRIANGLE, "a=2 b=2 c=3", 1));
        }

        @Test
        void whatHasNotBeenWalkedHasAnIndexOfItsOwnAndProvesNothing() {
            assertEquals(List.of("Collectable a b c"), judge(TRIANGLE, "a=7 b=8 c=9", 0));
        }

        @Test
        void theReasonHasTheNumbersToCheckItBy() {
            Drawing drawing = draw("unix a, b; file f; a -queue-> b, b; b -queue-> a, f");
            Verdict verdict = judged(drawing, "a=5 b=4", _ -> 1).verdicts().getFirst();
            assertEquals(
                    "The kernel gave the members of this component different indices (4, 5), so it"
                            + " will never judge them dead; nobody can reach them: references 3 ="
                            + " in flight 3.",
                    verdict.evidence().because());
        }

        @Test
        void aLongReasonIsCutShort() {
            Drawing drawing = draw(loopOf("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"));
            Verdict verdict =
                    judged(drawing, "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10", _ -> 1)
                            .verdicts()
                            .getFirst();
            String because = verdict.evidence().because();
            assertTrue(because.contains("(1, 2, 3, 4, 5, 6, 7, 8 and 2 more)"), because);
        }

        @Test
        void withoutAnIndexOfEveryMemberOnlyRunsConvict() {
            assertEquals(List.of("Collectable a b c"), judge(TRIANGLE, "a=2 c=3", CONVICTED - 1));
            assertEquals(List.of("Leaked a b c after 3"), judge(TRIANGLE, "a=2 c=3", CONVICTED));
        }

        @Test
        void oneMemberSeenLaterThanTheRestProvesNothing() {
            Drawing drawing = draw(TRIANGLE);
            assertEquals(
                    List.of("Collectable a b c"),
                    told(drawing, judged(drawing, "a=2 b=2 c=3", file -> file == 1 ? 0 : 2)));
        }

        @Test
        void aDescriptorHoldsThemAll() {
            assertEquals("HELD HELD HELD", statesWith(TRIANGLE + "; fd b", "a=2 b=2 c=3", 9));
        }

        @Test
        void aReferenceThatNobodyCanExplain() {
            assertEquals(
                    List.of("Undecided b a c"), judge(TRIANGLE + "; extra b", "a=2 b=2 c=3", 9));
        }

        @Test
        void aMemberThatTheCollectorCountsOtherwiseProvesNothing() {
            Drawing drawing = draw(TRIANGLE);
            CollectorView view = view(drawing, "a=2 b=2 c=3", _ -> 1);
            CollectorView moving =
                    new CollectorView() {
                        @Override
                        public int runs(int socket) {
                            return view.runs(socket);
                        }

                        @Override
                        public int componentIndex(int socket) {
                            return view.componentIndex(socket);
                        }

                        @Override
                        public int inFlight(int socket) {
                            return view.inFlight(socket) + (socket == 2 ? 1 : 0);
                        }
                    };
            assertEquals(
                    List.of("Collectable a b c"),
                    told(drawing, LeakFinder.judge(drawing.graph(), moving)));
        }

        @Test
        void twoComponentsHaveTwoIndices() {
            String loops =
                    "unix a, b, c, d; a -queue-> b; b -queue-> a; c -queue-> d; d -queue-> c";
            assertEquals(
                    List.of("Collectable a b", "Collectable c d"),
                    judge(loops, "a=2 b=2 c=4 d=4", 1));
            assertEquals(
                    List.of("Collectable a b c d"),
                    judge(loops + "; b -queue-> c", "a=4 b=4 c=2 d=2", 1));
        }

        @Test
        void whatItHoldsIsLeakedWithIt() {
            assertEquals(
                    List.of("Leaked a b c d pipe e after 1"),
                    judge(
                            TRIANGLE
                                    + "; unix d, e; file pipe"
                                    + "; b -queue-> d, pipe; d -queue-> e; e -queue-> d",
                            "a=2 b=2 c=3 d=6 e=6",
                            1));
        }

        /** The loop above goes first; until then the kernel has another reason not to free it. */
        @Test
        void whatHoldsItIsFreedFirst() {
            assertEquals(
                    List.of("Collectable u a b c"),
                    judge(TRIANGLE + "; unix u; u -queue-> u, a", "a=2 b=2 c=3 u=6", 2));
        }

        @Test
        void whatAnotherLoopHoldsTooStays() {
            assertEquals(
                    List.of("Collectable u", "Leaked a b c f after 1"),
                    judge(
                            "unix u; file f; u -queue-> u, f; " + TRIANGLE + "; c -queue-> f",
                            "u=6 a=2 b=2 c=3",
                            1));
        }

        @Test
        void aRingInTheLoopIsNoMatterOfIndices() {
            // Such kernels have a collector without components.
            assertEquals(
                    List.of("Collectable R b a"),
                    judge("ring R; unix a, b; R -slot-> a, b; b -queue-> R", "a=2 b=3", 1));
        }

        private static String loopOf(String... names) {
            StringBuilder text = new StringBuilder("unix " + String.join(", ", names));
            for (int i = 0; i < names.length; i++) {
                text.append("; ").append(names[i]);
                text.append(" -queue-> ").append(names[(i + 1) % names.length]);
            }
            return text.toString();
        }

        private static String statesWith(String text, String indices, int runs) {
            Drawing drawing = draw(text);
            return states(drawing, judged(drawing, indices, _ -> runs));
        }

        private static List<String> judge(String text, String indices, int runs) {
            Drawing drawing = draw(text);
            return told(drawing, judged(drawing, indices, _ -> runs));
        }

        private static Judgement judged(Drawing drawing, String indices, CollectorView runs) {
            return LeakFinder.judge(drawing.graph(), view(drawing, indices, runs));
        }

        /** The collector counts every queued descriptor, as the graph does. */
        private static CollectorView view(Drawing drawing, String indices, CollectorView runs) {
            Map<Integer, Integer> index = new HashMap<>();
            for (String one : indices.split(" ", -1)) {
                String[] parts = one.split("=", -1);
                index.put(drawing.file(parts[0]), Integer.valueOf(parts[1]));
            }
            return new CollectorView() {
                @Override
                public int runs(int socket) {
                    return runs.runs(socket);
                }

                @Override
                public int componentIndex(int socket) {
                    return index.getOrDefault(socket, UNKNOWN);
                }

                @Override
                public int inFlight(int socket) {
                    ReferenceGraph graph = drawing.graph();
                    int n = 0;
                    for (int i = graph.holdersBegin(socket); i < graph.holdersEnd(socket); i++) {
                        n += graph.by(graph.holderReference(i)) == By.QUEUE ? 1 : 0;
                    }
                    return n;
                }
            };
        }
    }

    @Nested
    class Undecided {

        @Test
        void aFileThatNoQueueTableOrRequestHoldsIsNotTold() {
            assertEquals(List.of(), judge("unix a, b; a ~ b; unknown a, b", CONVICTED));
        }

        @Test
        void aReferenceThatNobodyCanExplain() {
            assertEquals(
                    List.of("Undecided b a f"),
                    judge(
                            """
                            unix a, b; file f
                            a -queue-> b; b -queue-> a; a -queue-> f
                            extra b
                            """,
                            CONVICTED));
        }

        @Test
        void aCountThatCouldNotBeRead() {
            assertEquals(
                    List.of("Undecided a"), judge("unix a; a -queue-> a; unknown a", CONVICTED));
        }

        @Test
        void garbageAboveItStaysGarbage() {
            Drawing drawing = draw("unix a, b, c; a -queue-> a, b; b -queue-> c; extra b");
            assertEquals("COLLECTABLE UNDECIDED UNDECIDED", states(drawing, 0));
            assertEquals(
                    List.of("Collectable a", "Undecided b c"),
                    told(drawing, LeakFinder.judge(drawing.graph(), _ -> 0)));
        }

        @Test
        void oneVerdictForEachSourceAndNotForEachFile() {
            assertEquals(
                    List.of("Undecided a b c"),
                    judge("unix a, b, c; a -queue-> b; b -queue-> c; unknown a, b, c", 0));
        }

        @Test
        void whatAProcessReachesNeedsNoExplaining() {
            assertEquals(List.of(), judge("unix a; fd a; unknown a", CONVICTED));
        }
    }

    @Nested
    class OrphanRings {

        @Test
        void ringPollingItself() {
            Drawing drawing = draw("ring R; unix a; file f; R -request-> R; R -slot-> a, f");
            assertEquals("ORPHANED ORPHANED ORPHANED", states(drawing, CONVICTED));
            assertEquals(
                    List.of("OrphanRing R holds a f"),
                    told(drawing, LeakFinder.judge(drawing.graph(), _ -> 0)));
            assertEquals("R -request-> R", evidence(drawing));
        }

        @Test
        void twoRingsPollingEachOther() {
            assertEquals(
                    List.of("OrphanRing R holds S f", "OrphanRing S holds R g"),
                    judge(
                            """
                            ring R, S; file f, g
                            R -request-> S, S; S -request-> R
                            R -slot-> f; S -slot-> f, g
                            """,
                            0));
        }

        @Test
        void aRingInTeardown() {
            assertEquals(List.of("OrphanRing R holds f"), judge("ring R; file f; R -slot-> f", 0));
        }

        @Test
        void aRingKnownOnlyThroughATask() {
            assertEquals(List.of("OrphanRing R holds "), judge("ring R; unknown R", 0));
        }

        @Test
        void aRingWithAReferenceThatNobodyCanExplain() {
            assertEquals(
                    List.of("Undecided R f"),
                    judge("ring R; file f; R -request-> R; R -slot-> f; extra R", 0));
        }

        @Test
        void aRingThatALiveRingPollsIsHeld() {
            assertEquals(
                    List.of("StuckRequest R of S: 6"),
                    judge("ring R, S; fd S; S -request-> R; R -request-> R", 0));
        }

        @Test
        void aRingThatARingInFlightPollsIsTheCollectors() {
            assertEquals(
                    List.of("Collectable S a R"),
                    judge("ring R, S; unix a; S -slot-> a; a -queue-> S; S -request-> R", 0));
        }

        @Test
        void whatItHoldsIsOrphanedHoweverManyReferencesItHas() {
            Drawing drawing = draw("ring R; file f; R -request-> R; R -slot-> f; unknown f");
            assertEquals("ORPHANED ORPHANED", states(drawing, 0));
        }

        @Test
        void aFileThatAnUndecidedSocketHoldsTooIsUndecided() {
            Drawing drawing =
                    draw(
                            """
                            ring R; unix a; file f
                            R -request-> R; R -slot-> f; a -queue-> f; extra a
                            """);
            assertEquals("ORPHANED UNDECIDED UNDECIDED", states(drawing, 0));
        }

        @Test
        void aFileThatGarbageHoldsTooWaitsForTheRing() {
            Drawing drawing =
                    draw(
                            """
                            ring R; unix a; file f
                            R -request-> R; R -slot-> f; a -queue-> a, f
                            """);
            assertEquals("ORPHANED COLLECTABLE ORPHANED", states(drawing, 0));
            assertEquals(
                    List.of("OrphanRing R holds f", "Collectable a"),
                    told(drawing, LeakFinder.judge(drawing.graph(), _ -> 0)));
        }
    }

    @Nested
    class PinnedByRing {

        @Test
        void pairRegisteredAndClosed() {
            Drawing drawing = draw(PAIR_REGISTERED_AND_CLOSED);
            assertEquals(
                    List.of(
                            "PinnedByRing a in 1 slot of R: PEER_UNREACHABLE",
                            "PinnedByRing b in 1 slot of R: PEER_UNREACHABLE"),
                    told(drawing, LeakFinder.judge(drawing.graph(), _ -> 0)));
            assertEquals("process -fd-> R -slot-> a", evidence(drawing));
        }

        @Test
        void aProcessStillHasTheOtherEnd() {
            assertEquals(List.of(), judge(PAIR_REGISTERED_AND_CLOSED + "; fd b", 0));
        }

        @Test
        void aRequestStillUsesTheOtherEnd() {
            assertEquals(List.of(), judge(PAIR_REGISTERED_AND_CLOSED + "; R -uses-> a, b", 0));
        }

        @Test
        void onlyOneEndHasARequest() {
            assertEquals(List.of(), judge(PAIR_REGISTERED_AND_CLOSED + "; R -uses-> b", 0));
        }

        @Test
        void theOtherEndMayBeHeldByWhatWasNotSeen() {
            assertEquals(List.of(), judge(PAIR_REGISTERED_AND_CLOSED + "; extra b", 0));
            assertEquals(List.of(), judge(PAIR_REGISTERED_AND_CLOSED + "; unknown b", 0));
        }

        @Test
        void theOtherEndWaitsInAQueue() {
            assertEquals(
                    List.of(
                            "PinnedByRing a in 1 slot of R: PEER_UNREACHABLE",
                            "NeverReceived q holds b in 1 descriptor"),
                    judge(
                            """
                            ring R; unix a, b, q
                            fd R, q; a ~ b; R -slot-> a; q -queue-> b
                            """,
                            0));
        }

        @Test
        void theOtherEndWasClosed() {
            assertEquals(
                    List.of("PinnedByRing a in 2 slots of R: PEER_GONE"),
                    judge("ring R; socket a; fd R; R -slot-> a, a; gone a", 0));
        }

        @Test
        void directDescriptorInUse() {
            String connection = "ring R; socket a; fd R; R -slot-> a";
            assertEquals(List.of(), judge(connection, 0), "only in a table is normal");
            assertEquals(List.of(), judge(connection + "; gone a; R -uses-> a", 0));
            assertEquals(List.of(), judge(connection + "; gone a; R -request-> a", 0));
        }

        @Test
        void deletedFileInATable() {
            String log = "ring R; file log; fd R; R -slot-> log; deleted log";
            assertEquals(List.of("PinnedByRing log in 1 slot of R: DELETED"), judge(log, 0));
            assertEquals(List.of(), judge(log + "; fd log", 0));
            assertEquals(List.of(), judge(log + "; extra log", 0));
            assertEquals(List.of(), judge(log + "; unknown log", 0));
        }

        @Test
        void inTheTablesOfTwoLiveRings() {
            assertEquals(
                    List.of("PinnedByRing f in 2 slots of R: DELETED"),
                    judge("ring R, S; file f; fd R, S; R -slot-> f; S -slot-> f; deleted f", 0));
        }

        @Test
        void oneOfItsRingsIsAnOrphan() {
            assertEquals(
                    List.of("OrphanRing S holds "),
                    judge(
                            """
                            ring R, S; file f
                            fd R; S -request-> S; R -slot-> f; S -slot-> f; deleted f
                            """,
                            0));
        }

        @Test
        void aQueueHasItToo() {
            assertEquals(
                    List.of("NeverReceived q holds f in 1 descriptor"),
                    judge(
                            "ring R; unix q; file f; fd R, q; R -slot-> f; q -queue-> f; deleted f",
                            0));
        }

        @Test
        void neverARing() {
            assertEquals(List.of(), judge("ring R, S; fd R; R -slot-> S; deleted S", 0));
        }
    }

    /** A file whose descriptor was closed under a request. */
    @Nested
    class LoneRequests {
        @Test
        void aReceiveOnAClosedDescriptor() {
            String connection = "ring R; unix a, b; fd R, b; a ~ b; R -recv-> a";
            assertEquals(List.of("StuckRequest a of R: 27"), judge(connection, 0));
            assertEquals(List.of(), judge(connection + "; fd a", 0));
            assertEquals(List.of(), judge(connection + "; R -slot-> a", 0));
            assertEquals(List.of(), judge(connection + "; extra a", 0));
            assertEquals(List.of(), judge(connection + "; unknown a", 0));
        }

        @Test
        void aPollOnALiveConnectionWaitsAsItShould() {
            String connection = "ring R; unix a, b; socket c; fd R, b; a ~ b; R -request-> a, c";
            assertEquals(List.of(), judge(connection, 0));
            assertEquals(
                    List.of("StuckRequest a of R: 6", "StuckRequest c of R: 6"),
                    judge(connection + "; gone a, c", 0));
        }

        @Test
        void bothEndsOfAConnectionAreOnlyPolled() {
            assertEquals(
                    List.of("OrphanRing S holds a b"),
                    judge("ring S; unix a, b; a ~ b; S -request-> S, a, b", 0));
            assertEquals(List.of(), judge("ring R; unix a, b; fd R; a ~ b; R -request-> a, b", 0));
        }

        @Test
        void aPollOfSomethingElse() {
            assertEquals(
                    List.of("StuckRequest f of R: 6"),
                    judge("ring R; file f; fd R; R -request-> f", 0));
            assertEquals(
                    List.of("StuckRequest S of R: 6"), judge("ring R, S; fd R; R -request-> S", 0));
        }

        @Test
        void aRequestOfARingThatNobodyHoldsIsTheRingsOwnMatter() {
            assertEquals(
                    List.of("OrphanRing R holds f"),
                    judge("ring R; file f; R -request-> R; R -recv-> f", 0));
        }
    }

    @Nested
    class DetachedRings {
        private static final String TABLE = "ring R; file f; R -slot-> f, f";

        @Test
        void onlyRegisteredWithATask() {
            assertEquals(
                    List.of("DetachedRing R holds f: REGISTERED"), judge(TABLE + "; task R", 0));
            assertEquals(
                    List.of("DetachedRing R holds f: REGISTERED"),
                    judge(TABLE + "; task R; mmap R", 0));
            assertEquals(List.of(), judge(TABLE + "; task R; fd R", 0));
        }

        @Test
        void onlyMapped() {
            assertEquals(List.of("DetachedRing R holds f: MAPPED"), judge(TABLE + "; mmap R", 0));
        }

        @Test
        void withoutFilesOrWithRequestsThereIsNothingToTell() {
            assertEquals(List.of(), judge("ring R; mmap R", 0));
            assertEquals(List.of(), judge(TABLE + "; mmap R; R -uses-> f", 0));
            assertEquals(List.of(), judge(TABLE + "; mmap R; R -request-> R", 0));
        }

        @Test
        void onlyWhoNeverUsedItHasIt() {
            assertEquals(
                    List.of("DetachedRing R holds f: INHERITED"),
                    judgeUsedBy(TABLE + "; fd R", List.of()));
            assertEquals(
                    List.of("DetachedRing R holds f: INHERITED"),
                    judgeUsedBy(TABLE + "; fd R; mmap R", List.of(2)));
            assertEquals(List.of(), judgeUsedBy(TABLE + "; fd R", List.of(1, 2)));
        }

        private List<String> judgeUsedBy(String text, List<Integer> users) {
            Drawing drawing = draw(text);
            return told(
                    drawing, LeakFinder.judge(drawing.graph(), _ -> 0, ring -> Optional.of(users)));
        }
    }

    @Nested
    class NeverReceived {

        @Test
        void queueOfALiveSocket() {
            Drawing drawing = draw("unix a; file f, g; fd a; a -queue-> f, g, f");
            Judgement judgement = LeakFinder.judge(drawing.graph(), _ -> 0);
            assertEquals(
                    List.of("NeverReceived a holds f g in 3 descriptors"),
                    told(drawing, judgement));
            assertEquals("process -fd-> a", evidence(drawing));
        }

        @Test
        void aQueueBelowAQueue() {
            assertEquals(
                    List.of(
                            "NeverReceived a holds b in 1 descriptor",
                            "NeverReceived b holds f in 1 descriptor"),
                    judge("unix a, b; file f; fd a; a -queue-> b; b -queue-> f", 0));
        }

        @Test
        void theSameFileInTwoQueues() {
            assertEquals(
                    List.of(
                            "NeverReceived a holds f in 1 descriptor",
                            "NeverReceived b holds f in 1 descriptor"),
                    judge("unix a, b; file f; fd a, b; a -queue-> f; b -queue-> f", 0));
        }

        @Test
        void anEmptyQueue() {
            assertEquals(List.of(), judge("unix a; fd a", 0));
        }
    }

    @Nested
    class Size {

        @Test
        void aLoopOfAMillionSockets() {
            Judgement judgement = LeakFinder.judge(BigGraphs.loop(1_000_000), _ -> CONVICTED);
            Verdict.Leaked leaked = (Verdict.Leaked) judgement.verdicts().getFirst();
            assertEquals(1_000_000, leaked.files().size());
            assertEquals(1_000_000, leaked.evidence().path().steps().size());
        }

        @Test
        void aLiveNestOfSocketsIsNotSquared() {
            int n = 200_000;
            ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
            for (int f = 0; f < n; f++) {
                builder.file(FileKind.UNIX_SOCKET, 1, false);
            }
            builder.outside(0, new Holder.DescriptorSlot(1, 3));
            for (int f = 0; f + 1 < n; f++) {
                builder.queued(f, f + 1, 0);
            }
            List<Verdict> verdicts = LeakFinder.judge(builder.build(), _ -> 0).verdicts();
            assertEquals(n - 1, verdicts.size());
            assertEquals(n - 1, verdicts.getLast().evidence().path().steps().size());
        }

        @Test
        void aMillionFilesWithTenMillionReferences() {
            ReferenceGraph graph = BigGraphs.random(1_000_000, 10_000_000, 10_000, 1);
            Judgement judgement = LeakFinder.judge(graph, _ -> 0);
            assertEquals(Judgement.State.HELD, judgement.state(0));
        }

        @Test
        void halfAMillionSocketsConnectedToOne() {
            ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
            int n = 500_000;
            int ring = builder.file(FileKind.RING, 1, false);
            int log = builder.file(FileKind.UNIX_SOCKET, n, false);
            builder.outside(ring, new Holder.DescriptorSlot(1, 3));
            for (int i = 0; i < n; i++) {
                int s = builder.file(FileKind.UNIX_SOCKET, 1, false);
                builder.slot(ring, s, i);
                builder.slot(ring, log, n + i);
                builder.peer(s, log);
            }
            assertEquals(n, LeakFinder.judge(builder.build(), _ -> 0).verdicts().size());
        }
    }

    private static String states(Drawing drawing, int runs) {
        return states(drawing, LeakFinder.judge(drawing.graph(), _ -> runs));
    }

    private static String states(Drawing drawing, Judgement judgement) {
        List<String> states = new ArrayList<>();
        for (int f = 0; f < drawing.graph().fileCount(); f++) {
            states.add(judgement.state(f).name());
        }
        return String.join(" ", states);
    }

    private static List<String> judge(String text, int runs) {
        Drawing drawing = draw(text);
        return told(drawing, LeakFinder.judge(drawing.graph(), _ -> runs));
    }

    private static String evidence(Drawing drawing) {
        Judgement judgement = LeakFinder.judge(drawing.graph(), _ -> 0);
        return drawing.arrows(judgement.verdicts().getFirst().evidence().path());
    }

    private static List<String> told(Drawing drawing, Judgement judgement) {
        return judgement.verdicts().stream().map(verdict -> tell(drawing, verdict)).toList();
    }

    private static String tell(Drawing drawing, Verdict verdict) {
        String files = drawing.names(verdict.files());
        return switch (verdict) {
            case Verdict.Collectable _ -> "Collectable " + files;
            case Verdict.Leaked leaked -> "Leaked " + files + " after " + leaked.collectorRuns();
            case Verdict.Undecided _ -> "Undecided " + files;
            case Verdict.PinnedByRing pinned ->
                    "PinnedByRing %s in %s of %s: %s"
                            .formatted(
                                    files,
                                    many(pinned.slots(), "slot"),
                                    drawing.names(List.of(pinned.ring())),
                                    pinned.why());
            case Verdict.NeverReceived unread ->
                    "NeverReceived %s holds %s in %s"
                            .formatted(
                                    files,
                                    drawing.names(unread.held()),
                                    many(unread.descriptors(), "descriptor"));
            case Verdict.OrphanRing orphan ->
                    "OrphanRing " + files + " holds " + drawing.names(orphan.holds());
            case Verdict.DetachedRing detached ->
                    "DetachedRing %s holds %s: %s"
                            .formatted(files, drawing.names(detached.holds()), detached.how());
            case Verdict.StuckRequest stuck ->
                    "StuckRequest %s of %s: %d"
                            .formatted(files, drawing.names(List.of(stuck.ring())), stuck.opcode());
        };
    }

    private static String many(int n, String noun) {
        return n + " " + noun + (n == 1 ? "" : "s");
    }
}

package dev.ringwatch.agent.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.observe.HandMade;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.leak.LeakFinder;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of verdicts from observation to observation. */
class TrackerTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Thresholds THRESHOLDS =
            new Thresholds(
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(10),
                    Duration.ofHours(1),
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(1));

    private final Tracker tracker = new Tracker(THRESHOLDS);

    @Test
    void whatIsSeenOnceIsNotConfirmed() {
        assertEquals(List.of(), see(0, queue(7)).confirmed());
        Finding finding = only(see(10, queue(7)));
        assertEquals(FindingKind.NEVER_RECEIVED, finding.kind());
        assertEquals(BEGIN, finding.since());
        assertEquals(List.of(0, 1), finding.files());
        assertEquals("comm:server", finding.group());
    }

    /** One look for which eBPF was refused: what is known by it is not forgotten meanwhile. */
    @Test
    void aLookFromProcInBetweenMakesNothingYoung() {
        see(0, queue(7));
        assertEquals(1, see(300, queue(7)).opened().get(FindingKind.NEVER_RECEIVED));
        see(310, queue(7).from(Source.PROC));
        Tracked after = see(320, queue(7));
        assertEquals(BEGIN, only(after).since());
        assertEquals(1, after.findings().size());
        assertEquals(1, after.opened().get(FindingKind.NEVER_RECEIVED));
    }

    @Test
    void itIsAFindingFromTheThresholdOn() {
        see(0, queue(7));
        assertEquals(List.of(), see(299, queue(7)).findings());
        Tracked old = see(300, queue(7));
        assertEquals(old.confirmed(), old.findings());
        assertEquals(1, old.findings().size());
        assertEquals(1, old.findings(Duration.ofMinutes(5)).size());
        assertEquals(List.of(), old.findings(Duration.ofSeconds(301)));
    }

    @Test
    void anOpenedFindingIsCountedOnceWhenItIsOldEnough() {
        assertEquals(zeros(), see(0, queue(7)).opened());
        assertEquals(zeros(), see(299, queue(7)).opened());
        assertEquals(1, see(300, queue(7)).opened().get(FindingKind.NEVER_RECEIVED));
        assertEquals(1, see(400, queue(7)).opened().get(FindingKind.NEVER_RECEIVED));
    }

    @Test
    void itKeepsItsNameAndHasItAgain() {
        see(0, queue(7));
        String id = only(see(10, queue(7))).id();
        assertEquals(id, only(see(20, queue(7))).id());
        see(30, new HandMade());
        assertEquals(List.of(), see(40, queue(7)).confirmed(), "it begins anew");
        Finding again = only(see(50, queue(7)));
        assertEquals(id, again.id());
        assertEquals(BEGIN.plusSeconds(40), again.since());
    }

    @Test
    void aQueueThatMovesIsYoungAgain() {
        assertEquals(Map.of(0, BEGIN), see(0, queue(7)).queueSince());
        assertEquals(Map.of(0, BEGIN), see(200, queue(7)).queueSince());
        Tracked moved = see(400, queue(8));
        assertEquals(Map.of(0, BEGIN.plusSeconds(400)), moved.queueSince());
        assertEquals(List.of(), moved.confirmed());
        Tracked still = see(500, queue(8));
        assertEquals(BEGIN.plusSeconds(400), only(still).since());
        assertEquals(List.of(), still.findings());
    }

    @Test
    void anEmptyQueueWaitsForNobody() {
        assertEquals(Map.of(), see(0, pinned()).queueSince());
    }

    @Test
    void aPinnedPairIsTwoFindingsAfterAMinute() {
        see(0, pinned());
        assertEquals(List.of(), see(59, pinned()).findings());
        List<Finding> findings = see(60, pinned()).findings();
        assertEquals(2, findings.size());
        for (Finding f : findings) {
            assertEquals(FindingKind.PINNED_BY_RING, f.kind());
            assertEquals("unit:db.service", f.group());
            assertEquals(0, f.path().steps().getFirst().file(), "through its ring");
        }
    }

    /** It goes by the process that used the ring: nothing else leads to one. */
    @Test
    void anOrphanRingBelongsToItsUser() {
        see(0, orphan());
        assertEquals(List.of(), see(9, orphan()).findings());
        Finding finding = only(see(10, orphan()));
        assertEquals(FindingKind.ORPHAN_RING, finding.kind());
        assertEquals("comm:server", finding.group());
        assertEquals(1, see(11, orphan()).findings().size());
    }

    /** Each observation begins a run of the collector; what outlives several is not collected. */
    @Test
    void garbageIsLeakedAfterThreeRunsOfTheCollector() {
        for (int i = 0; i < LeakFinder.COLLECTOR_RUNS_TO_CONVICT; i++) {
            assertEquals(List.of(), see(i, cycle(1)).confirmed(), "collectable is no finding");
        }
        Tracked tracked = see(3, cycle(1));
        Finding finding = only(tracked);
        assertEquals(FindingKind.LEAKED, finding.kind());
        assertEquals(Groups.UNREACHABLE, finding.group());
        assertEquals(BEGIN, finding.since(), "it was garbage from then on");
        assertEquals(tracked.confirmed(), tracked.findings(), "its verdict has waited by itself");
        assertEquals(1, tracked.opened().get(FindingKind.LEAKED));
    }

    @Test
    void garbageThatWasFreedMeanwhileStartsAgain() {
        for (int i = 0; i < 3; i++) {
            see(i, cycle(1));
        }
        see(3, new HandMade());
        for (int i = 4; i < 7; i++) {
            assertEquals(List.of(), see(i, cycle(1)).confirmed());
        }
        assertEquals(FindingKind.LEAKED, only(see(7, cycle(1))).kind());
    }

    @Test
    void onlyRunsThatAreKnownToHaveBeenCount() {
        for (int i = 0; i < 9; i++) {
            assertEquals(List.of(), see(i, cycle(1).withoutRun()).confirmed());
        }
        for (int i = 9; i < 11; i++) {
            assertEquals(List.of(), see(i, cycle(1)).confirmed());
        }
        assertEquals(FindingKind.LEAKED, only(see(11, cycle(1))).kind());
    }

    /** The kernel's own word that it will not free them is as good as three runs. */
    @Test
    void garbageWithDifferentIndicesIsLeakedAfterOneRun() {
        assertEquals(List.of(), see(0, cycle(1, 2, 3)).confirmed(), "not walked yet");
        Finding finding = only(see(1, cycle(1, 2, 3)));
        assertEquals(FindingKind.LEAKED, finding.kind());
        assertEquals(BEGIN, finding.since());
        assertTrue(finding.because().contains("different indices (2, 3)"), finding.because());
        assertTrue(finding.because().contains("references 2 = in flight 2"), finding.because());
    }

    @Test
    void garbageWithOneIndexIsCollectableAfterOneRun() {
        see(0, cycle(1, 2, 3));
        assertEquals(List.of(), see(1, cycle(1, 2, 2)).confirmed());
        assertEquals(List.of(), see(2, cycle(1, 2, 2)).confirmed());
    }

    @Test
    void differentIndicesProveNothingWithoutARun() {
        see(0, cycle(1, 2, 3));
        assertEquals(List.of(), see(1, cycle(1, 2, 3).withoutRun()).confirmed());
        assertEquals(FindingKind.LEAKED, only(see(2, cycle(1, 2, 3))).kind());
    }

    @Test
    void whatWasReferredToOtherwiseBeforeWasNotThis() {
        see(0, cycle(2, 2, 3));
        assertEquals(
                List.of(),
                see(1, cycle(1, 2, 3)).confirmed().stream()
                        .filter(f -> f.kind() == FindingKind.LEAKED)
                        .toList());
        assertEquals(FindingKind.LEAKED, only(see(2, cycle(1, 2, 3))).kind());
    }

    @Test
    void aReferenceThatWasNotFoundMakesItUndecided() {
        see(0, cycle(2));
        assertEquals(FindingKind.UNDECIDED, only(see(1, cycle(2))).kind());
        assertEquals(FindingKind.UNDECIDED, only(see(9, cycle(2))).kind(), "never leaked");
    }

    @Test
    void whoGlancesIsToldThatTheAgeIsNotKnown() {
        see(0, queue(7));
        Tracked glance = see(1, queue(7));
        assertEquals(List.of(), glance.findings());
        Finding f = glance.findingsOrUndecided(Duration.ofMinutes(5)).getFirst();
        assertEquals(FindingKind.UNDECIDED, f.kind());
        assertTrue(f.because().contains("Seen for 1.0 s only"), f.because());
        assertTrue(f.because().contains("never_received"), f.because());
        assertEquals(glance.confirmed(), glance.findingsOrUndecided(Duration.ofSeconds(1)));
    }

    @Test
    void whoGlancesAtALeakIsToldSo() {
        for (int i = 0; i < 4; i++) {
            see(i, cycle(1));
        }
        Tracked glance = see(4, cycle(1));
        assertEquals(glance.confirmed(), glance.findingsOrUndecided(Duration.ofDays(1)));
    }

    @Test
    void whatProcOnlyCountsIsFollowedByItsCount() {
        see(0, counted(OptionalInt.of(3)));
        Finding finding = only(see(1, counted(OptionalInt.of(3))));
        assertEquals(FindingKind.NEVER_RECEIVED, finding.kind());
        assertEquals(List.of(0), finding.files());
        assertEquals(List.of(), see(2, counted(OptionalInt.of(2))).confirmed());
    }

    @Test
    void whatProcOnlyCountsIsFoundWhileItGrows() {
        see(0, counted(OptionalInt.of(3)));
        see(100, counted(OptionalInt.of(4)));
        Finding finding = only(see(300, counted(OptionalInt.of(9))));
        assertEquals(BEGIN, finding.since());
    }

    @Test
    void whatCameAfterTheFirstLookIsSurelyYoung() {
        see(0, new HandMade());
        see(1, queue(7));
        Tracked tracked = see(2, queue(7));
        assertEquals(List.of(), tracked.findingsOrUndecided(Duration.ofMinutes(5)));
        assertEquals(1, tracked.findingsOrUndecided(Duration.ofSeconds(1)).size());
    }

    @Test
    void anUnknownCountIsNoFinding() {
        see(0, counted(OptionalInt.empty()));
        assertEquals(List.of(), see(1, counted(OptionalInt.empty())).confirmed());
    }

    @Test
    void findingsAreOrderedByKind() {
        see(0, queue(7));
        see(5, both());
        List<FindingKind> kinds = see(10, both()).confirmed().stream().map(Finding::kind).toList();
        assertEquals(kinds.stream().sorted().toList(), kinds);
    }

    @Test
    void aProcessThatEndedMeanwhileIsUnknown() {
        HandMade o = new HandMade();
        int socket = o.socket(1, 0);
        o.descriptor(7, socket);
        assertEquals(Groups.UNKNOWN, see(0, o).groups().of(socket));
    }

    @Test
    void aLeakWhereNoProcessIsAnyMoreIsToldSo() {
        for (int i = 0; i < 3; i++) {
            see(i, cycle(new HandMade().in(77).inhabited(1), 1));
        }
        Finding abandoned = only(see(3, cycle(new HandMade().in(77).inhabited(1), 1)));
        assertTrue(
                abandoned.because().contains("No process is in their network namespace"),
                abandoned.because());
        Finding inhabited = only(see(4, cycle(new HandMade().in(77).inhabited(77), 1)));
        assertTrue(!inhabited.because().contains("namespace"), inhabited.because());
        Finding unknown = only(see(5, cycle(new HandMade().in(77), 1)));
        assertTrue(!unknown.because().contains("namespace"), unknown.because());
    }

    @Test
    void theLastThatWasOpenedIsRemembered() {
        see(0, queue(7));
        assertEquals(Map.of(), see(299, queue(7)).lastOpened());
        Tracked opened = see(300, queue(7));
        assertEquals(
                Map.of(
                        FindingKind.NEVER_RECEIVED,
                        new Tracked.Opening(
                                only(opened).id(), OptionalInt.of(1), BEGIN.plusSeconds(300))),
                opened.lastOpened());
        assertEquals(Optional.of(BEGIN.plusSeconds(300)), only(see(301, queue(7))).opened());
        assertEquals(opened.lastOpened(), see(400, new HandMade()).lastOpened());
    }

    @Test
    void aRingThatOnlyAMappingHoldsIsAFindingWhenItHasBeenIdle() {
        see(0, mapped(5));
        Tracked young = see(1, mapped(5));
        assertEquals(List.of(), young.findings());
        assertEquals(List.of(), young.findingsOrUndecided(), "it may be meant so");
        assertEquals(List.of(), see(3599, mapped(5)).findings(Duration.ofSeconds(30)));
        assertEquals(FindingKind.ORPHAN_RING, only(see(3600, mapped(5))).kind());
        assertEquals(1, see(3601, mapped(5)).findings().size());
        assertEquals(List.of(), see(3602, mapped(6)).confirmed(), "it did something");
    }

    @Test
    void aRequestThatHoldsAClosedFileIsAFindingAfterTenMinutes() {
        see(0, stuck());
        assertEquals(List.of(), see(599, stuck()).findings());
        Finding finding = only(see(600, stuck()));
        assertEquals(FindingKind.STUCK_REQUEST, finding.kind());
        assertEquals("comm:server", finding.group());
        assertTrue(finding.call().startsWith("IORING_OP_READ"), finding.call());
    }

    /** What a busy ring has in the same memory may be another request. */
    @Test
    void theOldestRequestIsThatOfARingWhichTookInNothing() {
        assertEquals(Map.of(0, BEGIN), see(0, requests(5)).oldestRequests());
        assertEquals(Map.of(0, BEGIN), see(10, requests(5)).oldestRequests());
        assertEquals(Map.of(0, BEGIN.plusSeconds(20)), see(20, requests(6)).oldestRequests());
        assertEquals(Map.of(), see(30, new HandMade()).oldestRequests());
    }

    /** From /proc it has the same key again: what is young is not open, and opens once more. */
    @Test
    void aCountedQueueThatMovedOpensAgain() {
        see(0, counted(OptionalInt.of(3)));
        assertEquals(
                1, see(300, counted(OptionalInt.of(3))).opened().get(FindingKind.NEVER_RECEIVED));
        see(310, counted(OptionalInt.of(1)));
        Tracked young = see(320, counted(OptionalInt.of(1)));
        assertEquals(Optional.empty(), only(young).opened());
        Tracked old = see(610, counted(OptionalInt.of(1)));
        assertEquals(Optional.of(BEGIN.plusSeconds(610)), only(old).opened());
        assertEquals(2, old.opened().get(FindingKind.NEVER_RECEIVED));
    }

    /** Anyone may queue sockets in sockets: asking each for its whole path would take minutes. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aLongChainOfQueuesIsNotWalkedFromEachOfItsSockets() {
        int length = 200_000;
        HandMade o = new HandMade().process(1, "server");
        int before = o.socket(1, 1);
        o.descriptor(1, before);
        for (int i = 1; i < length; i++) {
            int socket = o.socket(1, 1);
            o.graph().queued(before, socket, 0);
            before = socket;
        }
        Tracked tracked = see(0, o);
        assertEquals(OptionalInt.of(1), tracked.groups().process(length - 1));
        for (int file = 0; file < length; file++) {
            assertEquals("comm:server", tracked.groups().of(file));
        }
    }

    private Tracked see(long second, HandMade o) {
        return tracker.accept(o.seenAt(BEGIN.plusSeconds(second)));
    }

    private static Finding only(Tracked tracked) {
        assertEquals(1, tracked.confirmed().size(), () -> tracked.confirmed().toString());
        return tracked.confirmed().getFirst();
    }

    private static Map<FindingKind, Long> zeros() {
        return Arrays.stream(FindingKind.values())
                .collect(Collectors.toMap(Function.identity(), k -> 0L));
    }

    /** A socket of a server with one file in its queue. */
    private static HandMade queue(long packet) {
        HandMade o = new HandMade().process(1, "server");
        int socket = o.socket(1, 1);
        int file = o.file(FileKind.OTHER, 1, false);
        o.descriptor(1, socket).firstPacket(socket, packet);
        o.graph().queued(socket, file, 0);
        return o;
    }

    private static HandMade both() {
        HandMade o = queue(7);
        int ring = o.ring(1, 1, 1);
        o.descriptor(1, ring);
        int file = o.file(FileKind.OTHER, 1, true);
        o.graph().slot(ring, file, 0);
        return o;
    }

    /** A ring of a service with both ends of a pair, and nothing else that holds these. */
    private static HandMade pinned() {
        HandMade o = new HandMade().process(2, "db", "db.service");
        int ring = o.ring(1, 2, 2);
        int a = o.socket(1, 0);
        int b = o.socket(1, 0);
        o.descriptor(2, ring);
        o.graph().slot(ring, a, 0);
        o.graph().slot(ring, b, 1);
        o.graph().peer(a, b);
        o.graph().peer(b, a);
        return o;
    }

    /** A ring with a poll of itself. */
    private static HandMade orphan() {
        HandMade o = new HandMade().process(1, "server");
        int ring = o.ring(1, 0, 0, 1);
        o.graph().request(ring, ring, 6);
        return o;
    }

    private static HandMade mapped(int submissions) {
        HandMade o = new HandMade().submissions(submissions).process(1, "server");
        int ring = o.idleRing(1, 1);
        o.graph().outside(ring, new Holder.MemoryMapping(1));
        o.graph().slot(ring, o.file(FileKind.OTHER, 1, false), 0);
        return o;
    }

    private static HandMade stuck() {
        HandMade o = new HandMade().process(1, "server");
        int ring = o.ring(1, 0, 0, 1);
        o.descriptor(1, ring);
        int file = o.file(FileKind.OTHER, 1, false);
        o.graph().request(ring, file, 22);
        return o.request(ring, file, 22);
    }

    private static HandMade requests(int submissions) {
        HandMade o = new HandMade().submissions(submissions).process(1, "server");
        int ring = o.ring(1, 0, 0, 1);
        int file = o.file(FileKind.OTHER, 2, false);
        o.descriptor(1, ring).descriptor(1, file);
        o.graph().request(ring, file, 6);
        return o.request(ring, file, 6);
    }

    /** Two sockets in each other's queues. */
    private static HandMade cycle(long count) {
        return cycle(new HandMade(), count);
    }

    private static HandMade cycle(HandMade o, long count) {
        int a = o.socket(count, 1);
        int b = o.socket(count, 1);
        o.graph().queued(a, b, 0);
        o.graph().queued(b, a, 0);
        return o;
    }

    /** The same, with what the kernel's collector has of them. */
    private static HandMade cycle(long count, int indexOfA, int indexOfB) {
        HandMade o = new HandMade();
        int a = o.socketInFlight(count, 1, indexOfA);
        int b = o.socketInFlight(count, 1, indexOfB);
        o.graph().queued(a, b, 0);
        o.graph().queued(b, a, 0);
        return o;
    }

    private static HandMade counted(OptionalInt queued) {
        HandMade o = new HandMade().from(Source.PROC).process(1, "server");
        int socket = o.countedSocket(queued);
        o.graph().outside(socket, new Holder.DescriptorSlot(1, 3));
        return o;
    }
}

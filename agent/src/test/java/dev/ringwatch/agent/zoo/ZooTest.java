package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfFeature;
import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.io.IOException;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Every situation of the zoo stands while it is looked at with each source. Other processes of the
 * machine may do what they like: only what belongs to the zoo is asked about.
 */
class ZooTest {
    private static final int QUEUED = 600;
    private static final int SOCKETS = 1000;
    private static final int SLOTS = 1000;
    private static final List<List<String>> KINDS =
            List.of(
                    List.of("pinned-pair"),
                    List.of("pinned-deleted"),
                    List.of("queued", Integer.toString(QUEUED)),
                    List.of("self-polling-ring"),
                    List.of("mapped-ring"),
                    List.of("registered-ring"),
                    List.of("sockets", Integer.toString(SOCKETS)),
                    List.of("slots", Integer.toString(SLOTS)),
                    List.of("listener"),
                    List.of("direct"),
                    List.of("netns"));

    private static final Map<String, ZooProcess> ZOO = new HashMap<>();

    @BeforeAll
    static void open() throws IOException {
        for (List<String> kind : KINDS) {
            ZOO.put(kind.getFirst(), ZooProcess.launch(kind.toArray(String[]::new)));
        }
        ZOO.values().forEach(ZooProcess::awaitReady);
    }

    @AfterAll
    static void close() throws IOException {
        for (ZooProcess zoo : ZOO.values()) {
            zoo.close();
        }
    }

    private static ZooProcess zoo(String kind) {
        ZooProcess zoo = ZOO.get(kind);
        if (zoo == null) {
            throw new AssertionError("no " + kind);
        }
        return zoo;
    }

    private static Observer observer(Observer.Choice choice) throws BpfUnavailableException {
        return Observer.open(choice, InstantSource.system(), BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
    }

    /** With eBPF everything is seen. */
    @Nested
    class WithBpf {
        private static Look look;

        @BeforeAll
        static void lookTwice() throws Exception {
            try (Observer observer = observer(Observer.Choice.BPF)) {
                assertEquals(EnumSet.allOf(BpfFeature.class), observer.features());
                look = Look.until(observer, "complete", l -> l.observation().complete());
            }
        }

        @Test
        void theSourceIsNamed() {
            Observation o = look.observation();
            assertEquals(List.of(Source.BPF), o.sources().stream().map(s -> s.source()).toList());
            assertTrue(o.sources().getFirst().up());
        }

        @Test
        void everyReferenceIsAccountedFor() {
            for (ZooProcess zoo : ZOO.values()) {
                List<Integer> files = look.files(zoo);
                assertFalse(files.isEmpty(), zoo::toString);
                files.forEach(look::assertBalanced);
            }
        }

        @Test
        void aPinnedPairIsTwoFindings() {
            ZooProcess zoo = zoo("pinned-pair");
            RingFacts ring = assertRing(zoo, 2, 2);
            int a = look.socket(zoo.fact("a")).file();
            int b = look.socket(zoo.fact("b")).file();
            assertEquals(List.of("slot 0"), look.holders(a));
            assertEquals(List.of("slot 1"), look.holders(b));
            assertEquals(b, look.graph().peer(a));
            assertEquals(
                    List.of(
                            "descriptor of " + zoo.pid(),
                            "mapping of " + zoo.pid(),
                            "mapping of " + zoo.pid()),
                    look.holders(ring.file()));
            List<Finding> findings = look.findings(zoo);
            assertEquals(
                    Set.of(List.of(a), List.of(b)),
                    findings.stream().map(Finding::files).collect(Collectors.toSet()));
            assertEquals(2, findings.size());
            for (Finding f : findings) {
                assertEquals(FindingKind.PINNED_BY_RING, f.kind());
                assertEquals(group(zoo), f.group());
                assertEquals(ring.file(), f.path().steps().getFirst().file());
                assertEquals(zoo.pid(), pid(f.path()));
                assertEquals(2, f.path().steps().size());
            }
        }

        @Test
        void aPinnedFileWithoutAName() {
            ZooProcess zoo = zoo("pinned-deleted");
            RingFacts ring = assertRing(zoo, 1, 1);
            int file = look.held(ring.file()).getFirst();
            assertEquals(zoo.fact("file"), look.observation().files().get(file).inode());
            assertTrue(look.graph().deleted(file));
            Finding finding = only(zoo);
            assertEquals(FindingKind.PINNED_BY_RING, finding.kind());
            assertEquals(List.of(file), finding.files());
            assertTrue(finding.because().contains("no name left"), finding.because());
        }

        @Test
        void descriptorsNobodyReceives() {
            ZooProcess zoo = zoo("queued");
            SocketFacts receiver = look.socket(zoo.fact("receiver"));
            assertEquals(OptionalInt.of(QUEUED), receiver.queued());
            assertEquals(OptionalInt.of(QUEUED), receiver.queuedFds());
            List<Integer> held = look.held(receiver.file());
            assertEquals(QUEUED, Set.copyOf(held).size());
            assertEquals(
                    IntStream.range(0, Math.toIntExact(zoo.fact("packets")))
                            .boxed()
                            .collect(Collectors.toSet()),
                    packets(receiver.file()));
            assertEquals(
                    OptionalInt.of(0), look.socket(zoo.fact("sender")).inflight(), "not its own");
            Finding finding = only(zoo);
            assertEquals(FindingKind.NEVER_RECEIVED, finding.kind());
            assertEquals(receiver.file(), finding.files().getFirst());
            assertEquals(QUEUED + 1, finding.files().size());
            assertEquals(zoo.pid(), pid(finding.path()));
            assertTrue(look.tracked().queueSince().containsKey(receiver.file()));
        }

        @Test
        void aRingThatOnlyPollsItself() {
            ZooProcess zoo = zoo("self-polling-ring");
            RingFacts ring = assertRing(zoo, 2, 2);
            assertEquals(List.of("request"), look.holders(ring.file()));
            assertEquals(List.of(zoo.pid()), ring.users());
            assertEquals(OptionalInt.of(1), ring.inflightRequests());
            Finding finding = only(zoo);
            assertEquals(FindingKind.ORPHAN_RING, finding.kind());
            assertEquals(ring.file(), finding.files().getFirst());
            assertEquals(group(zoo), finding.group());
        }

        @Test
        void aRingThatIsOnlyMapped() {
            ZooProcess zoo = zoo("mapped-ring");
            RingFacts ring = assertRing(zoo, 2, 2);
            assertEquals(
                    List.of("mapping of " + zoo.pid(), "mapping of " + zoo.pid()),
                    look.holders(ring.file()));
            assertEquals(FindingKind.ORPHAN_RING, only(zoo).kind());
        }

        @Test
        void aRingThatIsOnlyRegisteredWithATask() {
            ZooProcess zoo = zoo("registered-ring");
            RingFacts ring = assertRing(zoo, 0, 0);
            assertEquals(
                    List.of("registration of task " + zoo.fact("tid") + " of " + zoo.pid()),
                    look.holders(ring.file()));
            assertEquals(List.of(), look.findings(zoo));
        }

        @Test
        void socketsAndTheirPeers() {
            ZooProcess zoo = zoo("sockets");
            List<SocketFacts> sockets = look.sockets(zoo);
            assertEquals(SOCKETS, sockets.size());
            assertEquals(zoo.fact("sum"), sockets.stream().mapToLong(SocketFacts::inode).sum());
            for (SocketFacts s : sockets) {
                int peer = look.graph().peer(s.file());
                assertEquals(s.file(), look.graph().peer(peer));
                assertEquals(List.of("descriptor of " + zoo.pid()), look.holders(s.file()));
                assertEquals(SocketFacts.State.CONNECTED, s.state());
                assertEquals(OptionalInt.of(0), s.inflight());
            }
            assertEquals(List.of(), look.findings(zoo));
        }

        @Test
        void aTableFullOfFiles() {
            RingFacts ring = assertRing(zoo("slots"), SLOTS, SLOTS);
            assertEquals(SLOTS, new HashSet<>(look.held(ring.file())).size());
            assertEquals(List.of(), look.findings(zoo("slots")), "files that have their names");
        }

        /** What waits in a connection that nobody accepted waits with the listener. */
        @Test
        void aConnectionThatNobodyAccepted() {
            ZooProcess zoo = zoo("listener");
            SocketFacts listener = look.socket(zoo.fact("listener"));
            assertEquals(SocketFacts.State.LISTENING, listener.state());
            assertEquals(OptionalInt.of(3), listener.inflight());
            assertEquals(OptionalInt.of(0), look.socket(zoo.fact("caller")).inflight());
            Finding finding = only(zoo);
            assertEquals(FindingKind.NEVER_RECEIVED, finding.kind());
            assertEquals(listener.file(), finding.files().getFirst());
            assertEquals(4, finding.files().size());
        }

        @Test
        void directDescriptorsInUseAreNoFinding() {
            ZooProcess zoo = zoo("direct");
            RingFacts ring = assertRing(zoo, 2, 2);
            int connection = look.socket(zoo.fact("connection")).file();
            assertEquals(List.of("request", "slot 0"), look.holders(connection));
            assertEquals(OptionalInt.of(1), ring.inflightRequests());
            assertEquals(List.of(), look.findings(zoo));
        }

        @Test
        void socketsInFlightInANamespaceThatNoTaskIsIn() {
            ZooProcess zoo = zoo("netns");
            SocketFacts receiver = look.socket(zoo.fact("receiver"));
            SocketFacts a = look.socket(zoo.fact("a"));
            SocketFacts b = look.socket(zoo.fact("b"));
            assertEquals(OptionalLong.of(zoo.fact("netns")), receiver.netns());
            assertEquals(OptionalLong.of(zoo.fact("netns")), b.netns());
            assertEquals(List.of("packet 0 of " + receiver.inode()), look.holders(a.file()));
            assertEquals(List.of("packet 0 of " + receiver.inode()), look.holders(b.file()));
            assertEquals(OptionalInt.of(2), receiver.inflight());
            assertEquals(OptionalInt.of(2), b.inflight());
            assertTrue(look.observation().inFlightSockets().orElseThrow() >= 2);
            assertEquals(
                    Set.of(receiver.file(), b.file()),
                    look.findings(zoo).stream()
                            .map(f -> f.files().getFirst())
                            .collect(Collectors.toSet()));
        }

        private static RingFacts assertRing(ZooProcess zoo, int registered, int slots) {
            RingFacts ring = look.ring(zoo);
            assertTrue(ring.readable());
            assertEquals(FileKind.RING, look.graph().kind(ring.file()));
            assertEquals(OptionalInt.of(registered), ring.registeredFiles());
            assertEquals(OptionalInt.of(slots), ring.fileTableSlots());
            assertEquals(OptionalInt.of(0), ring.registeredBuffers());
            assertEquals(OptionalInt.of(0), ring.overflowEntries());
            return ring;
        }

        private static Set<Integer> packets(int socket) {
            ReferenceGraph g = look.graph();
            return IntStream.range(g.heldBegin(socket), g.heldEnd(socket))
                    .map(g::detail)
                    .boxed()
                    .collect(Collectors.toSet());
        }

        private static Finding only(ZooProcess zoo) {
            List<Finding> findings = look.findings(zoo);
            assertEquals(1, findings.size(), () -> zoo + ": " + findings);
            return findings.getFirst();
        }

        private static String group(ZooProcess zoo) {
            return look.tracked().groups().ofProcess(zoo.pid());
        }

        private static int pid(HoldingPath path) {
            return path.steps().getFirst().holder() instanceof Holder.DescriptorSlot d
                    ? d.pid()
                    : -1;
        }
    }

    /** What /proc can tell is the same; what it cannot tell is absent, not 0. */
    @Nested
    class WithProc {
        private static Look look;

        @BeforeAll
        static void lookTwice() throws Exception {
            try (Observer observer = observer(Observer.Choice.PROC)) {
                look =
                        Look.until(
                                observer,
                                "every ring of the zoo is readable",
                                l ->
                                        ZOO.values().stream()
                                                .flatMap(z -> l.files(z).stream())
                                                .allMatch(f -> readable(l, f)));
            }
        }

        private static boolean readable(Look l, int file) {
            return l.observation().rings().stream()
                    .filter(r -> r.file() == file)
                    .allMatch(RingFacts::readable);
        }

        @Test
        void itSaysWhatIsMissing() {
            Observation o = look.observation();
            assertFalse(o.complete());
            assertEquals(OptionalInt.empty(), o.inFlightSockets());
            assertEquals(Map.of(), o.firstPackets());
            assertEquals(
                    Map.of(Source.PROC, true),
                    o.sources().stream().collect(Collectors.toMap(s -> s.source(), s -> s.up())));
        }

        @Test
        void noCountOfReferencesIsKnown() {
            for (ZooProcess zoo : ZOO.values()) {
                for (int file : look.files(zoo)) {
                    assertEquals(ReferenceGraph.UNKNOWN, look.graph().kernelCount(file));
                }
            }
        }

        @Test
        void aPinnedPairIsInItsTable() {
            ZooProcess zoo = zoo("pinned-pair");
            RingFacts ring = look.ring(zoo);
            assertEquals(OptionalInt.of(2), ring.registeredFiles());
            assertEquals(OptionalInt.empty(), ring.inflightRequests());
            SocketFacts a = look.socket(zoo.fact("a"));
            SocketFacts b = look.socket(zoo.fact("b"));
            assertEquals(List.of("slot 0"), look.holders(a.file()));
            assertEquals(b.file(), look.graph().peer(a.file()));
            assertEquals(OptionalInt.empty(), a.inflight(), "unknown without a descriptor");
            assertEquals(List.of(), look.findings(zoo), "there may be more references");
        }

        @Test
        void aPinnedFileIsMarkedDeleted() {
            RingFacts ring = look.ring(zoo("pinned-deleted"));
            assertTrue(look.graph().deleted(look.held(ring.file()).getFirst()));
        }

        @Test
        void whatIsQueuedIsCounted() {
            ZooProcess zoo = zoo("queued");
            SocketFacts receiver = look.socket(zoo.fact("receiver"));
            assertEquals(OptionalInt.of(QUEUED), receiver.inflight());
            assertEquals(OptionalInt.empty(), receiver.queued());
            assertEquals(OptionalInt.of(0), look.socket(zoo.fact("sender")).inflight());
            assertEquals(
                    List.of(FindingKind.NEVER_RECEIVED),
                    look.findings(zoo).stream().map(Finding::kind).toList());
        }

        @Test
        void aListenerCountsItsConnections() {
            assertEquals(
                    OptionalInt.of(3), look.socket(zoo("listener").fact("listener")).inflight());
        }

        @Test
        void tablesAreCounted() {
            assertEquals(OptionalInt.of(SLOTS), look.ring(zoo("slots")).registeredFiles());
            assertEquals(OptionalInt.of(2), look.ring(zoo("direct")).registeredFiles());
            assertEquals(List.of(), look.findings(zoo("direct")));
        }

        @Test
        void socketsAndTheirPeers() {
            ZooProcess zoo = zoo("sockets");
            List<SocketFacts> sockets = look.sockets(zoo);
            assertEquals(SOCKETS, sockets.size());
            for (SocketFacts s : sockets) {
                assertEquals(s.file(), look.graph().peer(look.graph().peer(s.file())));
                assertEquals(OptionalInt.of(0), s.inflight());
            }
            assertEquals(List.of(), look.findings(zoo));
        }

        /** A ring without a descriptor is not in /proc: it is missing, and so is every trace. */
        @Test
        void ringsWithoutADescriptorAreNotSeen() {
            for (String kind : List.of("self-polling-ring", "mapped-ring", "registered-ring")) {
                assertEquals(List.of(), look.files(zoo(kind)), kind);
                assertEquals(List.of(), look.findings(zoo(kind)), kind);
            }
        }
    }
}

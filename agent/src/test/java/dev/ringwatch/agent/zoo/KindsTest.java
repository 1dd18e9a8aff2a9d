package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.Limit;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For each kind a small program that makes it and one that nearly does: the exact finding, or none. */
class KindsTest {
    private static final int TABLE = 32;

    @TempDir private static Path folder = Path.of("");
    private static String program = "";
    private static Observer observer = opened();

    private static Observer opened() {
        try {
            return Observer.open(
                    Observer.Choice.BPF,
                    InstantSource.system(),
                    BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
        } catch (BpfUnavailableException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeAll
    static void compile() throws Exception {
        program =
                CProgram.compile("kinds.c", folder.resolve("kinds"), List.of("-luring")).toString();
    }

    @AfterAll
    static void end() {
        observer.close();
    }

    @Test
    void twoRingsThatPollEachOther() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("mutual-rings")) {
            List<Finding> findings = findings(zoo.pid());
            assertEquals(2, findings.size(), findings::toString);
            for (Finding f : findings) {
                assertEquals(FindingKind.ORPHAN_RING, f.kind());
                assertTrue(f.because().contains("rings that are themselves"), f.because());
                assertTrue(f.call().contains("another ring's descriptor"), f.call());
            }
        }
    }

    @Test
    void aRingWithFilesThatIsOnlyRegisteredWithATask() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("registered-ring-with-files")) {
            Finding f = only(zoo.pid(), FindingKind.ORPHAN_RING);
            assertEquals(3, f.files().size());
            assertTrue(f.because().contains("registered with a task"), f.because());
            assertTrue(f.call().contains("IORING_REGISTER_RING_FDS"), f.call());
        }
    }

    @Test
    void aRingWithFilesThatIsOnlyMapped() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("mapped-ring")) {
            Finding f = only(zoo.pid(), FindingKind.ORPHAN_RING);
            assertTrue(f.because().contains("a memory mapping alone"), f.because());
        }
    }

    @Test
    void aRingThatOnlyAChildHas() throws Exception {
        try (ZooProcess zoo = start("inherited-ring")) {
            Finding f = only((int) zoo.fact("heir"), FindingKind.ORPHAN_RING);
            assertTrue(f.because().contains("whoever made it is gone"), f.because());
            assertTrue(f.call().startsWith("fork(2)"), f.call());
        }
    }

    @Test
    void aRingThatItsMakerHasToo() throws Exception {
        try (ZooProcess zoo = start("shared-ring")) {
            assertEquals(List.of(), findings((int) zoo.fact("heir")));
        }
    }

    @Test
    void aRingThatIsOnlyMappedIsNoFindingWhileItIsYoung() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("mapped-ring")) {
            Tracker tracker = new Tracker(Thresholds.DEFAULT);
            tracker.accept(observer.observe());
            Look look = new Look(tracker.accept(observer.observe()));
            assertEquals(List.of(), of(look, look.tracked().findingsOrUndecided(), zoo.pid()));
        }
    }

    @Test
    void aPollOfAFileThatWasClosed() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("stuck-poll")) {
            Finding f = only(zoo.pid(), FindingKind.STUCK_REQUEST);
            assertEquals(1, f.files().size());
            assertTrue(f.call().startsWith("IORING_OP_POLL_ADD, "), f.call());
        }
    }

    @Test
    void aReceiveFromAConnectionThatWasClosed() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("stuck-receive")) {
            Look look = Look.twice(observer);
            List<Finding> findings = look.findings(zoo);
            assertEquals(1, findings.size(), findings::toString);
            Finding f = findings.getFirst();
            assertEquals(FindingKind.STUCK_REQUEST, f.kind());
            assertEquals(List.of(look.socket(zoo.fact("closed")).file()), f.files());
            assertTrue(f.call().startsWith("IORING_OP_RECV, "), f.call());
        }
    }

    @Test
    void aPollOfALiveConnectionAndAReceiveOfAnOpenOneAreNone() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("live-poll")) {
            assertEquals(List.of(), findings(zoo.pid()));
        }
    }

    @Test
    void aTableThatFills() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("growing-table", Integer.toString(TABLE))) {
            Tracker tracker = new Tracker(Look.NONE);
            int taken = TABLE / 2;
            for (; taken < TABLE - 4; taken++) {
                Look look = new Look(tracker.accept(observer.observe()));
                assertEquals(List.of(), look.findings(zoo), "with " + taken);
                zoo.received();
            }
            zoo.received();
            tracker.accept(observer.observe());
            Look look = new Look(tracker.accept(observer.observe()));
            List<Finding> findings = look.findings(zoo);
            assertEquals(1, findings.size(), findings::toString);
            Finding f = findings.getFirst();
            assertEquals(FindingKind.NEAR_LIMIT, f.kind());
            assertEquals(List.of(look.ring(zoo).file()), f.files());
            assertTrue(f.because().startsWith("29 of the 32 slots"), f.because());
            assertEquals(Optional.of(Limit.FILE_TABLE), f.story().limit());
        }
    }

    @Test
    void aTableThatWasMadeFullIsNone() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("slots", "64")) {
            assertEquals(List.of(), findings(zoo.pid()));
        }
    }

    @Test
    void descriptorsInFlightNearTheLimit() throws Exception {
        try (ZooProcess zoo = start("in-flight-limit")) {
            List<Finding> findings = findings(zoo.pid());
            List<FindingKind> kinds = findings.stream().map(Finding::kind).toList();
            assertTrue(kinds.contains(FindingKind.NEVER_RECEIVED), findings::toString);
            Finding near = ofUser(zoo);
            assertTrue(near.because().contains("have 350 descriptors in flight"), near.because());
            assertTrue(near.because().contains("is 400"), near.because());
            assertEquals(Optional.of(Limit.IN_FLIGHT), near.story().limit());
        }
    }

    @Test
    void aFullerQueueOfAnotherUserIsNotTheOneThatIsNamed() throws Exception {
        List<OwnedFd> others = Sockets.pair(Sockets.SOCK_SEQPACKET);
        try (OwnedFd from = others.get(0);
                OwnedFd to = others.get(1);
                ZooProcess zoo = start("in-flight-limit")) {
            int[] all = new int[ScmRights.MAX_DESCRIPTORS];
            Arrays.fill(all, to.number());
            for (int sent = 0; sent < 2 * 350; sent += all.length) {
                ScmRights.send(from.number(), MemorySegment.ofArray(new byte[1]), all);
            }
            Look look = Look.twice(observer);
            Finding near = ofUser(look, zoo);
            assertEquals(List.of(near), of(look, List.of(near), zoo.pid()));
        }
    }

    @Test
    void descriptorsInFlightFarFromTheLimit() throws Exception {
        try (ZooProcess zoo = start("in-flight")) {
            assertEquals(List.of(), ofUsers(zoo));
        }
    }

    @Test
    void lockedMemoryNearTheLimit() throws Exception {
        try (ZooProcess zoo = start("locked-limit")) {
            Finding near = ofUser(zoo);
            assertTrue(near.because().contains(" is 81920: above it"), near.because());
            assertTrue(near.call().contains("IORING_REGISTER_BUFFERS"), near.call());
            assertEquals(Optional.of(Limit.LOCKED_MEMORY), near.story().limit());
        }
    }

    @Test
    void lockedMemoryFarFromTheLimit() throws Exception {
        try (ZooProcess zoo = start("locked")) {
            assertEquals(List.of(), ofUsers(zoo));
        }
    }

    /** The names of findings are the same for another process and another agent. */
    @Test
    void theSameInAnotherProcessHasTheSameName() throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (ZooProcess zoo = ZooProcess.start("pinned-pair")) {
                names.add(
                        findings(zoo.pid()).stream().map(Finding::id).sorted().toList().toString());
            }
        }
        assertEquals(names.get(0), names.get(1));
        assertEquals(2, List.of(names.get(0).split(",", -1)).size());
    }

    private static Finding ofUser(ZooProcess zoo) throws Exception {
        return ofUser(Look.twice(observer), zoo);
    }

    private static Finding ofUser(Look look, ZooProcess zoo) throws Exception {
        List<Finding> findings = ofUsers(look, zoo);
        assertEquals(1, findings.size(), findings::toString);
        return findings.getFirst();
    }

    private static List<Finding> ofUsers(ZooProcess zoo) throws Exception {
        return ofUsers(Look.twice(observer), zoo);
    }

    private static List<Finding> ofUsers(Look look, ZooProcess zoo) throws Exception {
        String user = "of user " + zoo.fact("uid") + " ";
        return look.tracked().findings().stream()
                .filter(f -> f.kind() == FindingKind.NEAR_LIMIT)
                .filter(f -> f.because().contains(user))
                .toList();
    }

    private static Finding only(int pid, FindingKind kind) throws Exception {
        List<Finding> findings = findings(pid);
        assertEquals(1, findings.size(), findings::toString);
        assertEquals(kind, findings.getFirst().kind(), findings::toString);
        return findings.getFirst();
    }

    private static List<Finding> findings(int pid) throws Exception {
        Look look = Look.twice(observer);
        return of(look, look.tracked().findings(), pid);
    }

    private static List<Finding> of(Look look, List<Finding> findings, int pid) {
        return findings.stream()
                .filter(
                        f ->
                                look.tracked()
                                        .groups()
                                        .process(f.files().getFirst())
                                        .equals(OptionalInt.of(pid)))
                .toList();
    }

    private static ZooProcess start(String kind) throws IOException {
        return ZooProcess.startCommand(kind, List.of(program, kind));
    }
}

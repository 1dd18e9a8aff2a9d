package dev.ringwatch.agent.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What the running kernel's collector keeps. Only loops are made that it frees once they are closed.
 */
class CollectorFactsTest {
    private static final MemorySegment BYTE = MemorySegment.ofArray(new byte[1]);
    private static final long PATIENCE = 30_000_000_000L;

    /** Sockets each in the queue of the next, with the peers to send with. */
    private static final class Loop implements AutoCloseable {
        final List<OwnedFd> members = new ArrayList<>();
        final List<OwnedFd> peers = new ArrayList<>();
        final List<Long> inodes = new ArrayList<>();

        Loop(int n) throws IOException {
            for (int i = 0; i < n; i++) {
                List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
                members.add(pair.get(0));
                peers.add(pair.get(1));
                inodes.add(inode(pair.get(0)));
            }
            for (int i = 0; i < n; i++) {
                send(i, (i + 1) % n);
            }
        }

        void send(int member, int receiver) throws IOException {
            ScmRights.send(peers.get(receiver).number(), BYTE, members.get(member).number());
        }

        @Override
        public void close() throws IOException {
            for (OwnedFd member : members) {
                member.close();
            }
            for (OwnedFd peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void aLoopInUseHasOneIndexAfterARun() throws Exception {
        try (Loop loop = new Loop(3);
                Observer observer = observer()) {
            loop.send(1, 2); // once more
            observer.observe();
            long start = System.nanoTime();
            List<CollectorFacts> facts = read(observer.observe(), loop);
            while (!allKnown(facts) || indices(facts).size() > 1) {
                assertTrue(System.nanoTime() - start < PATIENCE, facts::toString);
                facts = read(observer.observe(), loop);
            }
            assertEquals(List.of(1, 2, 1), facts.stream().map(CollectorFacts::references).toList());
        }
    }

    @Test
    void anotherLoopHasAnotherIndex() throws Exception {
        try (Loop one = new Loop(2);
                Loop other = new Loop(2);
                Observer observer = observer()) {
            observer.observe();
            long start = System.nanoTime();
            while (true) {
                Observation o = observer.observe();
                List<CollectorFacts> a = read(o, one);
                List<CollectorFacts> b = read(o, other);
                if (allKnown(a) && allKnown(b) && indices(a).size() == 1) {
                    assertEquals(1, indices(b).size(), "walked by the same run");
                    assertFalse(indices(a).equals(indices(b)));
                    return;
                }
                assertTrue(System.nanoTime() - start < PATIENCE, () -> a + " " + b);
            }
        }
    }

    @Test
    void aSocketThatIsNotInFlightIsUnknownToTheCollector() throws Exception {
        try (Loop loop = new Loop(1);
                OwnedFd other = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
                Observer observer = observer()) {
            Observation o = observer.observe();
            assertEquals(Optional.empty(), facts(o, inode(other)));
            assertEquals(Optional.empty(), facts(o, inode(loop.peers.getFirst())));
            assertTrue(facts(o, loop.inodes.getFirst()).isPresent());
        }
    }

    /** It is garbage until the collector comes, and is never called anything else. */
    @Test
    void aClosedLoopIsNeverCalledLeaked() throws Exception {
        try (Observer observer = observer()) {
            for (int round = 0; round < 20; round++) {
                Loop loop = new Loop(1 + round % 4);
                loop.close();
                Tracker tracker = new Tracker(Thresholds.DEFAULT);
                boolean gone = false;
                long start = System.nanoTime();
                while (!gone) {
                    Tracked tracked = tracker.accept(observer.observe());
                    gone =
                            loop.inodes.stream()
                                    .noneMatch(i -> find(tracked.observation(), i).isPresent());
                    assertEquals(List.of(), leaked(tracked, loop));
                    assertTrue(System.nanoTime() - start < PATIENCE, "it is not freed");
                }
            }
        }
    }

    private static List<Finding> leaked(Tracked tracked, Loop loop) {
        List<FileFacts> files = tracked.observation().files();
        return tracked.confirmed().stream()
                .filter(f -> f.kind() == FindingKind.LEAKED)
                .filter(
                        f ->
                                f.files().stream()
                                        .anyMatch(i -> loop.inodes.contains(files.get(i).inode())))
                .toList();
    }

    private static Observer observer() throws Exception {
        return Observer.open(
                Observer.Choice.BPF, InstantSource.system(), BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
    }

    private static Optional<SocketFacts> find(Observation o, long inode) {
        return o.sockets().stream().filter(s -> s.inode() == inode).findFirst();
    }

    private static Optional<CollectorFacts> facts(Observation o, long inode) {
        return find(o, inode).orElseThrow().collector();
    }

    private static List<CollectorFacts> read(Observation o, Loop loop) {
        return loop.inodes.stream().map(inode -> facts(o, inode).orElseThrow()).toList();
    }

    private static boolean allKnown(List<CollectorFacts> facts) {
        return facts.stream().allMatch(f -> f.componentIndex().isPresent());
    }

    private static Set<Integer> indices(List<CollectorFacts> facts) {
        Set<Integer> all = new HashSet<>();
        facts.forEach(f -> all.add(f.componentIndex().orElseThrow()));
        return all;
    }

    private static long inode(OwnedFd socket) throws IOException {
        String link =
                Files.readSymbolicLink(Path.of("/proc/self/fd/" + socket.number())).toString();
        return Long.parseLong(link, "socket:[".length(), link.length() - 1, 10);
    }
}

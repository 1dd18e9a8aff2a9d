package dev.ringwatch.agent.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringwatch.agent.proc.ProcProcess.DescriptorAccess;
import dev.ringwatch.agent.proc.ProcRing.DescriptorRef;
import dev.ringwatch.agent.proc.ProcUnixSocket.State;
import dev.ringwatch.agent.proc.RingFdinfo.Listing;
import dev.ringwatch.agent.proc.RingFdinfo.SlotEntry;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import dev.ringwatch.uring.sys.Tasks;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Scans of the running machine, which must show what this process made. */
class ProcScanLiveTest {
    private static final int PID = Tasks.pid();
    private static final int REGISTER_BUFFERS = 0;
    private static final int REGISTER_FILES = 2;

    @Test
    void aPairKnowsItsPeersAndCountsWhatIsInFlight() throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (OwnedFd a = pair.get(0);
                OwnedFd b = pair.get(1)) {
            long inodeA = inode(a);
            long inodeB = inode(b);
            ScmRights.send(a.number(), MemorySegment.ofArray(new byte[1]), a.number(), 1);
            ProcSnapshot s = scan();
            assertEquals(new ProcSnapshot.PeerSource.Known(), s.peers());
            assertEquals(new UnixPeer.Connected(inodeB), socket(s, inodeA).peer());
            assertEquals(new UnixPeer.Connected(inodeA), socket(s, inodeB).peer());
            assertEquals(OptionalLong.of(0), socket(s, inodeA).queuedDescriptors());
            assertEquals(OptionalLong.of(2), socket(s, inodeB).queuedDescriptors());
            assertEquals(State.CONNECTED, socket(s, inodeA).state());
            assertTrue(
                    s.descriptors()
                            .contains(
                                    new ProcDescriptor(
                                            PID,
                                            a.number(),
                                            new DescriptorTarget.UnixSocket(inodeA))));
        }
    }

    @Test
    void aClosedPeerIsWithoutAFileAndShutDown() throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_SEQPACKET);
        try (OwnedFd a = pair.get(0)) {
            pair.get(1).close();
            ProcUnixSocket s = socket(scan(), inode(a));
            assertEquals(new UnixPeer.WithoutFile(), s.peer());
            assertEquals(OptionalInt.of(3), s.shutdown());
        }
    }

    @Test
    void aConnectionNobodyAccepted() throws IOException {
        UnixAddress name = new UnixAddress.Abstract("ringwatch-test-" + PID);
        try (OwnedFd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
                OwnedFd caller = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
            Sockets.bind(listener.number(), name);
            Sockets.listen(listener.number(), 4);
            Sockets.connect(caller.number(), name);
            ProcSnapshot s = scan();
            ProcUnixSocket l = socket(s, inode(listener));
            assertEquals(State.LISTENING, l.state());
            assertEquals(List.of(inode(caller)), l.pending().orElseThrow());
            assertEquals("ringwatch-test-" + PID, l.name().orElseThrow().text());
            assertEquals(new UnixPeer.WithoutFile(), socket(s, inode(caller)).peer());
            assertTrue(s.unixSockets().stream().anyMatch(e -> e.state() == State.EMBRYO));
        }
    }

    @Test
    void aRingItsTableAndItsSecondDescriptor() throws IOException {
        Path file = Files.createTempFile("ring watch\n", ".log");
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (Arena arena = Arena.ofConfined();
                OwnedFd ring = ring(arena);
                OwnedFd other = ring(arena);
                OwnedFd again = Fds.dup(ring.number());
                OwnedFd log = Fds.open(file.toString(), Fds.O_RDWR, 0);
                OwnedFd a = pair.get(0);
                OwnedFd b = pair.get(1)) {
            assertNotEquals(a.number(), b.number());
            registerFiles(arena, ring, a.number(), -1, log.number(), -1);
            registerBuffer(arena, ring, 4096);
            ProcSnapshot s = scan();
            ProcRing seen = ring(s, ring);
            assertEquals(
                    List.of(
                            new DescriptorRef(PID, ring.number()),
                            new DescriptorRef(PID, again.number())),
                    seen.descriptors());
            assertEquals(ProcRing.Sameness.CERTAIN, seen.sameness());
            assertNotEquals(seen.inode(), ring(s, other).inode());
            RingFdinfo info = assertInstanceOf(RingContents.Read.class, seen.contents()).fdinfo();
            assumeFullNames(info);
            assertEquals(
                    new RingFdinfo.FileTable(
                            4,
                            new Listing.Listed(
                                    List.of(
                                            new SlotEntry(0, new SlotFile.Socket(inode(a))),
                                            new SlotEntry(
                                                    2, new SlotFile.Named(file.toString()))))),
                    info.files());
            assertEquals(OptionalLong.of(4096), info.buffers().bytes());
            assertEquals(OptionalInt.of(0), info.polls());
            assertTrue(
                    s.descriptors()
                            .contains(
                                    new ProcDescriptor(
                                            PID,
                                            log.number(),
                                            new DescriptorTarget.NamedFile(file.toString()))));
        } finally {
            Files.delete(file);
        }
    }

    /** A socket whose only holder is a ring's table is in the socket table and in no other. */
    @Test
    void aSocketThatOnlyATableHolds() throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (Arena arena = Arena.ofConfined();
                OwnedFd ring = ring(arena);
                OwnedFd b = pair.get(1)) {
            long hidden = inode(pair.get(0));
            registerFiles(arena, ring, pair.get(0).number());
            pair.get(0).close();
            ProcSnapshot s = scan();
            assertEquals(new UnixPeer.Connected(inode(b)), socket(s, hidden).peer());
            assertEquals(
                    OptionalLong.empty(),
                    socket(s, hidden).queuedDescriptors(),
                    "unknown without a descriptor, not 0");
            assertTrue(
                    s.descriptors().stream()
                            .noneMatch(
                                    d ->
                                            d.target()
                                                    .equals(
                                                            new DescriptorTarget.UnixSocket(
                                                                    hidden))));
        }
    }

    @Test
    void thisProcessIsReadableAndTheScanCompletes() {
        ProcSnapshot s = scan();
        ProcProcess self =
                s.processes().stream().filter(p -> p.pid() == PID).findFirst().orElseThrow();
        assertEquals("java", self.comm());
        assertEquals(DescriptorAccess.READ, self.descriptors());
        assertTrue(self.networkNamespace().isPresent());
        assertTrue(s.complete(), () -> s.completeness().toString());
        assertTrue(s.kernel().isPresent());
    }

    /** Capabilities belong to threads: one that gives them up sees what a user would. */
    @Test
    void withoutCapabilitiesOthersAreCountedAsUnreadable() throws Exception {
        ProcSnapshot before = scan();
        assumeTrue(
                privileged() && before.processes().size() - before.unreadableProcesses() > 1,
                "needs capabilities to give up, and another process that they make readable");
        FutureTask<ProcSnapshot> task =
                new FutureTask<>(
                        () -> {
                            dropCapabilities();
                            return scan();
                        });
        Thread.ofPlatform().start(task);
        ProcSnapshot s = task.get();
        assertTrue(s.unreadableProcesses() > before.unreadableProcesses());
        assertTrue(
                s.processes().stream().anyMatch(p -> p.descriptors() == DescriptorAccess.DENIED));
        assertTrue(s.complete(), "what may not be read is no lack of time");
    }

    private static ProcSnapshot scan() {
        return new ProcScan(SameFile.unknown(), new SockDiag(), System::nanoTime)
                .scan(ProcOptions.defaults().withBudget(Duration.ofSeconds(30)));
    }

    private static ProcUnixSocket socket(ProcSnapshot s, long inode) {
        return s.unixSockets().stream().filter(u -> u.inode() == inode).findFirst().orElseThrow();
    }

    private static ProcRing ring(ProcSnapshot s, OwnedFd fd) {
        DescriptorRef at = new DescriptorRef(PID, fd.number());
        return s.rings().stream()
                .filter(r -> r.descriptors().contains(at))
                .findFirst()
                .orElseThrow();
    }

    private static long inode(OwnedFd socket) throws IOException {
        Path link = Path.of("/proc/self/fd/" + socket.number());
        return Numbers.bracketed(Files.readSymbolicLink(link).toString(), "socket:").orElseThrow();
    }

    private static void assumeFullNames(RingFdinfo info) {
        assumeTrue(
                info.files().listing() instanceof Listing.Listed(List<SlotEntry> entries)
                        && entries.stream().noneMatch(e -> e.file() instanceof SlotFile.ShortName),
                "kernels before 6.14 print short names");
    }

    private static OwnedFd ring(Arena arena) throws ErrnoException {
        long fd = Sys.call(Syscall.IO_URING_SETUP, 4, arena.allocate(120, 8).address(), 0);
        assumeTrue(!Sys.failed(fd), "io_uring is not permitted here: errno " + -fd);
        return OwnedFd.own((int) fd);
    }

    private static void registerFiles(Arena arena, OwnedFd ring, int... fds) throws ErrnoException {
        MemorySegment at = arena.allocateFrom(ValueLayout.JAVA_INT, fds);
        register(ring, REGISTER_FILES, at, fds.length);
    }

    private static void registerBuffer(Arena arena, OwnedFd ring, long bytes)
            throws ErrnoException {
        MemorySegment iovec =
                arena.allocateFrom(
                        ValueLayout.JAVA_LONG, arena.allocate(bytes, 4096).address(), bytes);
        register(ring, REGISTER_BUFFERS, iovec, 1);
    }

    private static void register(OwnedFd ring, int opcode, MemorySegment argument, int count)
            throws ErrnoException {
        long result =
                Sys.call(
                        Syscall.IO_URING_REGISTER,
                        ring.number(),
                        opcode,
                        argument.address(),
                        count);
        Sys.check(Syscall.IO_URING_REGISTER, result, "opcode " + opcode);
    }

    private static boolean privileged() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .anyMatch(
                        line -> line.startsWith("CapEff:") && !line.endsWith("\t0000000000000000"));
    }

    /** capset(2), version 3, of the calling thread. */
    private static void dropCapabilities() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocateFrom(ValueLayout.JAVA_INT, 0x20080522, 0);
            Tasks.capset(header, arena.allocate(24, 4));
        }
    }
}

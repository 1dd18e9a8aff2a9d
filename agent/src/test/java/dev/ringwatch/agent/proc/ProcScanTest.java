package dev.ringwatch.agent.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.proc.ProcProcess.DescriptorAccess;
import dev.ringwatch.agent.proc.ProcRing.DescriptorRef;
import dev.ringwatch.agent.proc.ProcRing.Sameness;
import dev.ringwatch.agent.proc.ProcSnapshot.Completeness;
import dev.ringwatch.agent.proc.RingContents.Reason;
import dev.ringwatch.agent.proc.UnixDiag.UnixDiagSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scans of trees built for the purpose. */
class ProcScanTest {
    private final Path directory;
    private final ProcTree tree;

    ProcScanTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        tree = new ProcTree(directory, "6.18.44");
    }

    @Test
    void aProcessAndItsNames() throws IOException {
        tree.process(7, "a) b", 99).stat(2, "kthreadd", 0x208040, 1);
        ProcSnapshot s = scan();
        assertEquals(
                List.of(
                        new ProcProcess(
                                7,
                                "a) b",
                                OptionalLong.of(1000),
                                99,
                                List.of(
                                        new CgroupPath(1, "cpu,cpuacct", "/a:b"),
                                        new CgroupPath(0, "", "/user.slice")),
                                OptionalLong.of(4026531840L),
                                DescriptorAccess.READ)),
                s.processes());
        assertTrue(s.complete());
        assertEquals(0, s.unreadableProcesses());
        assertEquals(Visibility.PidNamespace.INITIAL, s.visibility().pidNamespace());
        assertEquals(Optional.of(new KernelRelease(6, 18, 44)), s.kernel());
    }

    @Test
    void descriptorsOfRingsSocketsAndOfFilesThatATableNames() throws IOException {
        tree.process(7, "server", 1)
                .ring(7, 3, "linux-6.18")
                .fd(7, 4, "socket:[9707]")
                .fd(7, 5, "socket:[5555]")
                .fd(7, 6, "/srv/work/new\nline ]: x")
                .fd(7, 8, "/srv/work/socket:[1]")
                .fd(7, 9, "/srv/other")
                .fd(7, 10, "pipe:[9710]")
                .fd(7, 11, "socket:[x]")
                .fdinfo(7, 4, "pos:\t0\nflags:\t02\nino:\t9707\nscm_fds: 3\n")
                .write("net/unix", RingFdinfoParserTest.resource("net-unix.txt"));
        ProcSnapshot s = scan();
        assertEquals(
                List.of(
                        descriptor(3, new DescriptorTarget.Ring(0)),
                        descriptor(4, new DescriptorTarget.UnixSocket(9707)),
                        descriptor(5, new DescriptorTarget.UnknownSocket(5555)),
                        descriptor(6, new DescriptorTarget.NamedFile("/srv/work/new\nline ]: x")),
                        descriptor(8, new DescriptorTarget.NamedFile("/srv/work/socket:[1]")),
                        descriptor(10, new DescriptorTarget.NamedFile("pipe:[9710]"))),
                s.descriptors());
        assertEquals(OptionalLong.of(3), s.unixSockets().get(0).queuedDescriptors());
        assertEquals(
                OptionalLong.empty(),
                s.unixSockets().get(1).queuedDescriptors(),
                "nobody has a descriptor of it");
    }

    @Test
    void aQueueIsNotReadThroughADescriptorThatWasReused() throws IOException {
        tree.process(7, "server", 1)
                .fd(7, 4, "socket:[9707]")
                .fdinfo(7, 4, "ino:\t1\nscm_fds: 3\n")
                .write("net/unix", RingFdinfoParserTest.resource("net-unix.txt"));
        assertEquals(OptionalLong.empty(), scan().unixSockets().get(0).queuedDescriptors());
    }

    @Test
    void oneRingInTwoProcessesByItsOwnInode() throws IOException {
        tree.process(7, "parent", 1).ring(7, 3, "linux-6.18");
        tree.process(8, "child", 2).ring(8, 3, "linux-6.18-busy");
        tree.fd(7, 9, "anon_inode:[eventfd]").fdinfo(7, 9, "pos:\t0\nino:\t12\n");
        ProcSnapshot s = scan();
        assertEquals(1, s.rings().size());
        assertEquals(
                List.of(new DescriptorRef(7, 3), new DescriptorRef(8, 3)),
                s.rings().get(0).descriptors());
        assertEquals(Sameness.CERTAIN, s.rings().get(0).sameness());
        assertInstanceOf(RingContents.Read.class, s.rings().get(0).contents());
        assertEquals(0, s.unreadableRings());
    }

    @Test
    void ringsOnTheSharedInodeAreOneOnlyIfTheKernelSaysSo() throws IOException {
        tree.write("sys/kernel/osrelease", "5.15.0\n").process(7, "server", 1);
        tree.ring(7, 3, "linux-5.15").ring(7, 4, "linux-5.15").ring(7, 5, "linux-5.15");
        tree.fd(7, 9, "anon_inode:[eventfd]").fdinfo(7, 9, "pos:\t0\nino:\t2053\n");
        ProcSnapshot unsure = scan();
        assertEquals(3, unsure.rings().size());
        assertTrue(unsure.rings().stream().allMatch(r -> r.sameness() == Sameness.UNKNOWN));

        SameFile kcmp =
                (p, a, q, b) -> a + b == 8 ? SameFile.Answer.SAME : SameFile.Answer.DIFFERENT;
        ProcSnapshot asked = scan(kcmp, UnixDiag.none(), System::nanoTime);
        assertEquals(2, asked.rings().size());
        assertTrue(asked.rings().stream().allMatch(r -> r.sameness() == Sameness.CERTAIN));
    }

    @Test
    void aBusyRingIsUnknownAndNotEmpty() throws IOException {
        tree.process(7, "busy", 1).ring(7, 3, "linux-6.18-busy");
        ProcSnapshot s = scan();
        assertEquals(new RingContents.Unreadable(Reason.BUSY), s.rings().get(0).contents());
        assertEquals(1, s.unreadableRings());
    }

    @Test
    void aRingThatIsBusyAtFirstIsReadAgain() throws IOException {
        tree.process(7, "busy", 1).ring(7, 3, "linux-6.18-busy");
        // the socket tables are read between the first and the second attempt
        UnixDiag calm =
                () -> {
                    change(() -> tree.ring(7, 3, "linux-6.18"));
                    return new UnixDiag.Answer.Sockets(List.of());
                };
        ProcSnapshot s = scan(SameFile.unknown(), calm, System::nanoTime);
        assertInstanceOf(RingContents.Read.class, s.rings().get(0).contents());
    }

    @Test
    void aBusyDescriptorThatBecameAnotherFileIsDropped() throws IOException {
        tree.process(7, "busy", 1).ring(7, 3, "linux-6.18-busy");
        UnixDiag reuse =
                () -> {
                    change(() -> tree.fd(7, 3, "/etc/passwd"));
                    return new UnixDiag.Answer.Sockets(List.of());
                };
        assertEquals(List.of(), scan(SameFile.unknown(), reuse, System::nanoTime).rings());
    }

    @Test
    void noRingIsReadOnAKernelThatMayCrash() throws IOException {
        tree.write("sys/kernel/osrelease", "6.12.10-amd64\n").process(7, "server", 1);
        tree.ring(7, 3, "linux-6.12");
        ProcSnapshot s = scan();
        assertEquals(
                new RingContents.Unreadable(Reason.KERNEL_UNSAFE), s.rings().get(0).contents());
        assertEquals(OptionalLong.empty(), s.rings().get(0).inode());
        assertEquals(1, s.unreadableRings());
    }

    @Test
    void aProcessThatEndsWhileItsDescriptorsAreRead() throws IOException {
        tree.process(7, "ends", 1).process(9, "stays", 2);
        for (int fd = 0; fd < 200; fd++) {
            tree.fd(7, fd, "socket:[" + (1000 + fd) + "]");
        }
        tree.fd(9, 0, "socket:[1]");
        // the clock is read at the start, before each process, and every 64 descriptors
        AtomicInteger reads = new AtomicInteger();
        LongSupplier clock =
                () -> {
                    if (reads.incrementAndGet() == 3) {
                        change(() -> tree.end(7));
                    }
                    return 0;
                };
        ProcSnapshot s = scan(SameFile.unknown(), UnixDiag.none(), clock);
        assertEquals(List.of(9), s.processes().stream().map(ProcProcess::pid).toList());
        assertEquals(
                List.of(new ProcDescriptor(9, 0, new DescriptorTarget.UnknownSocket(1))),
                s.descriptors());
        assertEquals(1, s.endedProcesses());
        assertEquals(0, s.unreadableProcesses());
        assertTrue(s.complete());
    }

    @Test
    void aPidThatIsReusedMeanwhileDoesNotMixTwoProcesses() throws IOException {
        tree.process(7, "old", 1);
        for (int fd = 0; fd < 70; fd++) {
            tree.fd(7, fd, "socket:[" + (1000 + fd) + "]");
        }
        AtomicInteger reads = new AtomicInteger();
        LongSupplier clock =
                () -> {
                    if (reads.incrementAndGet() == 3) {
                        change(() -> tree.stat(7, "new", 0, 2));
                    }
                    return 0;
                };
        ProcSnapshot s = scan(SameFile.unknown(), UnixDiag.none(), clock);
        assertEquals(List.of(), s.processes());
        assertEquals(List.of(), s.descriptors());
        assertEquals(1, s.endedProcesses());
    }

    @Test
    void aSpentBudgetEndsTheScanAndSaysWhatIsMissing() throws IOException {
        for (int pid = 10; pid < 20; pid++) {
            tree.process(pid, "p", 1);
        }
        AtomicInteger now = new AtomicInteger();
        ProcSnapshot s =
                new ProcScan(
                                SameFile.unknown(),
                                UnixDiag.none(),
                                () -> Duration.ofMillis(now.getAndIncrement()).toNanos())
                        .scan(options().withBudget(Duration.ofMillis(5)));
        assertEquals(4, s.processes().size());
        assertEquals(6, s.unreadableProcesses());
        assertFalse(s.complete());
        assertEquals(
                new Completeness.CutShort("not read, with a budget of 5 ms: 6 processes"),
                s.completeness());
    }

    @Test
    void peersComeFromSockDiagAndEmbryosFromTheTable() throws IOException {
        tree.process(7, "server", 1)
                .write("net/unix", RingFdinfoParserTest.resource("net-unix.txt"));
        UnixDiagSocket known =
                new UnixDiagSocket(
                        1,
                        1,
                        42,
                        Optional.empty(),
                        new UnixPeer.Connected(43),
                        List.of(),
                        OptionalInt.of(0));
        ProcSnapshot s =
                scan(
                        SameFile.unknown(),
                        () -> new UnixDiag.Answer.Sockets(List.of(known)),
                        System::nanoTime);
        assertEquals(
                List.of(42L, 0L), s.unixSockets().stream().map(ProcUnixSocket::inode).toList());
        assertEquals(new UnixPeer.Connected(43), s.unixSockets().get(0).peer());
        assertEquals(new ProcSnapshot.PeerSource.Known(), s.peers());
        assertInstanceOf(ProcSnapshot.PeerSource.Unavailable.class, scan().peers());
    }

    @Test
    void aSocketTableThatIsNotThereIsNotAnEmptyOne() throws IOException {
        Files.delete(directory.resolve("net/unix"));
        assertEquals(
                new Completeness.CutShort(
                        "not read, with a budget of 60000 ms: 1 network namespaces"),
                scan().completeness());
    }

    @Test
    void socketsOfAContainersNetworkNamespace() throws IOException {
        tree.process(7, "inside", 1)
                .link("7/ns/net", "net:[4026532000]")
                .fd(7, 0, "socket:[9707]")
                .write("7/net/unix", RingFdinfoParserTest.resource("net-unix.txt"));
        ProcSnapshot s = scan();
        assertEquals(new DescriptorTarget.UnixSocket(9707), s.descriptors().get(0).target());
        assertEquals(OptionalLong.of(4026532000L), s.unixSockets().get(0).networkNamespace());
    }

    @Test
    void aVeryLongNameAndATooLongFile() throws IOException {
        String name = "/" + "x".repeat(255) + "/" + "y".repeat(255);
        String text = "ino:\t5\nUserFiles:\t1\n    0: " + name + "\nUserBufs:\t0\nPollList:\n";
        tree.process(7, "long", 1).fd(7, 3, ProcTree.RING).fdinfo(7, 3, text).fd(7, 4, name);
        assertEquals(new DescriptorTarget.NamedFile(name), scan().descriptors().get(1).target());
        ProcOptions small =
                new ProcOptions(directory, Duration.ofSeconds(60), 1, Duration.ZERO, 400);
        assertEquals(
                new RingContents.Unreadable(Reason.TOO_LONG),
                new ProcScan().scan(small).rings().get(0).contents());
    }

    @Test
    void hidepidIsReported() throws IOException {
        tree.write(
                "self/mountinfo",
                "22 1 0:20 / / rw - ext4 /dev/vda rw\n"
                        + "23 22 0:21 / "
                        + directory
                        + " rw,nosuid - proc proc rw,hidepid=invisible\n");
        assertEquals(Optional.of("invisible"), scan().visibility().hidepid());
    }

    @Test
    void aRootThatIsNotThereIsRefused() {
        ProcOptions nowhere = ProcOptions.defaults().withRoot(directory.resolve("nowhere"));
        UncheckedIOException e =
                assertThrows(UncheckedIOException.class, () -> new ProcScan().scan(nowhere));
        assertTrue(String.valueOf(e.getMessage()).contains("nowhere"));
    }

    @FunctionalInterface
    private interface Change {
        void apply() throws IOException;
    }

    private static void change(Change change) {
        try {
            change.apply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcOptions options() {
        return new ProcOptions(directory, Duration.ofSeconds(60), 3, Duration.ofMillis(1), 1 << 20);
    }

    private ProcSnapshot scan() {
        return new ProcScan().scan(options());
    }

    private ProcSnapshot scan(SameFile sameFile, UnixDiag diag, LongSupplier clock) {
        return new ProcScan(sameFile, diag, clock).scan(options());
    }

    private static ProcDescriptor descriptor(int fd, DescriptorTarget target) {
        return new ProcDescriptor(7, fd, target);
    }
}

package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.WhyReport;
import dev.ringwatch.agent.why.Answer;
import dev.ringwatch.agent.why.Entry;
import dev.ringwatch.agent.why.Ledger;
import dev.ringwatch.agent.why.NoSuchTargetException;
import dev.ringwatch.agent.why.Target;
import dev.ringwatch.agent.why.Why;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each ledger is exactly what the kernel counts, of what programs of the zoo keep open. */
class WhyTest {
    private static final List<String> KINDS =
            List.of(
                    "deleted-log",
                    "netns",
                    "pinned-mount",
                    "visited-mount",
                    "inherited-port",
                    "accepting",
                    "executed",
                    "polled");

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private static final Map<String, ZooProcess> ZOO = new HashMap<>();
    private static Observer observer;

    @BeforeAll
    static void open() throws Exception {
        for (String kind : KINDS) {
            ZOO.put(kind, ZooProcess.launch(kind));
        }
        ZOO.values().forEach(ZooProcess::awaitReady);
        observer =
                Observer.open(
                        Observer.Choice.BPF,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
    }

    @AfterAll
    static void close() throws IOException {
        if (observer != null) {
            observer.close();
        }
        for (ZooProcess zoo : ZOO.values()) {
            zoo.close();
        }
    }

    @Test
    void aDeletedLogThatOnlyARingsTableHasIsFoundUnderItsOldName() throws Exception {
        ZooProcess zoo = zoo("deleted-log");
        Answer answer = ask(WhyZoo.folder(zoo.pid()).resolve("app.log").toString());

        Ledger ledger = only(answer);
        assertEquals(Map.of(Entry.Kind.SLOT, 1L), counts(ledger));
        assertEquals(zoo.pid(), ledger.entries().getFirst().pid().orElseThrow());
        assertTrue(ledger.entries().getFirst().words().endsWith(", slot 0"), ledger::toString);
        assertEquals(OptionalLong.of(zoo.fact("inode")), ledger.inode());
        assertEquals("app.log (deleted)", ledger.name());
        assertTrue(answer.notes().toString().contains("its 1024 KiB are freed"), answer::toString);
        assertEquals(
                List.of(ledger),
                ask("inode:" + zoo.fact("inode")).ledgers().stream()
                        .filter(l -> l.name().equals(ledger.name()))
                        .toList());
    }

    @Test
    void aSocketThatOnlyAQueueHasIsReachedThroughTheReceiver() throws Exception {
        ZooProcess zoo = zoo("netns");
        Ledger ledger = only(ask("inode:" + zoo.fact("a")));

        assertEquals(Map.of(Entry.Kind.QUEUED, 1L), counts(ledger));
        assertTrue(
                ledger.entries()
                        .getFirst()
                        .words()
                        .startsWith("socket " + zoo.fact("receiver") + " of pid " + zoo.pid()),
                ledger::toString);
        assertEquals(2, ledger.path().size(), ledger::toString);
    }

    @Test
    void aNetworkNamespaceThatOnlySocketsInFlightKeepIsToldSocketBySocket() throws Exception {
        ZooProcess zoo = zoo("netns");
        Answer answer = ask("netns:" + zoo.fact("netns"));

        balanced(answer);
        Ledger whole = answer.ledgers().getFirst();
        assertEquals(Ledger.Subject.NETWORK_NAMESPACE, whole.subject());
        Map<Entry.Kind, Long> counts = counts(whole);
        assertEquals(4L, counts.get(Entry.Kind.SOCKET), whole::toString);
        assertFalse(counts.containsKey(Entry.Kind.TASKS), whole::toString);
        for (String socket : List.of("a", "b")) {
            Ledger ledger =
                    answer.ledgers().stream()
                            .filter(l -> l.inode().equals(OptionalLong.of(zoo.fact(socket))))
                            .findFirst()
                            .orElseThrow();
            assertEquals(Map.of(Entry.Kind.QUEUED, 1L), counts(ledger));
            assertTrue(ledger.path().getFirst().startsWith("pid " + zoo.pid()), ledger::toString);
        }
    }

    @Test
    void aMountThatARegisteredFileKeepsBusyNamesTheSlot() throws Exception {
        ZooProcess zoo = zoo("pinned-mount");
        Answer answer = ask(inMounts(zoo));

        balanced(answer);
        assertEquals(2, answer.ledgers().size());
        // The thread's root and working directory are on the mount below.
        assertEquals(
                Map.of(Entry.Kind.MOUNTED, 1L, Entry.Kind.OPEN_FILE, 1L),
                counts(answer.ledgers().get(0)));
        assertEquals(Map.of(Entry.Kind.SLOT, 1L), counts(answer.ledgers().get(1)));
        assertTrue(
                answer.ledgers().get(0).name().contains(WhyZoo.folder(zoo.pid()) + ", tmpfs"),
                answer::toString);
    }

    @Test
    void aMountThatAWorkingDirectoryKeepsBusyNamesTheThread() throws Exception {
        ZooProcess zoo = zoo("visited-mount");
        Answer answer = ask(inMounts(zoo));

        Ledger ledger = only(answer);
        assertEquals(
                Map.of(Entry.Kind.MOUNTED, 1L, Entry.Kind.WORKING_DIRECTORY, 1L), counts(ledger));
        assertTrue(
                ledger.entries().toString().contains("thread " + zoo.fact("tid")),
                ledger::toString);
        Ledger place = only(ask(inMounts(zoo) + "/inside"));
        assertEquals(Ledger.Subject.PLACE, place.subject());
        assertEquals(Map.of(Entry.Kind.WORKING_DIRECTORY, 1L), counts(place));
    }

    @Test
    void aPortThatAChildHasInheritedNamesBoth() throws Exception {
        ZooProcess zoo = zoo("inherited-port");
        Ledger ledger = only(ask(":" + zoo.fact("port")));

        assertEquals(Map.of(Entry.Kind.DESCRIPTOR, 3L), counts(ledger));
        assertEquals(
                Map.of((long) zoo.pid(), 2L, zoo.fact("child"), 1L),
                ledger.entries().stream()
                        .collect(
                                Collectors.groupingBy(
                                        e -> (long) e.pid().orElseThrow(), Collectors.counting())));
        assertTrue(ledger.name().contains("tcp socket"), ledger::name);
        assertTrue(ledger.name().endsWith("listening"), ledger::name);
        Answer same = ask("pid:" + zoo.pid() + "/" + zoo.fact("fd"));
        assertEquals(List.of(ledger), same.ledgers());
    }

    @Test
    void aThreadThatWaitsInAcceptHasAReferenceOfItsOwn() throws Exception {
        ZooProcess zoo = zoo("accepting");
        Target target = Target.parse(":" + zoo.fact("port"));
        long start = System.nanoTime();
        Ledger ledger = only(answer(target));
        while (!counts(ledger).containsKey(Entry.Kind.SYSTEM_CALL)) {
            assertTrue(System.nanoTime() - start < PATIENCE, ledger::toString);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20)); // it is on its way there
            ledger = only(answer(target));
        }

        assertEquals(Map.of(Entry.Kind.DESCRIPTOR, 1L, Entry.Kind.SYSTEM_CALL, 1L), counts(ledger));
        String words = ledger.entries().getLast().words();
        assertTrue(words.endsWith("thread " + zoo.fact("tid") + ", accept4"), words);
    }

    @Test
    void aSocketThatOnlyARequestInFlightHasNamesTheRing() throws Exception {
        ZooProcess zoo = zoo("polled");
        Ledger ledger = only(ask("inode:" + zoo.fact("a")));

        assertEquals(Map.of(Entry.Kind.REQUEST, 1L), counts(ledger));
        assertTrue(
                ledger.entries().getFirst().words().startsWith("ring of pid " + zoo.pid()),
                ledger::toString);
    }

    @Test
    void aFileThatIsMappedAndExecutedNamesTheProcesses() throws Exception {
        ZooProcess zoo = zoo("executed");
        Answer answer = ask(WhyZoo.folder(zoo.pid()).resolve("program").toString());

        balanced(answer);
        Map<Entry.Kind, Long> all = new TreeMap<>();
        answer.ledgers().forEach(l -> counts(l).forEach((k, n) -> all.merge(k, n, Long::sum)));
        assertEquals(1L, all.get(Entry.Kind.EXECUTABLE), all::toString);
        assertTrue(all.getOrDefault(Entry.Kind.MAPPING, 0L) > 2, all::toString);
        assertTrue(
                answer.ledgers().stream()
                        .flatMap(l -> l.entries().stream())
                        .anyMatch(e -> e.pid().orElse(0) == zoo.pid()),
                answer::toString);
    }

    @Test
    void aLoopDeviceIsNamedForItsBackingFile(@TempDir Path folder) throws Exception {
        Path image = Files.write(folder.resolve("image"), new byte[1 << 20]);
        String device = run("losetup", "-f", "--show", image.toString());
        Assumptions.assumeTrue(device.startsWith("/dev/loop"), "no loop device: " + device);
        try {
            Ledger ledger = only(ask(image.toString()));
            assertEquals(Map.of(Entry.Kind.LOOP_DEVICE, 1L), counts(ledger));
            assertEquals(device, ledger.entries().getFirst().words());
        } finally {
            run("losetup", "-d", device);
        }
    }

    @Test
    void aBlockDeviceIsHeldByWhatIsMountedFromIt() throws Exception {
        String device = Files.getFileStore(Path.of("/")).name();
        Assumptions.assumeTrue(device.startsWith("/dev/"), "the root is on no device: " + device);

        Ledger place = ask(device).ledgers().getFirst();

        assertEquals(Ledger.Subject.PLACE, place.subject());
        assertTrue(
                place.entries()
                        .contains(new Entry(Entry.Kind.FILE_SYSTEM, 1, "/", OptionalInt.empty())),
                place::toString);
    }

    @Test
    void aSwapFileIsNamed() throws Exception {
        Path file = Files.createTempFile("ringwatch-swap-", "");
        try {
            Files.write(file, new byte[1 << 20]);
            run("chmod", "600", file.toString());
            run("mkswap", file.toString());
            String refused = run("swapon", "-p", "0", file.toString());
            Assumptions.assumeTrue(refused.isEmpty(), "no swapping here: " + refused);
            try {
                Ledger ledger = only(ask(file.toString()));
                assertEquals(Map.of(Entry.Kind.SWAP, 1L), counts(ledger));
            } finally {
                run("swapoff", file.toString());
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void nobodyIsAnAnswerAndWhatIsNotThereIsNone(@TempDir Path folder) throws Exception {
        Path quiet = Files.createFile(folder.resolve("quiet"));

        Answer answer = ask(quiet.toString());
        assertFalse(answer.held());
        assertTrue(WhyReport.text(answer).startsWith("Nobody keeps "), answer::toString);
        assertThrows(NoSuchTargetException.class, () -> ask(folder.resolve("never").toString()));
        assertThrows(NoSuchTargetException.class, () -> ask(folder.resolve("no/where").toString()));
        assertThrows(NoSuchTargetException.class, () -> ask("pid:4194304/0"));
    }

    @Test
    void aFileDeletedWhileAnotherTookItsNameIsToldBesideIt(@TempDir Path folder) throws Exception {
        Path log = Files.createFile(folder.resolve("app.log"));
        try (OwnedFd old = Fds.open(log.toString(), Fds.O_RDWR, 0)) {
            Files.delete(log);
            Files.createFile(log);
            try (OwnedFd now = Fds.open(log.toString(), Fds.O_RDWR, 0)) {
                Answer answer = ask(log.toString());
                balanced(answer);
                assertEquals(
                        List.of(log + "", log + " (deleted)"),
                        answer.ledgers().stream().map(Ledger::name).sorted().toList());
                assertTrue(old.number() != now.number());
            }
        }
    }

    private static ZooProcess zoo(String kind) {
        ZooProcess zoo = ZOO.get(kind);
        if (zoo == null) {
            throw new AssertionError("no " + kind);
        }
        return zoo;
    }

    /** The zoo's folder as the thread sees it that has mounts of its own. */
    private static String inMounts(ZooProcess zoo) {
        return "/proc/%d/task/%d/root%s"
                .formatted(zoo.pid(), zoo.fact("tid"), WhyZoo.folder(zoo.pid()));
    }

    private static Answer ask(String target) throws Exception {
        return answer(Target.parse(target));
    }

    private static Answer answer(Target target) throws Exception {
        return Why.answer(target, observer, BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
    }

    private static Ledger only(Answer answer) {
        balanced(answer);
        assertEquals(1, answer.ledgers().size(), answer::toString);
        return answer.ledgers().getFirst();
    }

    private static void balanced(Answer answer) {
        assertTrue(answer.held(), answer::toString);
        for (Ledger ledger : answer.ledgers()) {
            assertTrue(ledger.balanced(), () -> WhyReport.text(answer));
            assertEquals(0, ledger.unexplained().orElse(0), () -> WhyReport.text(answer));
        }
    }

    private static Map<Entry.Kind, Long> counts(Ledger ledger) {
        Map<Entry.Kind, Long> counts = new TreeMap<>();
        ledger.entries().forEach(e -> counts.merge(e.kind(), e.count(), Long::sum));
        return counts;
    }

    /** What a program says, on one line. */
    private static String run(String... command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
        String said =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return said;
    }
}

package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.EventOptions;
import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.uring.sys.Tasks;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What programs do is counted, and as theirs. */
class EventsTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private static Observer observer;
    private static Tracker tracker;
    private static Tracked last;

    @BeforeAll
    static void load() throws Exception {
        observer =
                Observer.open(
                        Observer.Choice.BPF,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES,
                        EventOptions.ALL);
        tracker = new Tracker(Look.NONE);
        last = tracker.accept(observer.observe());
    }

    @AfterAll
    static void unload() {
        observer.close();
    }

    private static Activity look() {
        try {
            last = tracker.accept(observer.observe());
            return last.observation().activity().orElseThrow();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Looks until it is so. */
    private static void await(BooleanSupplier so) {
        long start = System.nanoTime();
        while (!so.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < PATIENCE, "waited in vain");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            look();
        }
    }

    private static long counted(ZooProcess zoo, EventKind kind) {
        return counted(zoo.pid(), kind);
    }

    private static long counted(int pid, EventKind kind) {
        return last.observation().activity().orElseThrow().actors().stream()
                .filter(a -> a.process().pid() == pid)
                .mapToLong(a -> a.counts().getOrDefault(kind, 0L))
                .sum();
    }

    private static long ofGroup(String group, EventKind kind) {
        return last.events().getOrDefault(kind, Map.of()).getOrDefault(group, 0L);
    }

    @Test
    void ringsAreCountedOneByOneAndStayCountedWhenTheirProcessIsGone() throws Exception {
        long teardowns = look().teardowns().orElseThrow().count();
        int pid;
        try (ZooProcess zoo = ZooProcess.start("rings", "25", "zoo-rings")) {
            pid = zoo.pid();
            zoo.ask();
            look();
            assertEquals(25, counted(zoo, EventKind.RINGS_CREATED));
            await(() -> counted(pid, EventKind.RINGS_RELEASED) == 25);
            await(() -> teardowns() >= teardowns + 25);
            assertEquals(25, ofGroup("comm:zoo-rings", EventKind.RINGS_CREATED));
            zoo.ask(); // not seen before its end
        }
        await(() -> ofGroup("comm:zoo-rings", EventKind.RINGS_CREATED) == 50);
        await(() -> ofGroup("comm:zoo-rings", EventKind.RINGS_RELEASED) == 50);
        await(() -> counted(pid, EventKind.RINGS_CREATED) == 0);
        assertEquals(50, ofGroup("comm:zoo-rings", EventKind.RINGS_CREATED), "forgotten, not lost");
    }

    private static long teardowns() {
        return last.observation().activity().orElseThrow().teardowns().orElseThrow().count();
    }

    @Test
    void aKilledProcessLeavesItsRingsToBeTornDown() throws Exception {
        int pid;
        try (ZooProcess zoo = ZooProcess.start("slots", "3", "zoo-killed")) {
            pid = zoo.pid();
            look();
            assertEquals(1, counted(zoo, EventKind.RINGS_CREATED));
            assertEquals(0, counted(zoo, EventKind.RINGS_RELEASED));
            zoo.kill();
            look();
        }
        await(() -> ofGroup("comm:zoo-killed", EventKind.RINGS_RELEASED) == 1);
        await(() -> counted(pid, EventKind.RINGS_CREATED) == 0);
    }

    @Test
    void completionsWithoutRoomAreCounted() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("overflow", "7", "zoo-overflow")) {
            zoo.ask();
            look();
            assertEquals(7, counted(zoo, EventKind.CQ_OVERFLOWS));
        }
    }

    @Test
    void requestsGivenToWorkersAreCounted() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("punts", "9", "zoo-punts")) {
            zoo.ask();
            look();
            assertEquals(9, counted(zoo, EventKind.IOWQ_PUNTS));
        }
    }

    @Test
    void whatTheCollectorFreesIsCounted() throws Exception {
        Activity.CollectorRuns before = look().collector().orElseThrow();
        try (ZooProcess zoo = ZooProcess.start("loops", "20", "zoo-loops")) {
            zoo.ask(); // 40 sockets, each with one descriptor in its queue; looking starts a run
            await(
                    () ->
                            runs().freedSockets().orElseThrow()
                                    >= before.freedSockets().orElseThrow() + 40);
            assertTrue(runs().freedFds().orElseThrow() >= before.freedFds().orElseThrow() + 40);
            assertTrue(runs().durations().count() > before.durations().count());
            assertFalse(runs().lastRun().orElseThrow().isAfter(InstantSource.system().instant()));
        }
    }

    private static Activity.CollectorRuns runs() {
        return last.observation().activity().orElseThrow().collector().orElseThrow();
    }

    /** An idle owner, a process whose closes start the collector, and one that does other things. */
    @Test
    void theOwnerAndTheTriggerAreNamedAndNotTheBystander() throws Exception {
        try (ZooProcess bystander = ZooProcess.start("bystander", "200", "zoo-bystander");
                ZooProcess trigger = ZooProcess.start("trigger", "50", "zoo-trigger");
                ZooProcess owner = ZooProcess.start("sockets-queued", "40", "zoo-owner")) {
            owner.ask();
            look();
            long owners = counted(owner, EventKind.COLLECTOR_RUNS_QUEUED);
            long bystanders = counted(bystander, EventKind.COLLECTOR_RUNS_QUEUED);
            long triggers = counted(trigger, EventKind.COLLECTOR_RUNS_QUEUED);
            trigger.ask();
            bystander.ask();
            look();
            // A close while a run is queued starts no other.
            long more = counted(trigger, EventKind.COLLECTOR_RUNS_QUEUED) - triggers;
            assertTrue(more > 0 && more <= 50, () -> more + " runs of 50 closes");
            assertEquals(owners, counted(owner, EventKind.COLLECTOR_RUNS_QUEUED));
            assertEquals(bystanders, counted(bystander, EventKind.COLLECTOR_RUNS_QUEUED));
            assertEquals(40, inFlight("comm:zoo-owner"));
            assertEquals(40, sent("comm:zoo-owner"));
            assertEquals(0, sent("comm:zoo-trigger"));
            assertEquals(0, inFlight("comm:zoo-trigger"));
            assertEquals(0, inFlight("comm:zoo-bystander"));
        }
    }

    private static int sent(String group) {
        return last.observation().sent().orElseThrow().entrySet().stream()
                .filter(e -> last.groups().of(e.getKey()).equals(group))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    @Test
    void workersOfARingAreCounted() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("worker", "1", "zoo-worker")) {
            await(() -> workers(zoo) == 1);
        }
    }

    private static int workers(ZooProcess zoo) {
        return last.observation().workers().orElseThrow().getOrDefault(zoo.pid(), 0);
    }

    private static int inFlight(String group) {
        Observation o = last.observation();
        Groups groups = last.groups();
        return o.sockets().stream()
                .filter(s -> groups.of(s.file()).equals(group))
                .mapToInt(s -> s.inflight().orElse(0))
                .sum();
    }

    /** The agent is root here, whom no limit holds: its program gives up what root may do. */
    @Test
    void refusedSendsAreCounted() throws Exception {
        try (ZooProcess zoo = ZooProcess.startBy(Counted.HUMBLY, "rejected", "5", "zoo-rejected")) {
            zoo.ask();
            look();
            assertEquals(5, counted(zoo, EventKind.SENDS_REJECTED));
        }
    }

    @Test
    void theAgeOfARequestIsThatOfItsSubmission() throws Exception {
        Instant before = InstantSource.system().instant();
        try (ZooProcess zoo = ZooProcess.start("waits", "1", "zoo-waits")) {
            Instant after = InstantSource.system().instant();
            look();
            Instant submitted =
                    last
                            .observation()
                            .activity()
                            .orElseThrow()
                            .oldestRequests()
                            .orElseThrow()
                            .entrySet()
                            .stream()
                            .filter(e -> last.groups().of(e.getKey()).equals("comm:zoo-waits"))
                            .map(Map.Entry::getValue)
                            .findFirst()
                            .orElseThrow();
            assertFalse(submitted.isBefore(before.minusMillis(1)), submitted::toString);
            assertFalse(submitted.isAfter(after.plusMillis(1)), submitted::toString);
            zoo.ask(); // its request ends
            look();
            assertTrue(
                    last
                            .observation()
                            .activity()
                            .orElseThrow()
                            .oldestRequests()
                            .orElseThrow()
                            .keySet()
                            .stream()
                            .noneMatch(f -> last.groups().of(f).equals("comm:zoo-waits")));
        }
    }

    @Test
    void whatTheAgentDoesIsNobodys() throws Exception {
        look();
        look();
        assertTrue(runs().durations().count() > 0);
        assertTrue(
                last.observation().activity().orElseThrow().actors().stream()
                        .noneMatch(a -> a.process().pid() == Tasks.pid()));
    }
}

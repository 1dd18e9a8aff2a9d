package dev.ringwatch.uring.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of open resources at each level, and how a lost one is told. */
class ResourceTrackerTest {
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(20);

    @ParameterizedTest
    @EnumSource
    void numbersAreKeptAtEveryLevel(TrackingLevel level) {
        ResourceTracker tracker = new ResourceTracker(level);
        Ticket one = tracker.opened(ResourceKind.LEASE, "one");
        Ticket two = tracker.opened(ResourceKind.LEASE, "number", 2, this);
        Ticket ring = tracker.opened(ResourceKind.RING, "ring");
        assertEquals(2, tracker.open(ResourceKind.LEASE));
        assertEquals(1, tracker.open(ResourceKind.RING));
        assertEquals(0, tracker.open(ResourceKind.SLOT));
        one.close();
        assertEquals(1, tracker.open(ResourceKind.LEASE));
        two.close();
        ring.close();
        assertEquals(0, tracker.open(ResourceKind.LEASE));
        assertEquals(0, tracker.open(ResourceKind.RING));
        assertEquals(List.of(), tracker.open());
    }

    @Test
    void whatIsOpenIsListedTheOldestFirst() {
        ResourceTracker tracker = new ResourceTracker(TrackingLevel.FULL);
        tracker.opened(ResourceKind.DESCRIPTOR, "fd", 7, this);
        LockSupport.parkNanos(1_000_000); // so that their ages differ
        tracker.opened(ResourceKind.SLOT, "slot 3");
        List<OpenResource> open = tracker.open();
        assertEquals(
                List.of("fd 7", "slot 3"), open.stream().map(OpenResource::description).toList());
        assertEquals(ResourceKind.DESCRIPTOR, open.getFirst().kind());
        assertTrue(open.getFirst().age().compareTo(Duration.ZERO) > 0);
        StackTraceElement[] stack = open.getLast().opened().orElseThrow().getStackTrace();
        assertTrue(
                List.of(stack).stream()
                        .anyMatch(
                                e -> e.getMethodName().equals("whatIsOpenIsListedTheOldestFirst")));
    }

    @Test
    void theLevelSaysWhatIsKept() {
        ResourceTracker tracker = new ResourceTracker(TrackingLevel.SIMPLE);
        openMany(tracker);
        List<OpenResource> open = tracker.open();
        assertEquals(4 * ResourceTracker.SAMPLE, open.size());
        assertEquals(4, open.stream().filter(r -> r.opened().isPresent()).count());
        tracker.level(TrackingLevel.OFF);
        openMany(tracker);
        assertEquals(4 * ResourceTracker.SAMPLE, tracker.open().size());
        tracker.level(TrackingLevel.FULL);
        openMany(tracker);
        open = tracker.open();
        assertEquals(8 * ResourceTracker.SAMPLE, open.size());
        assertEquals(
                4 + 4 * ResourceTracker.SAMPLE,
                open.stream().filter(r -> r.opened().isPresent()).count());
        assertEquals(12 * ResourceTracker.SAMPLE, tracker.open(ResourceKind.LEASE));
    }

    private static void openMany(ResourceTracker tracker) {
        for (int i = 0; i < 4 * ResourceTracker.SAMPLE; i++) {
            tracker.opened(ResourceKind.LEASE, "lease");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIMPLE", "FULL"})
    void whatIsOutOfReachIsReportedOnce(TrackingLevel level) {
        ResourceTracker tracker = new ResourceTracker(level);
        List<OpenResource> leaked = new CopyOnWriteArrayList<>();
        tracker.addListener(
                resource -> {
                    throw new IllegalStateException("a listener that fails stops no other");
                });
        tracker.addListener(leaked::add);
        Object kept = new Object();
        Ticket keptTicket = tracker.opened(ResourceKind.RING, "kept", 1, kept);
        lose(tracker);
        collectUntil(leaked, 1);
        lose(tracker);
        collectUntil(leaked, 2);
        assertEquals(
                List.of("lost 9", "lost 9"),
                leaked.stream().map(OpenResource::description).toList());
        assertEquals(2, tracker.leaked(ResourceKind.DESCRIPTOR));
        assertEquals(2, tracker.open(ResourceKind.DESCRIPTOR), "they are open still");
        assertEquals(1, tracker.open().size());
        assertEquals(0, tracker.leaked(ResourceKind.RING));
        keptTicket.close();
        assertTrue(kept.hashCode() == kept.hashCode());
    }

    /** Opens two for owners that nobody has afterwards, and closes one. */
    private static void lose(ResourceTracker tracker) {
        tracker.opened(ResourceKind.DESCRIPTOR, "closed", 8, new Object()).close();
        tracker.opened(ResourceKind.DESCRIPTOR, "lost", 9, new Object());
    }

    private static void collectUntil(List<OpenResource> leaked, int count) {
        long end = System.nanoTime() + DEADLINE;
        while (leaked.size() < count) {
            System.gc();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            assertTrue(System.nanoTime() - end < 0, "nothing was reported");
        }
    }

    @Test
    void aRemovedListenerIsNotTold() {
        ResourceTracker tracker = new ResourceTracker(TrackingLevel.SIMPLE);
        List<OpenResource> first = new CopyOnWriteArrayList<>();
        List<OpenResource> second = new CopyOnWriteArrayList<>();
        LeakListener listener = first::add;
        tracker.addListener(listener);
        tracker.removeListener(listener);
        tracker.addListener(second::add);
        lose(tracker);
        collectUntil(second, 1);
        assertEquals(List.of(), first);
    }

    @Test
    void talliesAreAddedUpAndSampled() {
        ResourceTracker tracker = new ResourceTracker(TrackingLevel.SIMPLE);
        Tally one = tracker.tally(ResourceKind.LEASE);
        Tally two = tracker.tally(ResourceKind.LEASE);
        List<Integer> sampled = new ArrayList<>();
        for (int i = 0; i < 3 * ResourceTracker.SAMPLE; i++) {
            if (one.opened()) {
                sampled.add(i);
            }
        }
        assertEquals(List.of(0, ResourceTracker.SAMPLE, 2 * ResourceTracker.SAMPLE), sampled);
        two.set(5);
        two.closed();
        assertEquals(3 * ResourceTracker.SAMPLE + 4, tracker.open(ResourceKind.LEASE));
        assertEquals(4, two.open());
        tracker.level(TrackingLevel.FULL);
        assertTrue(one.opened());
        assertTrue(one.opened());
        tracker.level(TrackingLevel.OFF);
        assertEquals(false, one.opened());
        one.end();
        assertEquals(4, tracker.open(ResourceKind.LEASE));
    }

    @Test
    void manyThreadsOpenAndClose() throws InterruptedException {
        ResourceTracker tracker = new ResourceTracker(TrackingLevel.SIMPLE);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                threads.execute(
                        () -> {
                            for (int n = 0; n < 1000; n++) {
                                tracker.opened(ResourceKind.SLOT, "slot").close();
                            }
                            tracker.opened(ResourceKind.SLOT, "last");
                        });
            }
        }
        assertEquals(4, tracker.open(ResourceKind.SLOT));
        assertEquals(4, tracker.open().size());
    }

    @Test
    void thePropertyGivesTheLevel() {
        assertEquals(TrackingLevel.OFF, ResourceTracker.logging("off").level());
        assertEquals(TrackingLevel.FULL, ResourceTracker.logging("Full").level());
        assertEquals(TrackingLevel.SIMPLE, ResourceTracker.logging("simple").level());
        assertEquals(TrackingLevel.SIMPLE, ResourceTracker.logging("nonsense").level());
    }
}

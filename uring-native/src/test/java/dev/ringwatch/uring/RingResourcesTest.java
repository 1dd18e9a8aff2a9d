package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.ringwatch.uring.resource.LeakListener;
import dev.ringwatch.uring.resource.OpenResource;
import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.TrackingLevel;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What rings, descriptors, slots and leases tell the tracker. */
class RingResourcesTest {
    private final ResourceTracker tracker = ResourceTracker.global();
    private TrackingLevel before = TrackingLevel.SIMPLE;
    private OwnedFd sender;
    private OwnedFd receiver;

    @BeforeEach
    void connect() throws IOException {
        before = tracker.level();
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        sender = pair.get(0);
        receiver = pair.get(1);
    }

    @AfterEach
    void disconnect() throws IOException {
        tracker.level(before);
        sender.close();
        receiver.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyKindIsCounted(TrackingLevel level) throws IOException {
        tracker.level(level);
        long rings = tracker.open(ResourceKind.RING);
        long groups = tracker.open(ResourceKind.BUFFER_RING);
        long leases = tracker.open(ResourceKind.LEASE);
        long slots = tracker.open(ResourceKind.SLOT);
        long operations = tracker.open(ResourceKind.OPERATION);
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(1, 2, 8));
            FileTable files = ring.registerEmptyFiles(2);
            files.add(receiver.number());
            ring.next(1).receive(0, 0, 0, 0).bufferGroup(1).fixedFile();
            ring.submit();
            assertEquals(rings + 1, tracker.open(ResourceKind.RING));
            assertEquals(groups + 1, tracker.open(ResourceKind.BUFFER_RING));
            assertEquals(slots + 1, tracker.open(ResourceKind.SLOT));
            assertEquals(operations + 1, tracker.open(ResourceKind.OPERATION));
            Sockets.send(sender.number(), MemorySegment.ofArray(new byte[3]), 0);
            Completion done = Completed.one(ring);
            assertEquals(operations, tracker.open(ResourceKind.OPERATION));
            assertEquals(leases, tracker.open(ResourceKind.LEASE));
            Lease lease = buffers.lease(done.result(), done.flags());
            assertEquals(leases + 1, tracker.open(ResourceKind.LEASE));
            lease.close();
            assertEquals(leases, tracker.open(ResourceKind.LEASE));
            files.clear(0);
            assertEquals(slots, tracker.open(ResourceKind.SLOT));
            files.add(receiver.number());
        }
        assertEquals(rings, tracker.open(ResourceKind.RING));
        assertEquals(groups, tracker.open(ResourceKind.BUFFER_RING));
        assertEquals(slots, tracker.open(ResourceKind.SLOT));
        assertEquals(operations, tracker.open(ResourceKind.OPERATION));
    }

    @Test
    void aLeaseAndASlotAreListedWithWhereTheyWereOpened() throws IOException {
        tracker.level(TrackingLevel.FULL);
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(41, 2, 8));
            Lease lease = receive(ring, buffers);
            FileTable files = ring.registerFiles(-1, receiver.number());
            OpenResource open = only(ResourceKind.LEASE, "buffer group 41 of " + ring.name());
            StackTraceElement[] stack = open.opened().orElseThrow().getStackTrace();
            assertTrue(List.of(stack).stream().anyMatch(e -> e.getMethodName().equals("receive")));
            only(ResourceKind.SLOT, "file slot 1");
            lease.close();
            files.clear(1);
            assertFalse(isListed(ResourceKind.LEASE, "buffer group 41"));
            assertFalse(isListed(ResourceKind.SLOT, "file slot 1"));
        }
    }

    @Test
    void aLeaseClosedAfterItsRingIsNotListed() throws Exception {
        tracker.level(TrackingLevel.FULL);
        Lease lease;
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            lease = receive(ring, ring.registerBufferRing(BufferRingOptions.of(43, 2, 8)));
        }
        only(ResourceKind.LEASE, "buffer group 43");
        Thread other = Thread.ofPlatform().start(lease::close);
        other.join();
        assertFalse(isListed(ResourceKind.LEASE, "buffer group 43"));
    }

    @Test
    void closeNamesWhatWasStillOpen() throws IOException {
        IoUring ring = RingShape.DEFAULT.open(8);
        BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(5, 2, 8));
        MemorySegment memory = receive(ring, buffers).memory();
        ring.registerFiles(receiver.number(), sender.number());
        long operations = tracker.open(ResourceKind.OPERATION);
        ring.next(1).receive(receiver.number(), 0, 0, 0).bufferGroup(5);
        ring.submit();
        OperationsInFlightException left =
                assertThrows(
                        OperationsInFlightException.class,
                        () -> ring.close(Duration.ZERO, (userData, result, flags) -> {}));
        assertEquals(
                List.of("1 leases of buffer group 5", "2 file slots, 0 buffer slots"),
                left.stillOpen());
        assertTrue(left.toString().contains("buffer group 5"), left.toString());
        assertEquals(
                operations + 1,
                tracker.open(ResourceKind.OPERATION),
                "what was left to the kernel stays counted");
        // The kernel may still write into the buffers, so they stay mapped.
        assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void aLostDescriptorIsReported() throws Exception {
        BlockingQueue<OpenResource> leaked = new LinkedBlockingQueue<>();
        LeakListener listener = leaked::add;
        tracker.addListener(listener);
        int number = lose();
        try {
            awaitLeak(leaked, "fd " + number);
            assertTrue(tracker.leaked(ResourceKind.DESCRIPTOR) >= 1);
        } finally {
            tracker.removeListener(listener);
            Fds.close(number);
        }
    }

    @Test
    void aLostRingIsReported() throws Exception {
        BlockingQueue<OpenResource> leaked = new LinkedBlockingQueue<>();
        LeakListener listener = leaked::add;
        tracker.addListener(listener);
        int number = RingShape.DEFAULT.open(2).descriptor();
        try {
            awaitLeak(leaked, "ring fd " + number);
        } finally {
            tracker.removeListener(listener);
            Fds.close(number);
        }
    }

    private static int lose() throws IOException {
        return Fds.eventFd(0, 0).number();
    }

    private static void awaitLeak(BlockingQueue<OpenResource> leaked, String description)
            throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() - end < 0) {
            System.gc();
            OpenResource next = leaked.poll(5, TimeUnit.MILLISECONDS);
            if (next != null && next.description().equals(description)) {
                return;
            }
        }
        throw new AssertionError(description + " was not reported");
    }

    /** Also what the sampled ones need is little: bytes a message, not objects for each. */
    @ParameterizedTest
    @EnumSource(names = {"OFF", "SIMPLE"})
    void aMessageAllocatesNothing(TrackingLevel level) throws IOException {
        tracker.level(level);
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(1, 16, 8));
            ring.next(1).receiveMultishot(receiver.number(), 0, 1);
            ring.submit();
            long[] bytes = {0};
            Completion.Visitor visitor =
                    (userData, result, flags) -> {
                        Lease lease = buffers.lease(result, flags);
                        bytes[0] += lease.buffer().byteSize() + lease.length();
                        lease.close();
                    };
            byte[] eight = new byte[8];
            MemorySegment message = MemorySegment.ofArray(eight);
            int rounds = 64 * 40;
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long samples = level == TrackingLevel.OFF ? 0 : rounds / ResourceTracker.SAMPLE;
            long most = rounds + samples * 4096; // the JVM's own doings, less than a byte each
            long allocated = Long.MAX_VALUE;
            int windows = 0;
            // Only compiled code keeps what does not escape off the heap: give it time.
            while (allocated > most && windows < 60) {
                windows++;
                allocated = 0;
                for (int round = 0; round < rounds; round++) {
                    Sockets.send(sender.number(), message, 0);
                    long start = threads.getCurrentThreadAllocatedBytes();
                    ring.submitAndWait(1);
                    ring.drain(16, visitor);
                    allocated += threads.getCurrentThreadAllocatedBytes() - start;
                }
            }
            assertEquals((long) windows * rounds * 16, bytes[0]);
            assertTrue(
                    allocated <= most,
                    allocated + " bytes for " + rounds + " messages, " + samples + " sampled");
        }
    }

    private Lease receive(IoUring ring, BufferRing buffers) throws IOException {
        ring.next(1).receive(receiver.number(), 0, 0, 0).bufferGroup(buffers.group());
        Sockets.send(sender.number(), MemorySegment.ofArray(new byte[3]), 0);
        Completion done = Completed.one(ring);
        return buffers.lease(done.result(), done.flags());
    }

    private OpenResource only(ResourceKind kind, String part) {
        List<OpenResource> found =
                tracker.open().stream()
                        .filter(r -> r.kind() == kind && r.description().contains(part))
                        .toList();
        assertEquals(1, found.size(), () -> part + " in " + tracker.open());
        return found.getFirst();
    }

    private boolean isListed(ResourceKind kind, String part) {
        return tracker.open().stream()
                .anyMatch(r -> r.kind() == kind && r.description().contains(part));
    }
}

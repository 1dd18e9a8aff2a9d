package dev.ringwatch.uring.meters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.loop.LoopOptions;
import dev.ringwatch.uring.loop.RingGroup;
import dev.ringwatch.uring.loop.RingLoop;
import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringOptions;
import dev.ringwatch.uring.loop.UringServer;
import dev.ringwatch.uring.loop.UringSocket;
import dev.ringwatch.uring.resource.LeakListener;
import dev.ringwatch.uring.resource.OpenResource;
import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.TrackingLevel;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live: what the meters of a running ring say. */
@Timeout(60)
class MetersTest {
    private static final LoopOptions OPTIONS = LoopOptions.defaults().withName("metered");

    private final MeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void aSeriesOfALoopIsThereBeforeItStartsAndCountsFromZero() throws Exception {
        try (RingGroup group = RingGroup.create(2, OPTIONS)) {
            new RingMeters(group.loops()).bindTo(registry);
            assertEquals(0, counter("ringwatch.ring.submissions", "metered-0"));
            assertEquals(0, counter("ringwatch.ring.enters", "metered-1"));
            group.start();
            RingLoop first = group.loops().getFirst();
            for (int i = 0; i < 10; i++) {
                first.submit("nop", SubmissionEntry::nop).get();
            }
            awaitNextTurn(first);
            assertTrue(counter("ringwatch.ring.completions", "metered-0") >= 10);
            assertTrue(counter("ringwatch.ring.submissions", "metered-0") >= 10);
            assertTrue(counter("ringwatch.ring.enters", "metered-0") > 0);
        }
    }

    @Test
    void everyFigureOfALoopIsAMeter() throws Exception {
        try (RingGroup group = RingGroup.create(1, OPTIONS)) {
            new RingMeters(group.loops()).bindTo(registry);
            Set<String> names =
                    registry.getMeters().stream()
                            .map(Meter::getId)
                            .map(Meter.Id::getName)
                            .collect(Collectors.toSet());
            assertEquals(18, names.size(), names.toString());
            assertEquals(19, registry.getMeters().size(), "buffers have two owners");
        }
    }

    @Test
    void theBackendThatRunsIsOneAndTheOtherZero() throws Exception {
        UringOptions options = UringOptions.defaults().with(UringOptions.Choice.JDK_CHANNELS);
        try (Uring uring = Uring.open(options)) {
            new UringMeters(uring).bindTo(registry);
            assertEquals(1, backend("jdk_channels"));
            assertEquals(0, backend("io_uring"));
        }
    }

    @Test
    void socketsAreCountedOnEitherBackend() throws Exception {
        for (UringOptions.Choice choice :
                List.of(UringOptions.Choice.IO_URING, UringOptions.Choice.JDK_CHANNELS)) {
            MeterRegistry own = new SimpleMeterRegistry();
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (Uring uring = Uring.open(UringOptions.defaults().with(choice));
                    UringServer server = uring.listen(any, MetersTest::echo)) {
                new UringMeters(uring).bindTo(own);
                try (UringSocket socket = uring.connect(server.localAddress())) {
                    socket.write(ByteBuffer.wrap(new byte[100]));
                    socket.shutdownOutput();
                    socket.inputStream().readAllBytes();
                }
                assertEquals(1, sockets(own, "accepted"), choice + ": accepted");
                assertEquals(1, sockets(own, "connected"), choice + ": connected");
                assertEquals(200, sockets(own, "bytes.in"), choice + ": there and back");
                assertEquals(200, sockets(own, "bytes.out"), choice + ": there and back");
            }
        }
    }

    private static void echo(UringSocket socket) throws IOException {
        socket.inputStream().transferTo(socket.outputStream());
    }

    private static double sockets(MeterRegistry registry, String name) {
        return registry.get("ringwatch.ring.sockets." + name).functionCounter().count();
    }

    @Test
    void aLeakIsCountedAndToldOnce() throws Exception {
        ResourceTracker tracker = new ResourceTracker(TrackingLevel.FULL);
        BlockingQueue<OpenResource> told = new LinkedBlockingQueue<>();
        LeakListener listener = told::add;
        tracker.addListener(listener);
        new ResourceMeters(tracker).bindTo(registry);
        open(tracker);
        OpenResource leaked = collect(told);
        assertEquals("thing 1", leaked.description());
        assertTrue(leaked.opened().isPresent());
        assertEquals(
                1,
                registry.get("ringwatch.ring.resources.leaked")
                        .tag("kind", "descriptor")
                        .functionCounter()
                        .count());
        tracker.removeListener(listener);
    }

    private static void open(ResourceTracker tracker) {
        tracker.opened(ResourceKind.DESCRIPTOR, "thing", 1, new Object());
    }

    private static OpenResource collect(BlockingQueue<OpenResource> told) throws Exception {
        for (int attempt = 0; attempt < 100; attempt++) {
            System.gc();
            OpenResource leaked = told.poll(100, TimeUnit.MILLISECONDS);
            if (leaked != null) {
                return leaked;
            }
        }
        throw new AssertionError("no leak was told");
    }

    /** A loop shows its counts at the end of a turn; a task begins in a later one. */
    private static void awaitNextTurn(RingLoop loop) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        loop.execute(begun::countDown);
        assertTrue(begun.await(10, TimeUnit.SECONDS));
    }

    private double counter(String name, String ring) {
        return registry.get(name).tag("ring", ring).functionCounter().count();
    }

    private double backend(String kind) {
        return registry.get("ringwatch.ring.backend").tag("backend", kind).gauge().value();
    }
}

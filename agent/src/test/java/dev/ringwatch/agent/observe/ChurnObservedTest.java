package dev.ringwatch.agent.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringOptions;
import dev.ringwatch.uring.loop.UringServer;
import dev.ringwatch.uring.loop.UringSocket;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Tasks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.opentest4j.TestAbortedException;

/** Live: connections come and go on this process's rings, and the observation sees none left. */
@Timeout(60)
class ChurnObservedTest {
    private static final int CLIENTS = 32;
    private static final int EACH = 50;
    private static final int IDLE = 20;

    /**
     * What is seen of this process's rings.
     *
     * @param rings how many there are
     * @param registered slots that are occupied
     * @param inflight requests not completed
     */
    private record Seen(int rings, int registered, int inflight) {
        static Seen of(Observation observation) {
            int rings = 0;
            int registered = 0;
            int inflight = 0;
            for (RingFacts ring : observation.rings()) {
                if (isOurs(observation, ring.file())) {
                    rings++;
                    registered += ring.registeredFiles().orElse(0);
                    inflight += ring.inflightRequests().orElseThrow();
                }
            }
            return new Seen(rings, registered, inflight);
        }
    }

    private static boolean isOurs(Observation observation, int file) {
        return observation.graph().outsideHolders(file).stream()
                .anyMatch(h -> h instanceof Holder.DescriptorSlot d && d.pid() == Tasks.pid());
    }

    private static Uring open() throws IOException {
        try {
            return Uring.open(
                    UringOptions.defaults().with(UringOptions.Choice.IO_URING).withLoops(2));
        } catch (ErrnoException e) {
            String text = "SKIPPED: no rings here: " + e.getMessage();
            System.out.println(text);
            throw new TestAbortedException(text, e);
        }
    }

    private static void echo(UringSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        while (socket.read(buffer.clear()) >= 0) {
            socket.write(buffer.flip());
        }
    }

    private static void client(Uring uring, UringServer server, AtomicInteger answers) {
        try {
            for (int i = 0; i < EACH; i++) {
                try (UringSocket socket = uring.connect(server.localAddress())) {
                    socket.write(ByteBuffer.allocate(1));
                    answers.addAndGet(socket.read(ByteBuffer.allocate(1)));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nothingIsSeenOfConnectionsThatEnded() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Uring uring = open();
                Observer observer =
                        Observer.open(
                                Observer.Choice.AUTO,
                                InstantSource.system(),
                                BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            Seen before = settled(observer, 2);
            assertEquals(2, before.rings());
            try (UringServer server = uring.listen(any, ChurnObservedTest::echo)) {
                List<UringSocket> idle = new ArrayList<>();
                for (int i = 0; i < IDLE; i++) {
                    idle.add(uring.connect(server.localAddress()));
                }
                AtomicInteger answers = new AtomicInteger();
                List<Thread> clients = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(Thread.startVirtualThread(() -> client(uring, server, answers)));
                }
                for (Thread client : clients) {
                    client.join();
                }
                assertEquals(CLIENTS * EACH, answers.get());
                // Both ends of the idle ones still receive, and the server accepts.
                Seen during = settled(observer, before.inflight() + 2 * IDLE + 1);
                assertEquals(before.inflight() + 2 * IDLE + 1, during.inflight());
                for (UringSocket socket : idle) {
                    socket.close();
                }
                assertEquals(0, server.close(Duration.ofSeconds(10)));
            }
            assertEquals(before, settled(observer, before.inflight()));
        }
    }

    /** What is seen once so many requests are in flight, or after ten seconds. */
    private static Seen settled(Observer observer, int inflight) throws ObservationException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Seen seen = Seen.of(observer.observe());
        while (seen.inflight() != inflight && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            seen = Seen.of(observer.observe());
        }
        assertTrue(seen.rings() > 0, "no ring of this process was seen");
        return seen;
    }
}

package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.SubmissionEntry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: a loop's thread that would wait for what it has to do itself. */
class SelfWaitTest {
    @ParameterizedTest
    @EnumSource(SocketTuning.Receiving.class)
    void aSocketRefusesToWaitOnItsLoopsThread(SocketTuning.Receiving receiving) throws Exception {
        UringOptions options =
                UringOptions.defaults()
                        .with(UringOptions.Choice.IO_URING)
                        .withLoops(1)
                        .withSockets(SocketTuning.defaults().with(receiving));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        CountDownLatch over = new CountDownLatch(1);
        try (Uring uring = Uring.open(options);
                UringServer server = uring.listen(any, peer -> over.await());
                UringSocket socket = uring.connect(server.localAddress())) {
            RingLoop loop = uring.rings().orElseThrow().next();
            refused(loop, () -> socket.read(ByteBuffer.allocate(1)));
            refused(loop, () -> uring.connect(server.localAddress()));
            refused(loop, () -> fill(socket));
            over.countDown();
            assertEquals(0, loop.submit("nop", SubmissionEntry::nop).get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void theLoopsThreadMayCloseItsSocketsAndRings() throws Exception {
        UringOptions options =
                UringOptions.defaults().with(UringOptions.Choice.IO_URING).withLoops(1);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Uring uring = Uring.open(options);
        UringServer server = uring.listen(any, peer -> peer.read(ByteBuffer.allocate(1)));
        UringSocket socket = uring.connect(server.localAddress());
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        uring.rings()
                .orElseThrow()
                .next()
                .execute(
                        () -> {
                            try {
                                uring.close();
                                closed.complete(true);
                            } catch (IOException e) {
                                closed.completeExceptionally(e);
                            }
                        });
        assertTrue(closed.get(10, TimeUnit.SECONDS));
        uring.close();
        assertFalse(socket.isOpen());
        assertFalse(server.isOpen());
    }

    private static int fill(UringSocket socket) throws Exception {
        while (true) {
            socket.write(ByteBuffer.allocate(1 << 20));
        }
    }

    private static void refused(RingLoop loop, Callable<?> what) {
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        loop.execute(
                () -> {
                    try {
                        outcome.complete(what.call());
                    } catch (Exception e) {
                        outcome.completeExceptionally(e);
                    }
                });
        ExecutionException e =
                assertThrows(ExecutionException.class, () -> outcome.get(10, TimeUnit.SECONDS));
        assertInstanceOf(IllegalStateException.class, e.getCause());
    }
}

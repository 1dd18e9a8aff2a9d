package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.ringwatch.uring.sys.Fds;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live: the buffers of a loop that ends. */
@Timeout(60)
class ReceiveBuffersTest {
    @Test
    void whoFindsNoBufferAsTheLoopEndsIsToldOfTheEnd() throws Exception {
        RingLoop loop = RingLoop.start(LoopOptions.defaults().withName("ending-loop"));
        SharedFd fd = new SharedFd(Fds.eventFd(0, 0).release());
        CompletableFuture<Receiver> starved = new CompletableFuture<>();
        loop.execute(() -> starved.complete(starveAtTheEnd(loop, fd)));
        Receiver receiver = starved.get(10, TimeUnit.SECONDS);
        assertInstanceOf(Received.End.class, receiver.inbox().peek());
        loop.close();
        fd.close();
    }

    private static Receiver starveAtTheEnd(RingLoop loop, SharedFd fd) {
        CompletableFuture<ReceiveBuffers> made = new CompletableFuture<>();
        loop.receiveBuffers(made);
        ReceiveBuffers buffers = made.join();
        MultishotReceiver receiver =
                new MultishotReceiver(loop, fd, new SocketCounters(), buffers, 4, false);
        try {
            loop.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        buffers.end();
        buffers.starved(receiver);
        fd.beginClose();
        return receiver;
    }
}

package dev.ringwatch.agent.serve;

import static dev.ringwatch.agent.serve.Routes.Visibility.PUBLIC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of connections and routes when the server closes. */
@Timeout(30)
class ClosingTest {
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    private Response block() throws InterruptedException {
        running.countDown();
        try {
            release.await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
        return Response.line(200, "finished");
    }

    private Server start(Duration closing) throws IOException {
        Limits d = Limits.defaults();
        Limits limits =
                new Limits(
                        d.connections(),
                        d.concurrentRequests(),
                        d.passwordChecks(),
                        d.requestLineBytes(),
                        d.headerBytes(),
                        d.idle(),
                        d.reading(),
                        d.writing(),
                        closing);
        Routes routes = Routes.builder().path("/block", PUBLIC, request -> block()).build();
        return Server.start(
                List.of(new Tcp("127.0.0.1", 0)), List.of(), routes, Security.NONE, limits);
    }

    @Test
    void runningResponseIsFinished() throws Exception {
        Server server = start(Duration.ofSeconds(20));
        ListenAddress address = server.addresses().getFirst();
        Thread closer = Thread.ofVirtual().unstarted(server::close);
        try (RawClient idle = RawClient.to(address);
                RawClient busy = RawClient.to(address)) {
            busy.get("/block").get("/block");
            running.await();
            closer.start();
            assertEquals(0, idle.bytesUntilEnd());
            assertThrows(IOException.class, () -> RawClient.to(address));
            assertTrue(closer.isAlive());
            release.countDown();
            RawClient.Answer answer = busy.answer();
            assertEquals("finished\n", answer.text());
            assertEquals("close", answer.header("Connection"));
            assertEquals(0, busy.bytesUntilEnd());
        }
        closer.join();
    }

    @Test
    void routeThatDoesNotEndIsInterrupted() throws Exception {
        Server server = start(Duration.ofMillis(100));
        try (RawClient busy = RawClient.to(server.addresses().getFirst())) {
            busy.get("/block");
            running.await();
            server.close();
            interrupted.await();
            assertThrows(IOException.class, busy::answer);
        }
    }

    @Test
    void closingTwiceIsClosingOnce() throws Exception {
        Server server = start(Duration.ofSeconds(5));
        server.close();
        server.close();
    }

    @Test
    void interruptedCloseIsQuickAndKeepsTheInterrupt() throws Exception {
        Server server = start(Duration.ofMinutes(5));
        try (RawClient busy = RawClient.to(server.addresses().getFirst())) {
            busy.get("/block");
            running.await();
            Thread.currentThread().interrupt();
            server.close();
            assertTrue(Thread.interrupted());
            interrupted.await();
        }
    }
}

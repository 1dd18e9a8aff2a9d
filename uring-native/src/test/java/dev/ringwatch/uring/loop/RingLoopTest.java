package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.OperationsInFlightException;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.resource.OpenResource;
import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.TrackingLevel;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live: a loop on this kernel. */
@Timeout(60)
class RingLoopTest {
    private static final LoopOptions OPTIONS = LoopOptions.defaults().withName("test-loop");

    @Test
    void operationsOfManyThreadsAllComplete() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS.withEntries(4, 8))) {
            List<Thread> threads = new ArrayList<>();
            List<CompletableFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                threads.add(
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            for (int n = 0; n < 20; n++) {
                                                CompletableFuture<Integer> done =
                                                        loop.submit("nop", SubmissionEntry::nop);
                                                synchronized (futures) {
                                                    futures.add(done);
                                                }
                                            }
                                        }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(1000, futures.size());
            for (CompletableFuture<Integer> future : futures) {
                assertEquals(0, future.get());
            }
        }
    }

    @Test
    void anErrorOfTheKernelIsAnErrnoException() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            CompletableFuture<Integer> read =
                    loop.submit("read", entry -> entry.read(1 << 20, 0, 0, 0));
            ExecutionException e = assertThrows(ExecutionException.class, read::get);
            ErrnoException cause = assertInstanceOf(ErrnoException.class, e.getCause());
            assertEquals(Errno.EBADF, cause.errno());
        }
    }

    @Test
    void anOperationIsCancelledAndStillCompletes() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS);
                Pair pair = new Pair()) {
            Told poll = new Told(entry -> entry.poll(pair.one(), 1));
            loop.submit(poll);
            loop.cancel(poll);
            assertEquals(-Errno.ECANCELED.code(), poll.result());
            Told again = new Told(entry -> entry.poll(pair.one(), 1));
            loop.submit(again);
            loop.cancelDescriptor(pair.one());
            assertEquals(-Errno.ECANCELED.code(), again.result());
        }
    }

    @Test
    void anOperationInFlightIsNotSubmittedTwice() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS);
                Pair pair = new Pair()) {
            Told poll = new Told(entry -> entry.poll(pair.one(), 1));
            loop.submit(poll);
            assertThrows(IllegalStateException.class, () -> loop.submit(poll));
            loop.cancel(poll);
            poll.result();
            loop.submit(poll);
            loop.cancel(poll);
            assertEquals(-Errno.ECANCELED.code(), poll.result());
        }
    }

    @Test
    void aChainIsCancelledBehindItsFailure() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            Told last = new Told(SubmissionEntry::nop);
            Told middle = new Told(entry -> entry.read(1 << 20, 0, 0, 0));
            Told first = new Told(SubmissionEntry::nop);
            loop.submit(first.then(middle.then(last)));
            assertEquals(0, first.result());
            assertEquals(-Errno.EBADF.code(), middle.result());
            assertEquals(-Errno.ECANCELED.code(), last.result());
        }
    }

    @Test
    void operationsBeyondTheLimitWaitTheirTurn() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS.withMaxOperations(8));
                Pair pair = new Pair()) {
            List<Told> polls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Told poll = new Told(entry -> entry.poll(pair.one(), 1));
                polls.add(poll);
                loop.submit(poll);
            }
            loop.cancel(polls.get(19)); // one that waits
            assertEquals(-Errno.ECANCELED.code(), polls.get(19).result());
            Sockets.send(pair.two(), MemorySegment.ofArray(new byte[1]), 0);
            for (Told poll : polls.subList(0, 19)) {
                assertTrue(poll.result() > 0);
            }
            assertTrue(loop.statistics().limitWaits() >= 12);
        }
    }

    @Test
    void timersRunInOrderAndNotOnceCancelled() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            BlockingQueue<String> ran = new LinkedBlockingQueue<>();
            loop.schedule(Duration.ofMillis(30), () -> ran.add("late"));
            loop.schedule(Duration.ofMillis(20), () -> ran.add("never")).cancel();
            loop.schedule(Duration.ofMillis(10), () -> ran.add("early"));
            assertEquals("early", ran.poll(10, TimeUnit.SECONDS));
            assertEquals("late", ran.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aCallbackThatThrowsHarmsNobodyElse() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            loop.execute(
                    () -> {
                        throw new IllegalStateException("a callback of a test");
                    });
            assertEquals(0, loop.submit("nop", SubmissionEntry::nop).get());
            assertEquals(1, loop.statistics().failures());
        }
    }

    @Test
    void closingCancelsWhatIsInFlightAndRefusesMore() throws Exception {
        RingLoop loop = RingLoop.start(OPTIONS);
        try (Pair pair = new Pair()) {
            Told poll = new Told(entry -> entry.poll(pair.one(), 1));
            loop.submit(poll);
            loop.close();
            assertEquals(-Errno.ECANCELED.code(), poll.result());
            assertTrue(loop.isClosing());
            assertEquals(0, loop.statistics().inFlight());
            assertThrows(RejectedExecutionException.class, () -> loop.submit(poll));
            loop.close();
        }
    }

    @Test
    void whatDoesNotEndInTimeIsNamedAndAbandoned() throws Exception {
        RingLoop loop = RingLoop.start(OPTIONS);
        try (Pair pair = new Pair()) {
            CountDownLatch abandoned = new CountDownLatch(1);
            loop.submit(new Lost(pair.one(), abandoned));
            OperationsInFlightException left =
                    assertThrows(
                            OperationsInFlightException.class, () -> loop.close(Duration.ZERO));
            assertEquals(List.of("a poll that nobody ends"), left.stillOpen());
            assertTrue(abandoned.await(10, TimeUnit.SECONDS));
            assertEquals(1, loop.statistics().abandoned());
            loop.close();
        }
    }

    @Test
    void theRingIsTheLoopThreadsAlone() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            assertThrows(WrongThreadException.class, loop::ring);
            CountDownLatch ran = new CountDownLatch(1);
            loop.execute(
                    () -> {
                        assertFalse(loop.ring().isClosed());
                        ran.countDown();
                    });
            assertTrue(ran.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void postsAsTheLoopFallsAsleepAreNeverForgotten() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            for (int i = 0; i < 5000; i++) {
                assertEquals(0, loop.submit("nop", SubmissionEntry::nop).get());
            }
        }
    }

    @Test
    void aReadOfRealBytesArrivesInMemory() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS);
                Pair pair = new Pair();
                Arena arena = Arena.ofShared()) {
            MemorySegment into = arena.allocate(8);
            CompletableFuture<Integer> read =
                    loop.submit("recv", entry -> entry.receive(pair.one(), into.address(), 8, 0));
            Sockets.send(pair.two(), MemorySegment.ofArray(new byte[] {4, 2}), 0);
            assertEquals(2, read.get());
            assertEquals(4, into.get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    /** A poll that the loop ends without. */
    private static final class Lost extends LoopOperation {
        private final int fd;
        private final CountDownLatch abandoned;

        Lost(int fd, CountDownLatch abandoned) {
            this.fd = fd;
            this.abandoned = abandoned;
        }

        @Override
        protected void write(SubmissionEntry entry, MemorySegment room) {
            entry.poll(fd, 1);
        }

        @Override
        protected void completed(int result, int flags) {
            throw new AssertionError("a completion was seen: " + result);
        }

        @Override
        protected void abandoned() {
            abandoned.countDown();
        }

        @Override
        protected String description() {
            return "a poll that nobody ends";
        }
    }

    @Test
    void anOperationInFlightIsListedWithTheStackOfItsSubmission() throws Exception {
        ResourceTracker tracker = ResourceTracker.global();
        TrackingLevel before = tracker.level();
        tracker.level(TrackingLevel.FULL);
        try (RingLoop loop = RingLoop.start(OPTIONS);
                Pair pair = new Pair()) {
            Told poll = new Told(entry -> entry.poll(pair.one(), 1));
            loop.submit(poll);
            assertEquals(1, followed(tracker, "Told").size());
            StackTraceElement[] opened =
                    followed(tracker, "Told").getFirst().opened().orElseThrow().getStackTrace();
            assertTrue(
                    List.of(opened).stream()
                            .anyMatch(each -> each.getClassName().contains("RingLoopTest")));
            loop.cancel(poll);
            poll.result();
            assertEquals(List.of(), followed(tracker, "Told"));
        } finally {
            tracker.level(before);
        }
    }

    private static List<OpenResource> followed(ResourceTracker tracker, String description) {
        return tracker.open().stream()
                .filter(each -> each.kind() == ResourceKind.OPERATION)
                .filter(each -> each.description().equals(description))
                .toList();
    }

    /** Both ends of a stream. */
    private record Pair(List<OwnedFd> ends) implements AutoCloseable {
        Pair() throws IOException {
            this(Sockets.pair(Sockets.SOCK_STREAM));
        }

        int one() {
            return ends.getFirst().number();
        }

        int two() {
            return ends.getLast().number();
        }

        @Override
        public void close() throws IOException {
            for (OwnedFd end : ends) {
                end.close();
            }
        }
    }
}

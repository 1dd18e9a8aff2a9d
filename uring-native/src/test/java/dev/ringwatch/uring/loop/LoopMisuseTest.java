package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Operation;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live: callbacks that throw, and callers that change their mind. */
@Timeout(60)
class LoopMisuseTest {
    private static final LoopOptions OPTIONS = LoopOptions.defaults().withName("misused-loop");

    /** The smallest limit of operations. */
    private static final int FULL = 8;

    /** One that begins again whenever it ends, which a loop that closes refuses. */
    private static final class Endless extends Told {
        private final RingLoop loop;

        Endless(RingLoop loop, Consumer<SubmissionEntry> write) {
            super(write);
            this.loop = loop;
        }

        @Override
        protected void completed(int result, int flags) {
            super.completed(result, flags);
            loop.submit(this);
        }
    }

    @Test
    void refusedOperationsThatThrowDoNotKeepALoopFromItsEnd() throws Exception {
        RingLoop loop = RingLoop.start(OPTIONS.withMaxOperations(FULL));
        try (OwnedFd never = Fds.eventFd(0, 0)) {
            Consumer<SubmissionEntry> poll = entry -> entry.poll(never.number(), Operation.POLLIN);
            List<Told> inFlight = fill(loop, poll);
            Endless first = new Endless(loop, poll);
            Endless second = new Endless(loop, poll);
            loop.submit(first);
            loop.submit(second);
            loop.close();
            assertEquals(-Errno.ECANCELED.code(), first.result());
            assertEquals(-Errno.ECANCELED.code(), second.result());
            for (Told each : inFlight) {
                assertEquals(-Errno.ECANCELED.code(), each.result());
            }
            assertEquals(2, loop.statistics().failures());
        }
    }

    @Test
    void allOfARefusedChainCompletesThoughTheFirstThrows() throws Exception {
        RingLoop loop = RingLoop.start(OPTIONS.withMaxOperations(FULL));
        try (OwnedFd never = Fds.eventFd(0, 0)) {
            Consumer<SubmissionEntry> poll = entry -> entry.poll(never.number(), Operation.POLLIN);
            List<Told> inFlight = fill(loop, poll);
            Endless first = new Endless(loop, poll);
            Told last = new Told(poll);
            loop.submit(first.then(last));
            loop.cancel(first);
            assertEquals(-Errno.ECANCELED.code(), first.result());
            assertEquals(-Errno.ECANCELED.code(), last.result());
            loop.close();
            for (Told each : inFlight) {
                assertEquals(-Errno.ECANCELED.code(), each.result());
            }
        }
    }

    @Test
    void whatIsChainedToAnOperationThatCanNotBeWrittenIsCancelled() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            Told first = new Told(SubmissionEntry::nop);
            Told broken =
                    new Told(
                            entry -> {
                                throw new IllegalArgumentException("not to be written");
                            });
            Told next = new Told(SubmissionEntry::nop);
            loop.submit(first.then(broken.then(next)));
            assertEquals(0, first.result());
            assertEquals(-Errno.EINVAL.code(), broken.result());
            assertEquals(-Errno.ECANCELED.code(), next.result());
        }
    }

    @Test
    void whatIsChainedForAnyCaseStartsBehindAnOperationThatCanNotBeWritten() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            Told broken =
                    new Told(
                            entry -> {
                                throw new IllegalArgumentException("not to be written");
                            });
            Told next = new Told(SubmissionEntry::nop);
            loop.submit(broken.thenAlways(next));
            assertEquals(-Errno.EINVAL.code(), broken.result());
            assertEquals(0, next.result());
        }
    }

    @Test
    void anOperationWithoutACompletionIsRefused() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            Told silent = new Told(entry -> entry.nop().skipSuccess());
            loop.submit(silent);
            assertTrue(silent.result() < 0);
            Told next = new Told(SubmissionEntry::nop);
            loop.submit(next);
            assertEquals(0, next.result());
            assertEquals(1, loop.statistics().failures());
        }
    }

    @Test
    void anOperationThatSubmitsWhileItIsWrittenIsRefusedAndHarmsNobody() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS)) {
            Told other = new Told(SubmissionEntry::nop);
            Told nested =
                    new Told(
                            entry -> {
                                entry.nop();
                                loop.submit(other);
                            });
            loop.submit(nested);
            assertTrue(nested.result() < 0);
            loop.submit(other);
            assertEquals(0, other.result());
        }
    }

    @Test
    void theLoopsThreadCancelsWhatIsStillInItsMailbox() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS);
                OwnedFd never = Fds.eventFd(0, 0)) {
            Told poll = new Told(entry -> entry.poll(never.number(), Operation.POLLIN));
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch submitted = new CountDownLatch(1);
            loop.execute(
                    () -> {
                        begun.countDown();
                        await(submitted);
                        loop.cancel(poll);
                    });
            await(begun);
            loop.submit(poll);
            submitted.countDown();
            assertEquals(-Errno.ECANCELED.code(), poll.result());
        }
    }

    @Test
    void aChainThatIsRefusedForOneOfItsOperationsLeavesTheOthersFree() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS);
                OwnedFd never = Fds.eventFd(0, 0)) {
            Told busy = new Told(entry -> entry.poll(never.number(), Operation.POLLIN));
            loop.submit(busy);
            Told first = new Told(SubmissionEntry::nop);
            first.then(busy);
            assertThrows(IllegalStateException.class, () -> loop.submit(first));
            loop.cancel(busy);
            assertEquals(-Errno.ECANCELED.code(), busy.result());
            loop.submit(first);
            assertEquals(0, first.result());
            loop.cancel(busy);
            assertEquals(-Errno.ECANCELED.code(), busy.result());
        }
    }

    @Test
    void closingASlotThatTheTableWasNotToldOfEnds() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS.withFileSlots(4))) {
            int slot =
                    loop.submit(
                                    "socket",
                                    entry ->
                                            entry.socket(1, 1, 0)
                                                    .intoSlot(SubmissionEntry.ANY_SLOT))
                            .get(10, TimeUnit.SECONDS);
            loop.closeSlot(slot).get(10, TimeUnit.SECONDS);
            settle(loop); // the failure is counted behind the result
            assertEquals(1, loop.statistics().failures());
        }
    }

    @Test
    void aDescriptorThatNobodyWaitsForAnyMoreIsClosed() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS.withFileSlots(4));
                OwnedFd file = Fds.eventFd(0, 0)) {
            int slot = loop.adopt(file.number()).get(10, TimeUnit.SECONDS);
            long before = ResourceTracker.global().open(ResourceKind.DESCRIPTOR);
            whileItWaits(
                    loop, () -> assertTrue(loop.install(slot).cancel(false), "too late to cancel"));
            assertEquals(before, ResourceTracker.global().open(ResourceKind.DESCRIPTOR));
        }
    }

    @Test
    void aSlotThatNobodyWaitsForAnyMoreIsEmptied() throws Exception {
        try (RingLoop loop = RingLoop.start(OPTIONS.withFileSlots(4));
                RingLoop other = RingLoop.start(OPTIONS.withFileSlots(4));
                OwnedFd file = Fds.eventFd(0, 0)) {
            whileItWaits(loop, () -> assertTrue(loop.adopt(file.number()).cancel(false)));
            assertEquals(0, slotsUsed(loop));
            int slot = loop.adopt(file.number()).get(10, TimeUnit.SECONDS);
            whileItWaits(loop, () -> assertTrue(loop.handOver(slot, other).cancel(false)));
            settle(other);
            assertEquals(0, slotsUsed(other));
            assertEquals(1, slotsUsed(loop));
        }
    }

    @Test
    void aLoopWhoseRingFailsEndsAndLetsGoOfIt() throws Exception {
        long before = ResourceTracker.global().open(ResourceKind.RING);
        RingLoop loop = RingLoop.start(OPTIONS);
        try (OwnedFd never = Fds.eventFd(0, 0)) {
            CompletableFuture<Integer> poll =
                    loop.submit("poll", entry -> entry.poll(never.number(), Operation.POLLIN));
            loop.execute(
                    () -> {
                        loseWayIntoKernel(loop.ring());
                        loop.cancelDescriptor(never.number());
                    });
            assertThrows(ExecutionException.class, () -> poll.get(10, TimeUnit.SECONDS));
            assertThrows(IllegalStateException.class, loop::close);
            assertEquals(before, ResourceTracker.global().open(ResourceKind.RING));
            assertThrows(
                    RejectedExecutionException.class,
                    () -> loop.submit("nop", SubmissionEntry::nop));
        }
    }

    private static void loseWayIntoKernel(IoUring ring) {
        try {
            ring.unregisterDescriptor();
            ring.closeDescriptor();
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    /** As many as the loop has room for. */
    private static List<Told> fill(RingLoop loop, Consumer<SubmissionEntry> write) {
        List<Told> all = Stream.generate(() -> new Told(write)).limit(FULL).toList();
        all.forEach(loop::submit);
        return all;
    }

    /** Does something while the loop's thread is kept, and waits for what follows from it. */
    private static void whileItWaits(RingLoop loop, Runnable what) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(
                () -> {
                    begun.countDown();
                    await(done);
                });
        await(begun);
        what.run();
        done.countDown();
        settle(loop);
    }

    /** Waits for what was posted before, and what the loop's thread begins as it ends. */
    private static void settle(RingLoop loop) throws Exception {
        for (int i = 0; i < 3; i++) {
            loop.submit("nop", SubmissionEntry::nop).get(10, TimeUnit.SECONDS);
        }
    }

    private static int slotsUsed(RingLoop loop) throws Exception {
        CompletableFuture<Integer> used = new CompletableFuture<>();
        loop.execute(() -> used.complete(loop.files().size()));
        return used.get(10, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What holds a ring, seen from outside: the ring's table has the only reference to the reading end
 * of a pipe, so writing fails with EPIPE once the ring is gone.
 */
class RingLifetimeTest {
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(5);
    private static final MemorySegment BYTE = MemorySegment.ofArray(new byte[1]);

    private OwnedFd reader;
    private OwnedFd writer;

    @BeforeEach
    void makePipe() throws IOException {
        List<OwnedFd> pipe = Fds.pipe(Fds.O_NONBLOCK);
        reader = pipe.get(0);
        writer = pipe.get(1);
    }

    @AfterEach
    void closePipe() throws IOException {
        reader.close();
        writer.close();
    }

    @Test
    void closeEndsTheRing() throws IOException {
        IoUring ring = holdingThePipe(RingOptions.entries(4));
        assertTrue(isHeld());
        ring.close();
        ring.close();
        assertTrue(ring.isClosed());
        awaitGone();
    }

    @Test
    void aMappingAloneHoldsTheRing() throws IOException {
        IoUring ring = holdingThePipe(RingOptions.entries(4));
        ring.closeDescriptor();
        assertTrue(isHeld());
        assertThrows(IllegalStateException.class, ring::descriptor);
        assertThrows(IllegalStateException.class, ring::submit);
        assertEquals(4, ring.room());
        ring.unmap();
        awaitGone();
        ring.close();
    }

    @Test
    void aDescriptorAloneHoldsTheRing() throws IOException {
        IoUring ring = holdingThePipe(RingOptions.entries(4));
        ring.unmap();
        ring.unmap();
        assertTrue(isHeld());
        assertThrows(IllegalStateException.class, () -> ring.prepare(new Operation.Nop(), 1));
        assertThrows(IllegalStateException.class, ring::ready);
        ring.closeDescriptor();
        awaitGone();
        ring.close();
    }

    @Test
    void aRegistrationAloneHoldsTheRing() throws IOException {
        IoUring ring = holdingThePipe(RingOptions.entries(4));
        ring.registerDescriptor();
        ring.closeDescriptor();
        ring.unmap();
        assertTrue(isHeld());
        ring.close();
        awaitGone();
    }

    @Test
    void aRegisteredRingWorksWithoutItsDescriptor() throws IOException {
        IoUring ring = holdingThePipe(RingOptions.entries(4));
        ring.registerDescriptor();
        assertThrows(IllegalStateException.class, ring::registerDescriptor);
        ring.closeDescriptor();
        ring.prepare(new Operation.Nop(), 7);
        ring.submitAndWait(1);
        assertEquals(1, ring.drain(9, (userData, result, flags) -> assertEquals(7, userData)));
        ring.close();
        awaitGone();
    }

    @Test
    void aRegistrationCanBeTakenBack() throws IOException {
        try (IoUring ring = RingShape.openPatiently(RingOptions.entries(4))) {
            ring.registerDescriptor();
            ring.unregisterDescriptor();
            assertThrows(IllegalStateException.class, ring::unregisterDescriptor);
            ring.prepare(new Operation.Nop(), 7);
            assertEquals(1, ring.submitAndWait(1));
            ring.registerDescriptor();
        }
    }

    @Test
    void aPollThreadWorksForARingWithoutDescriptor() throws IOException {
        IoUring ring =
                holdingThePipe(RingOptions.entries(4).with(SetupFlag.SQPOLL).withPollIdle(1000));
        ring.registerDescriptor();
        ring.closeDescriptor();
        ring.prepare(new Operation.Nop(), 7);
        ring.submit();
        long end = System.nanoTime() + DEADLINE;
        while (ring.ready() == 0) {
            assertTrue(System.nanoTime() - end < 0);
            Thread.onSpinWait();
        }
        ring.close();
        awaitGone();
    }

    @Test
    void whatWasOnlyPreparedIsDroppedByClose() throws IOException {
        IoUring ring = holdingThePipe(RingOptions.entries(4));
        for (int i = 0; i < 4; i++) {
            ring.prepare(new Operation.Nop(), i);
        }
        ring.close(
                Duration.ofSeconds(1),
                (userData, result, flags) -> {
                    throw new AssertionError("nothing was submitted");
                });
        awaitGone();
    }

    @Test
    void closeWithoutTimeSaysWhatRemains() throws IOException {
        IoUring ring = holdingThePipe(RingOptions.entries(4));
        ring.prepare(new Operation.PollAdd(Target.slot(0), Operation.POLLIN, false), 1);
        ring.submit();
        OperationsInFlightException left =
                assertThrows(
                        OperationsInFlightException.class,
                        () -> ring.close(Duration.ZERO, (userData, result, flags) -> {}));
        assertEquals(1, left.operations());
        assertTrue(ring.isClosed());
        awaitGone();
    }

    @Test
    void aDisabledRingStartsOnTheThreadThatEnablesIt() throws Exception {
        IoUring ring =
                RingShape.openPatiently(
                        RingOptions.entries(4)
                                .with(
                                        SetupFlag.R_DISABLED,
                                        SetupFlag.SINGLE_ISSUER,
                                        SetupFlag.DEFER_TASKRUN));
        ring.prepare(new Operation.Nop(), 1);
        ErrnoException early = assertThrows(ErrnoException.class, ring::submit);
        assertEquals(Errno.EBADFD, early.errno());
        onThread(
                () -> {
                    ring.enable();
                    assertThrows(IllegalStateException.class, ring::enable);
                    assertEquals(1, ring.submitAndWait(1));
                    ring.close();
                });
        assertThrows(WrongThreadException.class, ring::submit);
    }

    @Test
    void aDisabledRingIsClosedWithoutBeingStarted() throws IOException {
        IoUring ring = RingShape.openPatiently(RingOptions.entries(4).with(SetupFlag.R_DISABLED));
        ring.prepare(new Operation.Nop(), 1);
        ring.close();
        assertThrows(IllegalStateException.class, ring::enable);
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void onThread(Step step) throws Exception {
        FutureTask<Boolean> task =
                new FutureTask<>(
                        () -> {
                            step.run();
                            return true;
                        });
        Thread.ofPlatform().start(task);
        assertTrue(task.get());
    }

    private IoUring holdingThePipe(RingOptions options) throws IOException {
        IoUring ring = RingShape.openPatiently(options);
        ring.registerFiles(reader.number());
        reader.close();
        return ring;
    }

    private boolean isHeld() throws IOException {
        try {
            return Fds.write(writer.number(), BYTE) == 1;
        } catch (ErrnoException e) {
            assertTrue(e.errno() == Errno.EPIPE || e.errno() == Errno.EAGAIN, e.toString());
            return e.errno() == Errno.EAGAIN; // the pipe is full, so it has a reader
        }
    }

    private void awaitGone() throws IOException {
        long end = System.nanoTime() + DEADLINE;
        while (isHeld()) {
            assertFalse(System.nanoTime() - end > 0, "the ring is still held");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}

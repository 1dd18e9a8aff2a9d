package dev.ringwatch.uring;

import static dev.ringwatch.uring.Live.SECOND;
import static dev.ringwatch.uring.Live.await;
import static dev.ringwatch.uring.Live.one;
import static dev.ringwatch.uring.Live.submitAll;
import static dev.ringwatch.uring.Live.time;
import static dev.ringwatch.uring.Live.with;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: operations that wait for others, and for time. */
class LinkScenariosTest {
    private static final long LONG = 60 * SECOND;
    private static final long SHORT = SECOND / 100;

    @ParameterizedTest
    @EnumSource
    @Scenario("link")
    void aChainRunsInOrderAndBreaksAtAFailure(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(16);
                OwnedFd file = Fds.memFd("linked", 0);
                Arena arena = Arena.ofShared()) {
            MemorySegment out = Live.text(arena, "linked");
            MemorySegment in = arena.allocate(16);
            ring.reserve(2);
            ring.next(1).write(file.number(), out.address(), 6, 0).link();
            ring.next(2).read(file.number(), in.address(), 16, 0);
            List<Completion> done = await(ring, 2);
            assertEquals(List.of(1L, 2L), done.stream().map(Completion::userData).toList());
            assertEquals("linked", Live.text(in, with(done, 2).result()));

            ring.next(1).close(1_000_000).link();
            ring.next(2).nop().link();
            ring.next(3).nop();
            ring.next(4).nop();
            done = await(ring, 4);
            assertEquals(Errno.EBADF, with(done, 1).errno());
            assertEquals(Errno.ECANCELED, with(done, 2).errno());
            assertEquals(Errno.ECANCELED, with(done, 3).errno());
            assertEquals(0, with(done, 4).result());

            ring.next(1).close(1_000_000).hardLink();
            ring.next(2).nop();
            done = await(ring, 2);
            assertEquals(Errno.EBADF, with(done, 1).errno());
            assertEquals(0, with(done, 2).result());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("link")
    void aShortReadBreaksAChain(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Live.fileWith("four");
                Arena arena = Arena.ofShared()) {
            MemorySegment in = arena.allocate(16);
            ring.next(1).read(file.number(), in.address(), 16, 0).link();
            ring.next(2).nop();
            List<Completion> done = await(ring, 2);
            assertEquals(4, with(done, 1).result());
            assertEquals(Errno.ECANCELED, with(done, 2).errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("submit-link-fail")
    void aChainWithAnEntryInErrorDoesNothing(RingShape shape) throws IOException {
        RingOptions options = shape.options(8).with(SetupFlag.SUBMIT_ALL);
        for (int bad = 0; bad < 3; bad++) {
            try (IoUring ring = shape.open(options);
                    OwnedFd counter = Fds.eventFd(0, Fds.O_NONBLOCK);
                    Arena arena = Arena.ofShared()) {
                MemorySegment value = arena.allocate(8, 8);
                value.set(JAVA_LONG, 0, 1);
                for (int i = 0; i < 3; i++) {
                    SubmissionEntry entry = ring.next(i);
                    if (i == bad) {
                        entry.raw(255, -1, 0, 0, 0, 0);
                    } else {
                        entry.write(counter.number(), value.address(), 8, -1);
                    }
                    if (i < 2) {
                        entry.link();
                    }
                }
                List<Completion> done = await(ring, 3);
                for (int i = 0; i < 3; i++) {
                    Errno expected = i == bad ? Errno.EINVAL : Errno.ECANCELED;
                    assertEquals(expected, with(done, i).errno(), "entry " + i + " of " + done);
                }
                assertEquals(-1, Live.count(counter));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("link-timeout")
    void aLinkedTimeoutCancelsWhatTakesTooLong(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0);
                Arena arena = Arena.ofShared()) {
            Operation poll =
                    new Operation.PollAdd(
                            Target.descriptor(counter.number()), Operation.POLLIN, false);
            ring.prepare(poll, 1).link();
            ring.prepare(new Operation.LinkTimeout(time(arena, SHORT), 0), 2).link();
            ring.prepare(new Operation.Nop(), 3);
            List<Completion> done = await(ring, 3);
            assertEquals(Errno.ECANCELED, with(done, 1).errno());
            assertEquals(Errno.ETIME, with(done, 2).errno());
            assertEquals(Errno.ECANCELED, with(done, 3).errno());

            ring.prepare(poll, 1).link();
            ring.prepare(new Operation.LinkTimeout(time(arena, LONG), 0), 2);
            submitAll(ring);
            Live.increment(counter);
            done = await(ring, 2);
            assertEquals(Operation.POLLIN, with(done, 1).result());
            assertEquals(Errno.ECANCELED, with(done, 2).errno());

            ring.prepare(new Operation.LinkTimeout(time(arena, LONG), 0), 4);
            assertEquals(Errno.EINVAL, await(ring, 1).getFirst().errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("link-timeout")
    void aLinkedTimeoutIsGivenAnotherTime(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0);
                Arena arena = Arena.ofShared()) {
            ring.next(1).poll(counter.number(), Operation.POLLIN).link();
            ring.prepare(new Operation.LinkTimeout(time(arena, LONG), 0), 2);
            submitAll(ring);
            int linked = SqeLayout.LINK_TIMEOUT_UPDATE;
            assertEquals(
                    0,
                    one(ring, new Operation.TimeoutUpdate(2, time(arena, SHORT), linked)).result());
            List<Completion> done = await(ring, 2);
            assertEquals(Errno.ECANCELED, with(done, 1).errno());
            assertEquals(Errno.ETIME, with(done, 2).errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("linked-defer-close")
    void aDescriptorClosedInAChainIsUsableBeforeAndGoneAfter(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            List<OwnedFd> pipe = Fds.pipe(0);
            try (OwnedFd reader = pipe.get(0)) {
                int writer = pipe.get(1).release();
                MemorySegment out = Live.text(arena, "last");
                ring.next(1).write(writer, out.address(), 4, -1).link();
                ring.next(2).close(writer);
                List<Completion> done = await(ring, 2);
                assertEquals(4, with(done, 1).result());
                assertEquals(0, with(done, 2).result());
                assertEquals("last", Live.receive(reader, 16));
                assertEquals("", Live.receive(reader, 16), "the writing end is closed");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("timeout")
    void aTimeoutEndsByTimeByCompletionsOrByRemoval(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            Operation soon = new Operation.Timeout(time(arena, SHORT), 0, 0);
            Operation late = new Operation.Timeout(time(arena, LONG), 0, 0);
            assertEquals(Errno.ETIME, one(ring, soon).errno());

            ring.prepare(new Operation.Timeout(time(arena, LONG), 2, 0), 1);
            submitAll(ring);
            assertTrue(Live.quiet(ring));
            ring.prepare(new Operation.Nop(), 2);
            ring.prepare(new Operation.Nop(), 3);
            assertEquals(0, with(await(ring, 3), 1).result());

            ring.prepare(late, 4);
            submitAll(ring);
            ring.prepare(new Operation.TimeoutRemove(4), 5);
            List<Completion> done = await(ring, 2);
            assertEquals(Errno.ECANCELED, with(done, 4).errno());
            assertEquals(0, with(done, 5).result());
            assertEquals(Errno.ENOENT, one(ring, new Operation.TimeoutRemove(4)).errno());

            ring.prepare(late, 6);
            submitAll(ring);
            ring.prepare(new Operation.TimeoutUpdate(6, time(arena, SHORT), 0), 7);
            done = await(ring, 2);
            assertEquals(Errno.ETIME, with(done, 6).errno());
            assertEquals(0, with(done, 7).result());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("timeout")
    void timeoutsByAPointOfTimeByOtherClocksAndAgainAndAgain(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            long deadline = System.nanoTime() + SHORT;
            MemorySegment then = time(arena, deadline);
            int absolute = SqeLayout.TIMEOUT_ABS;
            assertEquals(Errno.ETIME, one(ring, new Operation.Timeout(then, 0, absolute)).errno());
            assertTrue(System.nanoTime() - deadline >= 0);
            for (int clock : new int[] {SqeLayout.TIMEOUT_BOOTTIME, SqeLayout.TIMEOUT_REALTIME}) {
                Operation timer = new Operation.Timeout(time(arena, SHORT), 0, clock);
                assertEquals(Errno.ETIME, one(ring, timer).errno());
            }
            int both = SqeLayout.TIMEOUT_BOOTTIME | SqeLayout.TIMEOUT_REALTIME;
            Operation wrong = new Operation.Timeout(time(arena, SHORT), 0, both);
            assertEquals(Errno.EINVAL, one(ring, wrong).errno());

            int again = SqeLayout.TIMEOUT_MULTISHOT;
            ring.prepare(new Operation.Timeout(time(arena, SHORT), 3, again), 1);
            List<Completion> done = await(ring, 3);
            assertFalse(done.get(0).last());
            assertFalse(done.get(1).last());
            assertTrue(done.get(2).last());
            assertEquals(0, ring.inFlight());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("wait-timeout")
    void aWaitEndsWhenItsTimeIsUp(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            long start = System.nanoTime();
            assertEquals(0, ring.submitAndWait(1, SHORT));
            assertTrue(System.nanoTime() - start >= SHORT);
            ring.prepare(new Operation.Nop(), 1);
            assertEquals(1, ring.submitAndWait(2, SHORT));
            assertEquals(1, await(ring, 1).size());
            assertEquals(0, ring.submitAndWait(1, 0));

            long deadline = System.nanoTime() + SHORT;
            assertEquals(0, ring.submitAndWaitUntil(1, deadline));
            assertTrue(System.nanoTime() - deadline >= 0);
            assertEquals(0, ring.submitAndWaitUntil(1, deadline), "a time that is over");
            ring.prepare(new Operation.Nop(), 2);
            assertEquals(1, ring.submitAndWaitUntil(1, System.nanoTime() + LONG));
            assertEquals(1, await(ring, 1).size());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("min-timeout")
    void aWaitIsContentWithLessAfterAWhile(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            requireGather(ring);
            ring.prepare(new Operation.Nop(), 1);
            long start = System.nanoTime();
            assertEquals(1, ring.submitAndGather(4, SHORT, LONG));
            assertTrue(System.nanoTime() - start >= SHORT);
            assertEquals(1, await(ring, 1).size());

            for (int i = 0; i < 4; i++) {
                ring.prepare(new Operation.Nop(), i);
            }
            assertEquals(4, ring.submitAndGather(4, LONG, LONG));
            assertEquals(4, await(ring, 4).size());
            assertEquals(0, ring.submitAndGather(4, SHORT, 2 * SHORT));
            assertEquals(0, ring.ready());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("min-timeout")
    void aGatheringWaitGoesOnUntilTheFirst(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            requireGather(ring);
            ring.prepare(new Operation.Timeout(time(arena, 5 * SHORT), 0, 0), 1);
            ring.submitAndGather(4, SHORT, LONG);
            assertEquals(Errno.ETIME, await(ring, 1).getFirst().errno());
        }
    }

    private static void requireGather(IoUring ring) {
        if (!ring.has(Feature.MIN_TIMEOUT)) {
            assertThrows(UnsupportedOperationException.class, () -> ring.submitAndGather(1, 1, 1));
            throw Live.skip("no MIN_TIMEOUT feature");
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitsFromARegisteredRegionAreTheSame(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(shape.options(8).with(SetupFlag.R_DISABLED))) {
            registerWaits(ring);
            ring.enable();
            long start = System.nanoTime();
            assertEquals(0, ring.submitAndWait(1, SHORT));
            assertTrue(System.nanoTime() - start >= SHORT);
            ring.prepare(new Operation.Nop(), 1);
            assertEquals(1, ring.submitAndGather(2, SHORT, LONG));
            assertEquals(1, await(ring, 1).size());
            long deadline = System.nanoTime() + SHORT;
            assertEquals(0, ring.submitAndWaitUntil(1, deadline));
            assertTrue(System.nanoTime() - deadline >= 0);
        }
        try (IoUring ring = shape.open(8)) {
            ErrnoException late = assertThrows(ErrnoException.class, ring::registerWaits);
            assertEquals(Errno.EINVAL, late.errno());
            assertEquals(0, ring.submitAndWait(1, SHORT));
        }
    }

    private static void registerWaits(IoUring ring) throws ErrnoException {
        try {
            ring.registerWaits();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL) {
                throw Live.skip("no registered waits: " + e.getMessage());
            }
            throw e;
        }
    }

    @Test
    void waitsGoByAnotherClockAndNeedNotCountAsInputAndOutput() throws IOException {
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            ring.control().useClock(RingControl.Clock.BOOTTIME);
            long uptime = bootTime();
            assertEquals(0, ring.submitAndWaitUntil(1, uptime + SHORT));
            assertTrue(bootTime() - uptime >= 0);
            ring.control().useClock(RingControl.Clock.MONOTONIC);
            if (!ring.has(Feature.NO_IOWAIT)) {
                throw Live.skip("no NO_IOWAIT feature");
            }
            ring.countAsIoWait(false);
            assertEquals(0, ring.submitAndWait(1, SHORT));
            assertEquals(0, one(ring, new Operation.Nop()).result());
            ring.countAsIoWait(true);
            assertEquals(0, one(ring, new Operation.Nop()).result());
        }
    }

    /** CLOCK_BOOTTIME in nanoseconds, to a hundredth of a second. */
    private static long bootTime() throws IOException {
        String uptime = Files.readString(Path.of("/proc/uptime"));
        return (long) (Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * SECOND);
    }
}

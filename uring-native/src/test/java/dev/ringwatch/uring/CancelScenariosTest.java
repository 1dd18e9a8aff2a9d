package dev.ringwatch.uring;

import static dev.ringwatch.uring.Live.await;
import static dev.ringwatch.uring.Live.one;
import static dev.ringwatch.uring.Live.submitAll;
import static dev.ringwatch.uring.Live.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: ending what was begun, and races with its own end. */
class CancelScenariosTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int IN = Operation.POLLIN;

    @ParameterizedTest
    @EnumSource
    @Scenario("cancel-race")
    void whatIsCancelledAsItEndsCompletesOnce(RingShape shape) throws Exception {
        int rounds = 30;
        CyclicBarrier start = new CyclicBarrier(2);
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, Fds.O_NONBLOCK)) {
            FutureTask<Boolean> writer =
                    new FutureTask<>(
                            () -> {
                                for (int i = 0; i < rounds; i++) {
                                    start.await();
                                    Live.increment(counter);
                                }
                                return true;
                            });
            Thread.ofPlatform().start(writer);
            for (int i = 0; i < rounds; i++) {
                ring.next(1).poll(counter.number(), IN);
                submitAll(ring);
                start.await();
                ring.prepare(new Operation.Cancel(1), 2);
                List<Completion> done = await(ring, 2);
                Errno cancelled = with(done, 1).errno();
                Errno cancel = with(done, 2).errno();
                boolean stopped = cancelled == Errno.ECANCELED && with(done, 2).result() == 0;
                boolean ended =
                        with(done, 1).result() == IN
                                && (cancel == Errno.ENOENT || cancel == Errno.EALREADY);
                assertTrue(stopped || ended, done.toString());
                Live.eventually("the writer", () -> Live.count(counter) > 0);
            }
            assertTrue(writer.get());
            assertEquals(0, ring.inFlight());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("io-cancel")
    void aReadIsCancelledWhereverItWaits(RingShape shape) throws IOException {
        List<OwnedFd> pipe = Fds.pipe(0);
        try (IoUring ring = shape.open(8);
                OwnedFd reader = pipe.get(0);
                OwnedFd writer = pipe.get(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment room = arena.allocate(8);
            ring.next(1).read(reader.number(), room.address(), 8, -1);
            ring.next(2).read(reader.number(), room.address(), 8, -1).async();
            submitAll(ring);
            List<Completion> done = new ArrayList<>();
            for (long each = 1; each <= 2; each++) {
                long userData = each;
                // A worker may be between taking the read and waiting in it.
                Live.eventually(
                        "the cancelled read",
                        () -> {
                            ring.prepare(new Operation.Cancel(userData), 9);
                            done.addAll(await(ring, 1));
                            done.addAll(taken(ring));
                            return done.stream().anyMatch(c -> c.userData() == userData);
                        });
                Errno end = with(done, userData).errno();
                assertTrue(end == Errno.ECANCELED || end == Errno.EINTR, end.toString());
            }
            Live.send(writer, "free");
            assertEquals("free", Live.receive(reader, 8));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("poll-cancel-all")
    void allTheSameAreCancelledAndCounted(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(32);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            for (int i = 0; i < 8; i++) {
                ring.next(7).poll(counter.number(), IN);
            }
            ring.next(8).poll(counter.number(), IN);
            submitAll(ring);
            ring.prepare(new Operation.CancelEach(7), 9);
            List<Completion> done = await(ring, 9);
            assertEquals(8, with(done, 9).result());
            assertEquals(8, done.stream().filter(c -> c.errno() == Errno.ECANCELED).count());
            assertEquals(1, ring.inFlight());

            ring.next(6).poll(counter.number(), IN);
            submitAll(ring);
            ring.prepare(new Operation.CancelKind(Opcode.RECV), 9);
            assertEquals(0, await(ring, 1).getFirst().result());
            ring.prepare(new Operation.CancelKind(Opcode.POLL_ADD), 9);
            assertEquals(2, with(await(ring, 3), 9).result());
            assertEquals(0, one(ring, new Operation.CancelAll()).result());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("cancel-fd-userdata")
    void onlyWhatMatchesFileAndUserDataIsCancelled(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(16);
                OwnedFd one = Fds.eventFd(0, 0);
                OwnedFd two = Fds.eventFd(0, 0)) {
            ring.next(1).poll(one.number(), IN);
            ring.next(2).poll(one.number(), IN);
            ring.next(1).poll(two.number(), IN);
            submitAll(ring);
            ring.next(9).cancelDescriptor(one.number(), 1);
            List<Completion> done = await(ring, 2);
            assertEquals(1, with(done, 9).result());
            assertEquals(Errno.ECANCELED, with(done, 1).errno());
            assertEquals(2, ring.inFlight());
            ring.prepare(new Operation.CancelFile(Target.descriptor(one.number())), 9);
            done = await(ring, 2);
            assertEquals(Errno.ECANCELED, with(done, 2).errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("sync-cancel")
    void aCancelWithoutAnEntryWaitsForTheEnd(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            RingControl control = ring.control();
            ring.registerFiles(counter.number());
            assertFalse(control.cancel(1, PATIENCE));
            control.cancelDescriptor(counter.number(), PATIENCE);
            for (Attempt attempt :
                    List.<Attempt>of(
                            () -> assertTrue(control.cancel(1, PATIENCE)),
                            () -> control.cancelDescriptor(counter.number(), PATIENCE),
                            () -> control.cancelSlot(0, PATIENCE),
                            () -> control.cancelAny(PATIENCE))) {
                ring.next(1).poll(0, IN).fixedFile();
                submitAll(ring);
                attempt.make();
                assertEquals(Errno.ECANCELED, await(ring, 1).getFirst().errno());
            }
            ErrnoException closed =
                    assertThrows(
                            ErrnoException.class,
                            () -> control.cancelDescriptor(1_000_000, PATIENCE));
            assertEquals(Errno.EBADF, closed.errno());
        }
    }

    private interface Attempt {
        void make() throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("poll-race-mshot")
    void noWakeOfAMultishotPollIsLost(RingShape shape) throws Exception {
        int wakes = 200;
        try (IoUring ring = shape.open(64);
                OwnedFd counter = Fds.eventFd(0, Fds.O_NONBLOCK)) {
            ring.next(1).pollMultishot(counter.number(), IN);
            submitAll(ring);
            FutureTask<Boolean> writer =
                    new FutureTask<>(
                            () -> {
                                for (int i = 0; i < wakes; i++) {
                                    Live.increment(counter);
                                }
                                return true;
                            });
            Thread.ofPlatform().start(writer);
            long[] seen = {0};
            Live.eventually(
                    "every wake",
                    () -> {
                        ring.submitAndWait(1, Live.SECOND / 50);
                        boolean[] armed = {true};
                        ring.drain(64, (userData, result, flags) -> armed[0] = (flags & 2) != 0);
                        seen[0] += Math.max(0, Live.count(counter));
                        if (!armed[0]) {
                            ring.next(1).pollMultishot(counter.number(), IN);
                        }
                        return seen[0] == wakes;
                    });
            assertTrue(writer.get());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("mshot-shutdown-race")
    void aMultishotReceiveEndsOnceWhenItsSocketIsShutDown(RingShape shape) throws Exception {
        for (int round = 0; round < 10; round++) {
            List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
            try (IoUring ring = shape.open(8);
                    OwnedFd ours = pair.get(0);
                    OwnedFd theirs = pair.get(1);
                    Arena arena = Arena.ofShared()) {
                MemorySegment buffers = arena.allocate(4 * 64);
                ring.prepare(new Operation.ProvideBuffers(buffers, 64, 3, 0), 2);
                assertEquals(0, await(ring, 1).getFirst().result());
                ring.prepare(
                        new Operation.ReceiveMultishot(Target.descriptor(ours.number()), 0, 3), 1);
                submitAll(ring);
                FutureTask<Boolean> closer =
                        new FutureTask<>(
                                () -> {
                                    Live.send(theirs, "x");
                                    Sockets.shutdown(theirs.number(), 1);
                                    return true;
                                });
                Thread.ofPlatform().start(closer);
                List<Completion> done = new ArrayList<>();
                while (done.isEmpty() || !done.getLast().last()) {
                    done.addAll(await(ring, 1));
                }
                assertTrue(closer.get());
                assertEquals(1, done.stream().mapToInt(Completion::result).sum(), done.toString());
                assertEquals(0, done.getLast().result());
                assertTrue(Live.quiet(ring));
                assertEquals(0, ring.inFlight());
            }
        }
    }

    /** Cancel-after-success: what close cancels may have brought a descriptor before. */
    @ParameterizedTest
    @EnumSource
    void aDescriptorThatCameBeforeCloseCancelledIsShownToTheVisitor(RingShape shape)
            throws IOException {
        var address = Live.name();
        try (OwnedFd listener = Live.listener(address)) {
            IoUring ring = shape.open(8);
            ring.next(1).acceptMultishot(listener.number(), 0);
            submitAll(ring);
            List<Completion> seen = new ArrayList<>();
            try (OwnedFd client = Live.connect(address)) {
                ring.submitAndWait(1);
                ring.close(
                        IoUring.CLOSE_DEADLINE,
                        (userData, result, flags) ->
                                seen.add(new Completion(userData, result, flags)));
                Completion accepted = seen.getFirst();
                assertTrue(accepted.result() >= 0, seen.toString());
                assertTrue(Live.isOpen(accepted.result()), "the accepted one is the program's");
                Fds.close(accepted.result());
                assertEquals("", Live.receive(client, 1));
                assertEquals(Errno.ECANCELED, seen.getLast().errno());
            }
        }
    }

    private static List<Completion> taken(IoUring ring) throws IOException {
        List<Completion> done = new ArrayList<>();
        ring.submitAndWait(0);
        ring.drain(64, (u, r, f) -> done.add(new Completion(u, r, f)));
        return done;
    }
}

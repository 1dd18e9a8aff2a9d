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
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: filling, emptying and sizing the queues. */
class QueueScenariosTest {
    private static final RingOptions RESIZABLE =
            RingShape.DEFER.options(4).with(SetupFlag.NO_SQARRAY);

    @ParameterizedTest
    @EnumSource
    @Scenario({"sq-full", "sq-space_left"})
    void aQueueTakesWhatItHasRoomForAndSaysHowMuch(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            for (int i = 0; i < 8; i++) {
                assertEquals(8 - i, ring.room());
                ring.prepare(new Operation.Nop(), i);
                assertEquals(i + 1, ring.waiting());
            }
            assertEquals(0, ring.room());
            assertThrows(IllegalStateException.class, () -> ring.prepare(new Operation.Nop(), 8));
            assertThrows(IllegalStateException.class, () -> ring.reserve(1));
            await(ring, 8);
            submitAll(ring); // a poll thread moves the head after the completions
            assertEquals(8, ring.room());
            ring.reserve(8);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario({"cq-full", "cq-overflow"})
    void completionsWithoutRoomWaitAndNoneIsLost(RingShape shape) throws IOException {
        int all = 24;
        try (IoUring ring = shape.open(shape.options(8).withCompletions(8))) {
            for (int i = 0; i < all; i += 8) {
                for (int j = i; j < i + 8; j++) {
                    ring.prepare(new Operation.Nop(), j);
                }
                submitAll(ring);
            }
            Live.eventually("the backlog", () -> enter(ring) && ring.hasBacklog());
            assertEquals(1, ring.overflows());
            List<Completion> done = await(ring, all);
            for (int i = 0; i < all; i++) {
                assertEquals(i, done.get(i).userData());
            }
            assertFalse(ring.hasBacklog());
            assertEquals(1, ring.overflows());
            assertEquals(0, ring.lostCompletions());
            assertEquals(all, ring.completed());
            assertEquals(all, ring.submitted());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario({"cq-peek-batch", "cq-peek-batch-mixed"})
    void asManyAreTakenAsAskedForInOrder(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            List<Long> seen = new ArrayList<>();
            assertEquals(0, ring.drain(4, (userData, result, flags) -> seen.add(userData)));
            for (int i = 0; i < 7; i++) {
                ring.prepare(new Operation.Nop(), i);
            }
            ring.submitAndWait(7);
            assertEquals(4, ring.drain(4, (userData, result, flags) -> seen.add(userData)));
            assertEquals(3, ring.drain(4, (userData, result, flags) -> seen.add(userData)));
            assertEquals(0, ring.drain(4, (userData, result, flags) -> seen.add(userData)));
            assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L), seen);
        }
    }

    @Test
    @Scenario("cq-peek-batch-mixed")
    void bigAndSmallCompletionsAreTakenInOrderAcrossTheEnd() throws IOException {
        record Big(long userData, boolean big, long extra1, long extra2) {}
        try (IoUring ring = RingShape.CQE_MIXED.open(8)) {
            long next = 0;
            for (int turn = 0; turn < 40; turn++) {
                int batch = 1 + turn % 5;
                for (int i = 0; i < batch; i++) {
                    long userData = next + i;
                    if (userData % 3 == 0) {
                        ring.next(userData).nopBig(userData * 7, -userData);
                    } else {
                        ring.next(userData).nop();
                    }
                }
                ring.submitAndWait(batch);
                List<Big> seen = new ArrayList<>();
                while (seen.size() < batch) {
                    ring.submitAndWait(0);
                    ring.drainBig(
                            batch,
                            (userData, result, flags, extra1, extra2) ->
                                    seen.add(
                                            new Big(
                                                    userData,
                                                    (flags & Completion.F_32) != 0,
                                                    extra1,
                                                    extra2)));
                }
                for (Big one : seen) {
                    boolean big = next % 3 == 0;
                    assertEquals(new Big(next, big, big ? next * 7 : 0, big ? -next : 0), one);
                    next++;
                }
            }
            assertEquals(0, ring.inFlight());
        }
    }

    @Test
    void bigCompletionsHaveTwoWordsMore() throws IOException {
        try (IoUring ring = RingShape.CQE32.open(4)) {
            RingQuery query = RingQuery.ask().orElseThrow(() -> Live.skip("no 32-byte nop"));
            assertTrue(query.operations() > 0);
            ring.next(1).nopBig(11, 22);
            ring.submitAndWait(1);
            assertEquals(
                    1,
                    ring.drainBig(
                            9,
                            (userData, result, flags, extra1, extra2) -> {
                                assertEquals(11, extra1);
                                assertEquals(22, extra2);
                            }));
        }
        try (IoUring ring = RingShape.DEFAULT.open(4)) {
            assertThrows(
                    IllegalStateException.class, () -> ring.drainBig(9, (u, r, f, a, b) -> {}));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("submit-and-wait")
    void submittingAndWaitingIsOneCall(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            ring.prepare(new Operation.Nop(), 1);
            ring.prepare(new Operation.Nop(), 2);
            long before = ring.enters();
            assertEquals(2, ring.submitAndWait(2));
            assertTrue(ring.ready() >= 2);
            if (shape != RingShape.SQPOLL) {
                assertEquals(before + 1, ring.enters());
            }
            await(ring, 2);
            assertEquals(0, ring.submitAndWait(1, Live.SECOND / 100));
            assertEquals(0, ring.ready());
        }
    }

    @ParameterizedTest
    @EnumSource(names = "SQPOLL", mode = EnumSource.Mode.EXCLUDE)
    @Scenario("drop-submit")
    void anEntryInErrorEndsTheBatchUnlessToldOtherwise(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                IoUring all = shape.open(shape.options(8).with(SetupFlag.SUBMIT_ALL))) {
            for (IoUring each : List.of(ring, all)) {
                each.prepare(new Operation.Nop(), 1);
                each.next(2).raw(255, -1, 0, 0, 0, 0);
                each.prepare(new Operation.Nop(), 3);
            }
            assertEquals(2, ring.submit());
            assertEquals(1, ring.waiting());
            assertEquals(3, all.submit());
            for (IoUring each : List.of(ring, all)) {
                List<Completion> done = await(each, 3);
                assertEquals(0, with(done, 1).result());
                assertEquals(Errno.EINVAL, with(done, 2).errno());
                assertEquals(0, with(done, 3).result());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("skip-cqe")
    void aSilentOperationCompletesOnlyIfItFails(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            ring.next(1).nop().skipSuccess();
            ring.next(2).close(1_000_000).skipSuccess();
            ring.next(3).nop();
            List<Completion> done = await(ring, 2);
            assertEquals(Errno.EBADF, with(done, 2).errno());
            assertEquals(0, with(done, 3).result());
            assertTrue(Live.quiet(ring));
        }
    }

    @Test
    @Scenario("single-issuer")
    void anotherTaskMayNotSubmitToARingOfOne() throws Exception {
        for (SetupFlag[] flags :
                new SetupFlag[][] {
                    {SetupFlag.SINGLE_ISSUER}, {SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN}
                }) {
            try (IoUring ring = RingShape.openPatiently(RingOptions.entries(4).with(flags))) {
                assertEquals(0, one(ring, new Operation.Nop()).result());
                int fd = ring.descriptor();
                FutureTask<Long> stranger = new FutureTask<>(() -> rawEnter(fd));
                Thread.ofPlatform().start(stranger);
                assertEquals(-Errno.EEXIST.code(), stranger.get());
            }
        }
    }

    @Test
    @Scenario("defer-taskrun")
    void deferredCompletionsComeOnlyWhileTheOwnerWaits() throws IOException {
        try (IoUring ring = RingShape.DEFER.open(8);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            Target target = Target.descriptor(counter.number());
            ring.prepare(new Operation.PollAdd(target, Operation.POLLIN, false), 1);
            ring.submit();
            Live.increment(counter);
            assertEquals(0, ring.ready());
            ring.submitAndWait(0);
            assertEquals(1, ring.ready());
            await(ring, 1);
        }
        ErrnoException refused =
                assertThrows(
                        ErrnoException.class,
                        () -> {
                            try (IoUring ring =
                                    IoUring.open(
                                            RingShape.DEFER
                                                    .options(4)
                                                    .with(SetupFlag.R_DISABLED))) {
                                ring.submitAndWait(0);
                            }
                        });
        assertEquals(Errno.EBADFD, refused.errno());
    }

    @Test
    @Scenario("resize-rings")
    void aRingGrowsAndShrinksWithWhatIsInIt() throws IOException {
        RingOptions small = RESIZABLE.withCompletions(8);
        for (RingOptions each : List.of(small, small.with(SetupFlag.SQE128))) {
            try (IoUring ring = RingShape.DEFER.open(each)) {
                resize(ring, 4, 8);
                for (int i = 0; i < 6; i++) {
                    ring.next(i).nop(i);
                    ring.submitAndWait(i + 1);
                }
                ring.resize(64, 256);
                assertEquals(64, ring.submissionEntries());
                assertEquals(256, ring.completionEntries());
                assertEquals(64, ring.options().entries());
                assertEquals(6, ring.inFlight());
                for (int i = 6; i < 70; i++) {
                    ring.next(i).nop(i);
                }
                List<Completion> done = await(ring, 70);
                for (int i = 0; i < 70; i++) {
                    assertEquals(new Completion(i, i, 0), done.get(i));
                }
                ring.resize(2, 4);
                assertEquals(2, ring.room());
                assertEquals(0, one(ring, new Operation.Nop()).result());
                assertEquals(71, ring.completed());
                assertEquals(0, ring.inFlight());
            }
        }
    }

    @Test
    @Scenario("resize-rings")
    void whatDoesNotFitIsRefusedAndTheRingGoesOn() throws IOException {
        try (IoUring ring = RingShape.DEFER.open(RESIZABLE)) {
            resize(ring, 16, 32);
            for (int i = 0; i < 16; i++) {
                ring.next(i).nop(i);
            }
            assertThrows(IllegalStateException.class, () -> ring.resize(32, 64));
            ring.submitAndWait(16);
            ErrnoException refused = assertThrows(ErrnoException.class, () -> ring.resize(4, 8));
            assertEquals(Errno.EOVERFLOW, refused.errno());
            assertEquals(16, await(ring, 16).size());
            assertEquals(0, one(ring, new Operation.Nop()).result());
        }
        for (RingOptions other :
                List.of(
                        RingShape.DEFAULT.options(4),
                        RingShape.DEFER.options(4),
                        RESIZABLE.with(SetupFlag.TASKRUN_FLAG))) {
            try (IoUring ring = RingShape.DEFER.open(other)) {
                assertThrows(IllegalStateException.class, () -> ring.resize(8, 16));
            }
        }
        try (IoUring ring = RingShape.DEFER.open(RESIZABLE.with(SetupFlag.CQE32))) {
            ring.prepare(new Operation.Nop(), 1);
            ring.submitAndWait(1);
            assertThrows(IllegalStateException.class, () -> ring.resize(8, 16));
        }
    }

    private static void resize(IoUring ring, int entries, int completions) throws IOException {
        try {
            ring.resize(entries, completions);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL) {
                throw Live.skip("no resize: " + e.getMessage());
            }
            throw e;
        }
    }

    @Test
    @Scenario("sqpoll-sleep")
    void aPollThreadThatSleepsIsWoken() throws IOException {
        try (IoUring ring = RingShape.SQPOLL.open(RingShape.SQPOLL.options(4).withPollIdle(1))) {
            for (int i = 0; i < 3; i++) {
                Live.eventually(
                        "sleep",
                        () -> {
                            // Its idle time is in ticks of the kernel's clock, of up to 10 ms, and
                            // begins again with each submission.
                            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
                            long enters = ring.enters();
                            ring.prepare(new Operation.Nop(), 1);
                            ring.submit();
                            boolean woken = ring.enters() > enters;
                            Live.eventually("the nop", () -> ring.ready() == 1);
                            ring.drain(1, (userData, result, flags) -> {});
                            return woken;
                        });
            }
        }
    }

    @Test
    void aPollThreadIsKeptToAProcessorAndSharedBetweenRings() throws IOException {
        RingOptions options = RingShape.SQPOLL.options(4).withPollCpu(0);
        try (IoUring ring = RingShape.SQPOLL.open(options);
                IoUring other = IoUring.open(options.withWorkersOf(ring))) {
            assertEquals(0, one(ring, new Operation.Nop()).result());
            assertEquals(0, one(other, new Operation.Nop()).result());
            assertEquals(pollThread(ring), pollThread(other));
        }
        assertThrows(IllegalArgumentException.class, () -> RingOptions.entries(4).withPollCpu(0));
    }

    @Test
    void aRingWithoutDescriptorWorks() throws IOException {
        RingOptions options =
                RingOptions.entries(4).with(SetupFlag.NO_MMAP, SetupFlag.REGISTERED_FD_ONLY);
        try (IoUring ring = RingShape.NO_MMAP.open(options)) {
            assertThrows(IllegalStateException.class, ring::descriptor);
            assertEquals(0, one(ring, new Operation.Nop()).result());
            FileTable table = ring.registerEmptyFiles(4);
            assertEquals(4, table.capacity());
        }
    }

    @Test
    @Scenario("probe")
    void theProbeNamesTheOperationsThereAre() throws IOException {
        RingSupport support = RingSupport.probe();
        if (!(support instanceof RingSupport.Available available)) {
            throw Live.skip("io_uring is refused here");
        }
        assertTrue(available.has(Opcode.NOP));
        assertTrue(available.has(Opcode.READ));
        try (IoUring ring = RingShape.DEFAULT.open(4)) {
            for (Opcode opcode : Opcode.values()) {
                ring.next(opcode.code()).raw(opcode.code(), -1, -1, 0, 0, 0).ioPriority(0xffff);
                Completion done = await(ring, 1).getFirst();
                if (!available.has(opcode)) {
                    assertEquals(Errno.EINVAL, done.errno(), opcode.toString());
                }
            }
        }
    }

    @Test
    @Scenario("ring-query")
    void theKernelsAnswerAgreesWithTheProbe() throws IOException {
        RingQuery query =
                RingQuery.ask().orElseThrow(() -> Live.skip("no IORING_REGISTER_QUERY (6.18)"));
        if (!(RingSupport.probe() instanceof RingSupport.Available available)) {
            throw Live.skip("io_uring is refused here");
        }
        assertEquals(available.query().orElseThrow(), query);
        for (Opcode opcode : available.operations()) {
            assertTrue(opcode.code() < query.operations(), opcode.toString());
        }
        assertEquals(available.flags(), query.flags());
        assertEquals(available.features(), Feature.of((int) query.features()));
        assertTrue(query.registrations() > 35);
        assertTrue((query.enterFlags() & 1) != 0);
        assertTrue((query.entryFlags() & SqeLayout.FIXED_FILE) != 0);
    }

    @Test
    @Scenario("register-restrictions")
    void aRestrictedRingDoesOnlyWhatItMay() throws IOException {
        RingOptions disabled = RingOptions.entries(8).with(SetupFlag.R_DISABLED);
        try (IoUring ring = RingShape.DEFAULT.open(disabled);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            int registerFiles = 13; // IORING_REGISTER_FILES2
            ring.control()
                    .restrict(
                            new RingRestrictions(
                                    Set.of(Opcode.NOP, Opcode.READ),
                                    Set.of(registerFiles),
                                    SqeLayout.IO_LINK,
                                    0));
            ring.enable();
            ring.next(1).nop();
            ring.next(2).poll(counter.number(), 1);
            ring.next(3).nop().async();
            submitAll(ring);
            List<Completion> done = await(ring, 3);
            assertEquals(0, with(done, 1).result());
            assertEquals(Errno.EACCES, with(done, 2).errno());
            assertEquals(Errno.EACCES, with(done, 3).errno());
            ring.registerFiles(counter.number());
            ErrnoException refused =
                    assertThrows(
                            ErrnoException.class,
                            () -> ring.control().registerEventFd(counter.number()));
            assertEquals(Errno.EACCES, refused.errno());
            assertTrue(refused.detail().contains("restrictions"), refused.detail());
        }
    }

    @Test
    @Scenario("register-restrictions")
    void requiredFlagsAndTheTimeForRestrictions() throws IOException {
        RingOptions disabled = RingOptions.entries(8).with(SetupFlag.R_DISABLED);
        try (IoUring ring = RingShape.DEFAULT.open(disabled);
                OwnedFd file = Live.fileWith("x")) {
            ring.control()
                    .restrict(
                            new RingRestrictions(
                                    Set.of(Opcode.FSYNC), Set.of(13), 0, SqeLayout.FIXED_FILE));
            ErrnoException again =
                    assertThrows(
                            ErrnoException.class,
                            () -> ring.control().restrict(RingRestrictions.to(Opcode.NOP)));
            assertEquals(Errno.EBUSY, again.errno());
            ring.enable();
            ring.registerFiles(file.number());
            Operation bySlot = new Operation.Sync(Target.slot(0), 0, 0, false);
            Operation byNumber = new Operation.Sync(Target.descriptor(file.number()), 0, 0, false);
            assertEquals(0, one(ring, bySlot).result());
            assertEquals(Errno.EACCES, one(ring, byNumber).errno());
        }
        try (IoUring ring = RingShape.DEFAULT.open(4)) {
            ErrnoException late =
                    assertThrows(
                            ErrnoException.class,
                            () -> ring.control().restrict(RingRestrictions.to(Opcode.NOP)));
            assertEquals(Errno.EBADFD, late.errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("eventfd")
    void anEventfdIsToldOfCompletions(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd notice = Fds.eventFd(0, Fds.O_NONBLOCK);
                OwnedFd polled = Fds.eventFd(0, 0)) {
            ring.control().registerEventFd(notice.number());
            ErrnoException second =
                    assertThrows(
                            ErrnoException.class,
                            () -> ring.control().registerEventFd(notice.number()));
            assertEquals(Errno.EBUSY, second.errno());
            Operation poll =
                    new Operation.PollAdd(
                            Target.descriptor(polled.number()), Operation.POLLIN, false);
            ring.prepare(poll, 1);
            submitAll(ring);
            assertEquals(-1, Live.count(notice));
            Live.increment(polled);
            await(ring, 1);
            Live.eventually("the notice", () -> Live.count(notice) > 0);

            ring.control().notifyEventFd(false);
            ring.prepare(poll, 2);
            await(ring, 1);
            assertEquals(-1, Live.count(notice));
            ring.control().notifyEventFd(true);
            ring.control().unregisterEventFd();
            ErrnoException none =
                    assertThrows(ErrnoException.class, () -> ring.control().unregisterEventFd());
            assertEquals(Errno.ENXIO, none.errno());
            ring.prepare(poll, 3);
            await(ring, 1);
            assertEquals(-1, Live.count(notice));
        }
    }

    @Test
    @Scenario("eventfd")
    void anAsyncEventfdIsNotToldOfWhatTheCallerKnows() throws IOException {
        try (IoUring ring = RingShape.DEFAULT.open(8);
                OwnedFd notice = Fds.eventFd(0, Fds.O_NONBLOCK)) {
            ring.control().registerEventFdAsync(notice.number());
            one(ring, new Operation.Nop());
            assertEquals(-1, Live.count(notice));
            ring.next(1).nop().async();
            await(ring, 1);
            Live.eventually("the notice", () -> Live.count(notice) > 0);
        }
    }

    /** io_uring_enter of one entry by a descriptor alone. */
    private static long rawEnter(int fd) {
        return Sys.call(Syscall.IO_URING_ENTER, fd, 1, 0, 0);
    }

    private static boolean enter(IoUring ring) throws IOException {
        ring.submit();
        return true;
    }

    private static String pollThread(IoUring ring) throws IOException {
        return Live.fdinfo(ring.descriptor()).getOrDefault("SqThread", "none");
    }
}

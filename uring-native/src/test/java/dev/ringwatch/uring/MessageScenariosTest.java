package dev.ringwatch.uring;

import static dev.ringwatch.uring.Live.await;
import static dev.ringwatch.uring.Live.one;
import static dev.ringwatch.uring.Live.submitAll;
import static dev.ringwatch.uring.Live.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: what rings send each other. */
class MessageScenariosTest {
    @ParameterizedTest
    @EnumSource
    @Scenario("msg-ring")
    void aMessageIsACompletionOfTheOtherRing(RingShape shape) throws IOException {
        try (IoUring from = shape.open(8);
                IoUring to = shape.open(8)) {
            from.prepare(new Operation.MessageRing(to.descriptor(), 0x1234, 77), 1);
            assertEquals(0, await(from, 1).getFirst().result());
            assertEquals(new Completion(0x1234, 77, 0), await(to, 1).getFirst());

            from.prepare(new Operation.MessageRing(from.descriptor(), 5, 6), 1);
            List<Completion> both = await(from, 2);
            assertEquals(6, with(both, 5).result());
            assertEquals(0, with(both, 1).result());

            try (OwnedFd counter = Fds.eventFd(0, 0)) {
                Operation wrong = new Operation.MessageRing(counter.number(), 5, 6);
                assertEquals(Errno.EBADFD, one(from, wrong).errno());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("msg-ring")
    void aMessageWakesTheOwnerThatWaits(RingShape shape) throws Exception {
        try (IoUring to = shape.open(8)) {
            int fd = to.descriptor();
            FutureTask<Completion> sender =
                    new FutureTask<>(
                            () -> {
                                try (IoUring from = RingShape.openPatiently(shape.options(8))) {
                                    return one(from, new Operation.MessageRing(fd, 3, 4));
                                }
                            });
            Thread.ofPlatform().start(sender);
            to.submitAndWait(1);
            assertEquals(new Completion(3, 4, 0), await(to, 1).getFirst());
            assertEquals(0, sender.get().result());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("msg-ring")
    void anyThreadPostsWithoutARing(RingShape shape) throws Exception {
        try (IoUring to = shape.open(8)) {
            int fd = to.descriptor();
            FutureTask<Boolean> poster =
                    new FutureTask<>(
                            () -> {
                                RingControl.post(fd, 3, 4);
                                return true;
                            });
            Thread.ofVirtual().start(poster);
            try {
                assertTrue(poster.get());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof ErrnoException errno && errno.errno() == Errno.EINVAL) {
                    throw Live.skip("no message without a ring: " + errno.getMessage());
                }
                throw e;
            }
            assertEquals(new Completion(3, 4, 0), await(to, 1).getFirst());
        }
        try (OwnedFd counter = Fds.eventFd(0, 0)) {
            ErrnoException wrong =
                    assertThrows(
                            ErrnoException.class, () -> RingControl.post(counter.number(), 1, 1));
            assertEquals(Errno.EBADFD, wrong.errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("msg-ring")
    void aDisabledRingTakesNoMessages(RingShape shape) throws IOException {
        try (IoUring from = shape.open(8);
                IoUring to = shape.open(shape.options(8).with(SetupFlag.R_DISABLED))) {
            Operation message = new Operation.MessageRing(to.descriptor(), 1, 2);
            assertEquals(Errno.EBADFD, one(from, message).errno());
            to.enable();
            assertEquals(0, one(from, message).result());
            assertEquals(new Completion(1, 2, 0), await(to, 1).getFirst());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("msg-ring-flags")
    void aMessageCarriesFlagsIfAsked(RingShape shape) throws IOException {
        try (IoUring from = shape.open(8);
                IoUring to = shape.open(8)) {
            int flags = Completion.F_MORE | 0x50000;
            from.next(1).messageRing(to.descriptor(), 3, 4, flags);
            assertEquals(0, await(from, 1).getFirst().result());
            assertEquals(new Completion(3, 4, flags), await(to, 1).getFirst());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("msg-ring-overflow")
    void messagesWithoutRoomWaitInTheirOrder(RingShape shape) throws IOException {
        int all = 32;
        try (IoUring from = shape.open(8);
                IoUring to = shape.open(shape.options(4).withCompletions(8))) {
            for (int i = 0; i < all; i++) {
                assertEquals(
                        0, one(from, new Operation.MessageRing(to.descriptor(), i, i)).result());
            }
            to.submitAndWait(0);
            List<Completion> done = await(to, all);
            for (int i = 0; i < all; i++) {
                assertEquals(new Completion(i, i, 0), done.get(i));
            }
            assertEquals(0, to.lostCompletions());
            assertTrue(to.overflows() >= 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario({"fd-pass", "msg-ring-fd"})
    void aFilePassesFromSlotToSlot(RingShape shape) throws IOException {
        try (IoUring from = shape.open(8);
                IoUring to = shape.open(8)) {
            FileTable source = from.registerEmptyFiles(4);
            try (OwnedFd file = Live.fileWith("passed")) {
                source.update(2, file.number());
            }
            int fd = to.descriptor();
            Operation early = new Operation.MessageFile(fd, 2, 1, 9);
            assertEquals(Errno.ENXIO, one(from, early).errno(), "the other ring has no table");
            to.registerEmptyFiles(4);

            assertEquals(0, one(from, new Operation.MessageFile(fd, 2, 1, 9)).result());
            assertEquals(new Completion(9, 0, 0), await(to, 1).getFirst());
            assertEquals("passed", readSlot(to, 1));
            assertEquals("passed", readSlot(from, 2), "the sender has it still");

            Operation any = new Operation.MessageFile(fd, 2, SubmissionEntry.ANY_SLOT, 9);
            int slot = one(from, any).result();
            assertNotEquals(1, slot);
            assertEquals(new Completion(9, slot, 0), await(to, 1).getFirst());
            assertEquals("passed", readSlot(to, slot));

            assertEquals(Errno.EBADF, one(from, new Operation.MessageFile(fd, 3, 1, 9)).errno());
            Operation outside = new Operation.MessageFile(fd, 2, 4, 9);
            assertEquals(Errno.EINVAL, one(from, outside).errno());

            from.next(1).messageFile(fd, 2, 3, 9).quietly();
            assertEquals(0, await(from, 1).getFirst().result());
            assertEquals("passed", readSlot(to, 3));
            assertTrue(Live.quiet(to));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("fd-pass")
    void aRingMayNotPassToItself(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Live.fileWith("x")) {
            FileTable table = ring.registerEmptyFiles(2);
            table.update(0, file.number());
            Operation self = new Operation.MessageFile(ring.descriptor(), 0, 1, 9);
            assertEquals(Errno.EINVAL, one(ring, self).errno());
            submitAll(ring);
        }
    }

    private static String readSlot(IoUring ring, int slot) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment into = arena.allocate(16);
            Completion done = one(ring, new Operation.Read(Target.slot(slot), into, 0));
            return Live.text(into, done.result());
        }
    }
}

package dev.ringwatch.uring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** Live: slots, who fills and empties them, and when they are free. */
class FileTableTest {
    private static final Completion.Visitor NO_OTHERS =
            (userData, result, flags) -> {
                throw new AssertionError("not ours: " + userData);
            };

    private final Arena arena = Arena.ofShared();
    private final MemorySegment room = arena.allocate(64, 8);

    @AfterEach
    void free() {
        arena.close();
    }

    @ParameterizedTest
    @EnumSource
    @Scenario({"file-register", "file-update"})
    void tablesOfAllKindsAreRegisteredOneAfterTheOther(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("one")) {
            for (int slots = 1; slots <= 4096; slots *= 16) {
                FileTable sparse = ring.registerEmptyFiles(slots);
                assertEquals(0, sparse.size());
                sparse.update(slots - 1, file.number());
                assertEquals("one", read(ring, slots - 1));
                sparse.unregister();
            }
            FileTable table = ring.registerFiles(FileTable.EMPTY, file.number(), FileTable.EMPTY);
            assertEquals(SlotState.FREE, table.state(0));
            assertEquals(SlotState.USED, table.state(1));
            assertEquals("one", read(ring, 1));
            assertEquals(0, table.add(file.number()));
            assertEquals(2, table.add(file.number()));
            table.unregister();
            ErrnoException refused =
                    assertThrows(ErrnoException.class, () -> ring.registerFiles(1_000_000));
            assertEquals(Errno.EBADF, refused.errno());
            refused =
                    assertThrows(
                            ErrnoException.class, () -> ring.registerEmptyFiles((1 << 20) + 1));
            assertEquals(Errno.EMFILE, refused.errno());
            assertThrows(IllegalArgumentException.class, () -> ring.registerEmptyFiles(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("rsrc_tags")
    void aSlotIsFreeOnlyWhenItsLastOperationEnded(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            FileTable table = ring.registerEmptyFiles(1);
            table.add(counter.number());
            ring.next(1).poll(0, Operation.POLLIN).fixedFile();
            submitAll(ring);
            table.clear(0);
            assertEquals(SlotState.DRAINING, table.state(0));
            assertEquals(1, table.draining());
            assertEquals(0, table.size());
            IllegalStateException full =
                    assertThrows(IllegalStateException.class, () -> table.add(counter.number()));
            assertTrue(full.toString().contains("1 are drained"), full.toString());
            assertEquals(List.of(), Completed.ready(ring));
            assertEquals(SlotState.DRAINING, table.state(0));

            ring.next(2).cancel(1);
            Completed.await(ring, 2);
            awaitFree(ring, table, 0);
            assertEquals(0, table.add(counter.number()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void completionsOfSlotsAreNotShownNorWaitedForNorCounted(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("one")) {
            FileTable table = ring.registerEmptyFiles(4);
            for (int i = 0; i < 4; i++) {
                table.add(file.number());
            }
            table.update(0, -1, -1, -1, -1);
            ring.submitAndWait(1, TimeUnit.MILLISECONDS.toNanos(5));
            assertEquals(0, ring.ready(), "only completions of slots came");
            assertEquals(0, ring.inFlight());
            ring.next(7).nop();
            ring.submitAndWait(1);
            assertEquals(1, ring.ready());
            List<Completion> done = new ArrayList<>();
            assertEquals(1, ring.drain(9, (u, r, f) -> done.add(new Completion(u, r, f))));
            assertEquals(7, done.getFirst().userData());
            assertEquals(0, ring.inFlight());
            for (int i = 0; i < 4; i++) {
                assertEquals(SlotState.FREE, table.state(i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void noKindOfWaitEndsForASlot(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("one");
                OwnedFd counter = Fds.eventFd(0, 0)) {
            long millis = TimeUnit.MILLISECONDS.toNanos(1);
            FileTable table = ring.registerFiles(file.number(), file.number());
            ring.next(1).poll(counter.number(), Operation.POLLIN);
            submitAll(ring);
            table.clear(0);
            if (ring.has(Feature.MIN_TIMEOUT)) {
                long start = System.nanoTime();
                ring.submitAndGather(2, millis, 20 * millis);
                assertTrue(System.nanoTime() - start >= 20 * millis, "it waited for the poll");
            }
            table.clear(1);
            long deadline = System.nanoTime() + 5 * millis;
            try {
                ring.submitAndWaitUntil(1, deadline);
                assertTrue(System.nanoTime() >= deadline, "it waited for the poll");
            } catch (ErrnoException e) {
                assertEquals(Errno.EINVAL, e.errno());
                System.out.println("SKIPPED: waits until a point of time: " + e.getMessage());
            }
            assertEquals(0, ring.ready());
            increment(counter);
            assertEquals(1, Completed.one(ring).userData());
            awaitFree(ring, table, 0);
            awaitFree(ring, table, 1);
        }
    }

    @Test
    void aResizedRingKeepsWhatItKnowsOfSlots() throws IOException {
        RingShape shape = RingShape.DEFER;
        try (IoUring ring = shape.open(shape.options(8).with(SetupFlag.NO_SQARRAY));
                OwnedFd counter = Fds.eventFd(0, 0)) {
            FileTable table = ring.registerFiles(counter.number(), counter.number());
            ring.next(1).poll(0, Operation.POLLIN).fixedFile();
            submitAll(ring);
            table.update(0, FileTable.EMPTY, FileTable.EMPTY);
            try {
                ring.resize(16, 32);
            } catch (ErrnoException e) {
                assertEquals(Errno.EINVAL, e.errno());
                String text = "SKIPPED: the kernel resizes no ring: " + e.getMessage();
                System.out.println(text);
                throw new TestAbortedException(text);
            }
            awaitFree(ring, table, 1);
            assertEquals(SlotState.DRAINING, table.state(0));
            increment(counter);
            assertEquals(1, Completed.one(ring).userData());
            awaitFree(ring, table, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void moreSlotsThanCompletionsAreEmptied(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(shape.options(2).withCompletions(4));
                OwnedFd file = fileWith("one")) {
            FileTable table = ring.registerEmptyFiles(64);
            int[] files = new int[64];
            Arrays.fill(files, file.number());
            table.update(0, files);
            Arrays.fill(files, FileTable.EMPTY);
            table.update(0, files);
            for (int turn = 0; turn < 64 && table.draining() > 0; turn++) {
                assertEquals(List.of(), Completed.ready(ring));
            }
            assertEquals(0, table.draining());
            ring.next(1).nop();
            assertEquals(1, Completed.one(ring).userData());
            assertEquals(0, ring.lostCompletions());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("ooo-file-unreg")
    void slotsDrainEachInItsTime(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd first = Fds.eventFd(0, 0);
                OwnedFd second = Fds.eventFd(0, 0)) {
            FileTable table = ring.registerFiles(first.number(), second.number());
            ring.next(0).poll(0, Operation.POLLIN).fixedFile();
            ring.next(1).poll(1, Operation.POLLIN).fixedFile();
            submitAll(ring);
            table.update(0, FileTable.EMPTY, FileTable.EMPTY);
            assertEquals(2, table.draining());
            ring.next(9).cancel(1);
            Completed.await(ring, 2);
            assertEquals(List.of(), Completed.ready(ring));
            assertEquals(SlotState.DRAINING, table.state(0), "its poll still waits");
            increment(first);
            assertEquals(0, Completed.one(ring).userData());
            awaitFree(ring, table, 0);
            awaitFree(ring, table, 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("fixed-reuse")
    void anOperationKeepsTheFileItBeganWith(RingShape shape) throws IOException {
        List<OwnedFd> pipe = Fds.pipe(0);
        try (IoUring ring = shape.open(8);
                OwnedFd out = pipe.get(0);
                OwnedFd in = pipe.get(1);
                OwnedFd file = fileWith("new")) {
            FileTable table = ring.registerFiles(out.number());
            MemorySegment old = arena.allocate(8);
            ring.next(1).read(0, old.address(), 8, -1).fixedFile();
            submitAll(ring);
            table.update(0, file.number());
            assertEquals(SlotState.USED, table.state(0));
            assertEquals("new", read(ring, 0));
            Fds.write(in.number(), MemorySegment.ofArray("old".getBytes(UTF_8)));
            assertEquals(3, Completed.one(ring).result());
            assertEquals("old", old.getString(0));
            Completed.ready(ring);
            assertEquals(SlotState.USED, table.state(0), "the old file's end is not the slot's");
            table.clear(0);
            awaitFree(ring, table, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOldTablesEndDoesNotDisturbTheNewOne(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            FileTable old = ring.registerFiles(counter.number());
            ring.next(1).poll(0, Operation.POLLIN).fixedFile();
            submitAll(ring);
            old.unregister();
            FileTable table = ring.registerFiles(counter.number());
            table.clear(0);
            increment(counter);
            assertEquals(1, Completed.one(ring).userData());
            awaitFree(ring, table, 0);
            assertEquals(0, table.draining());
            table.add(counter.number());
            assertEquals(SlotState.USED, table.state(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("open-direct-pick")
    void theKernelPicksASlotForAnOpenFile(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("x")) {
            FileTable table = ring.registerEmptyFiles(3);
            table.update(1, file.number());
            // Not always the lowest: the kernel goes on behind the last one filled.
            int one = table.claimed(openAnywhere(ring));
            int two = table.claimed(openAnywhere(ring));
            assertEquals(Set.of(0, 2), Set.of(one, two));
            assertEquals(-Errno.ENFILE.code(), openAnywhere(ring));
            assertEquals(3, table.size());
            assertTrue(readResult(ring, 2) > 0);

            ring.next(3).closeSlot(0);
            assertEquals(0, Completed.one(ring).result());
            table.closed(0);
            assertEquals(SlotState.FREE, table.state(0));
            assertThrows(IllegalStateException.class, () -> table.closed(0));
            assertEquals(-Errno.EBADF.code(), readResult(ring, 0));
            assertEquals(0, table.claimed(openAnywhere(ring)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMissedCloseShowsWhenTheSlotComesAgain(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            FileTable table = ring.registerEmptyFiles(1);
            table.claimed(openAnywhere(ring));
            ring.next(3).closeSlot(0);
            Completed.one(ring);
            int slot = openAnywhere(ring);
            IllegalStateException missed =
                    assertThrows(IllegalStateException.class, () -> table.claimed(slot));
            assertTrue(missed.toString().contains("closed()"), missed.toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileIsOpenedIntoAReservedSlot(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("x")) {
            FileTable table = ring.registerEmptyFiles(4);
            int slot = table.reserve();
            assertEquals(0, slot);
            assertEquals(SlotState.RESERVED, table.state(slot));
            assertEquals(1, table.add(file.number()), "the reserved one is left out");
            MemorySegment path = arena.allocateFrom("/proc/self/stat");
            ring.next(1).open(-1, path.address(), Fds.O_RDONLY, 0).intoSlot(slot);
            assertEquals(0, Completed.one(ring).result());
            table.claimed(slot);
            assertTrue(readResult(ring, slot) > 0);

            int other = table.reserve();
            assertEquals(2, other);
            MemorySegment nowhere = arena.allocateFrom("/nowhere/at/all");
            ring.next(1).open(-1, nowhere.address(), Fds.O_RDONLY, 0).intoSlot(other);
            assertEquals(Errno.ENOENT, Completed.one(ring).errno());
            table.unreserve(other);
            assertThrows(IllegalStateException.class, () -> table.unreserve(other));
            assertEquals(SlotState.FREE, table.state(other));
            assertEquals(other, table.reserve());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("file-alloc-range-hint")
    void theKernelPicksInsideTheRange(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("x")) {
            FileTable table = ring.registerEmptyFiles(8);
            table.allocationRange(4, 3);
            assertEquals(4, table.claimed(openAnywhere(ring)));
            assertEquals(5, table.claimed(openAnywhere(ring)));
            assertEquals(6, table.claimed(openAnywhere(ring)));
            assertEquals(-Errno.ENFILE.code(), openAnywhere(ring));
            // A slot outside that is emptied must not become the kernel's next choice.
            table.update(0, file.number());
            table.clear(0);
            assertEquals(-Errno.ENFILE.code(), openAnywhere(ring));
            table.clear(5);
            assertEquals(SlotState.FREE, table.state(5), "what operations open has no tag");
            assertEquals(5, table.claimed(openAnywhere(ring)));
            table.allocationRange(1, 1);
            assertEquals(1, table.claimed(openAnywhere(ring)));
            table.allocationRange(2, 0);
            assertEquals(-Errno.ENFILE.code(), openAnywhere(ring));
            assertThrows(IndexOutOfBoundsException.class, () -> table.allocationRange(7, 2));
            assertThrows(IndexOutOfBoundsException.class, () -> table.allocationRange(-1, 2));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theKernelMayFillASlotThatDrains(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            FileTable table = ring.registerFiles(counter.number());
            ring.next(1).poll(0, Operation.POLLIN).fixedFile();
            submitAll(ring);
            table.clear(0);
            assertEquals(0, table.claimed(openAnywhere(ring)));
            assertEquals(SlotState.USED, table.state(0));
            assertEquals(0, table.draining());
            increment(counter);
            assertEquals(1, Completed.one(ring).userData());
            Completed.ready(ring);
            assertEquals(SlotState.USED, table.state(0));
            assertTrue(readResult(ring, 0) > 0);
            table.clear(0);
            assertEquals(SlotState.FREE, table.state(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTaggedSlotThatAnOperationClosesIsNoticed(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("x")) {
            FileTable table = ring.registerFiles(file.number());
            ring.next(3).closeSlot(0);
            assertEquals(0, Completed.one(ring).result());
            awaitFree(ring, table, 0);
            assertEquals(0, table.add(file.number()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectionsAreAcceptedIntoSlots(RingShape shape) throws IOException {
        UnixAddress address = new UnixAddress.Abstract("ringwatch-slots-" + shape);
        List<OwnedFd> clients = new ArrayList<>();
        try (IoUring ring = shape.open(8);
                OwnedFd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
            Sockets.bind(listener.number(), address);
            Sockets.listen(listener.number(), 8);
            FileTable table = ring.registerEmptyFiles(4);
            ring.next(1).acceptMultishot(listener.number(), 0).intoSlot(SubmissionEntry.ANY_SLOT);
            ring.submit();
            Set<Integer> slots = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                OwnedFd client = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
                clients.add(client);
                Sockets.connect(client.number(), address);
                Completion accepted = Completed.one(ring);
                assertFalse(accepted.last());
                assertTrue(slots.add(table.claimed(accepted.result())));
                Fds.write(client.number(), MemorySegment.ofArray(new byte[] {(byte) ('0' + i), 0}));
                assertEquals(String.valueOf(i), read(ring, accepted.result()));
            }
            assertEquals(Set.of(0, 1, 2, 3), slots);
            OwnedFd tooMany = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
            clients.add(tooMany);
            Sockets.connect(tooMany.number(), address);
            Completion refused = Completed.one(ring);
            assertEquals(Errno.ENFILE, refused.errno());
            assertTrue(refused.last());
        } finally {
            OwnedFd.closeAll(clients);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("fd-install")
    void aSocketIsMadeInASlotInstalledAndSent(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1)) {
            FileTable table = ring.registerEmptyFiles(2);
            ring.next(1)
                    .socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0)
                    .intoSlot(SubmissionEntry.ANY_SLOT);
            int slot = table.claimed(Completed.one(ring).result());
            ring.next(2).installSlot(slot);
            OwnedFd installed = OwnedFd.own(Completed.one(ring).result());
            table.unregister();
            assertEquals(
                    Sockets.SOCK_DGRAM,
                    Sockets.option(installed.number(), Sockets.SOL_SOCKET, Sockets.SO_TYPE));
            ScmRights.send(left.number(), MemorySegment.ofArray(new byte[1]), installed.number());
            installed.close();
            try (ScmRights.Received received =
                    ScmRights.receive(right.number(), MemorySegment.ofArray(new byte[1]))) {
                int got = received.descriptors().getFirst().number();
                FileTable next = ring.registerFiles(got);
                assertEquals(SlotState.USED, next.state(0));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("fd-install")
    void anEmptySlotIsNotInstalled(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("x")) {
            FileTable table = ring.registerFiles(file.number(), FileTable.EMPTY);
            ring.next(2).installSlot(1);
            assertEquals(Errno.EBADF, Completed.one(ring).errno());
            ring.next(2).installSlot(9);
            assertEquals(Errno.EBADF, Completed.one(ring).errno());
            assertEquals(1, table.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTableIsReplacedByALargerOneAndKeepsItsFiles(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(2);
                OwnedFd one = fileWith("one");
                OwnedFd two = fileWith("two")) {
            FileTable table = ring.registerFiles(one.number(), -1, two.number(), one.number());
            table.claimed(openAnywhere(ring));
            assertThrows(IllegalStateException.class, () -> table.add(one.number()));
            table.replaceBy(9, NO_OTHERS);
            assertEquals(9, table.capacity());
            assertEquals(4, table.size());
            assertEquals("one", read(ring, 0));
            assertTrue(readResult(ring, 1) > 0);
            assertEquals("two", read(ring, 2));
            assertEquals("one", read(ring, 3));
            assertEquals(4, table.add(two.number()));
            assertEquals("two", read(ring, 4));
            table.clear(4);
            awaitFree(ring, table, 4);
            table.replaceBy(4, NO_OTHERS);
            assertEquals(4, table.capacity());
            assertEquals("one", read(ring, 3));
            assertEquals(0, ring.inFlight());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTableIsNotReplacedWhileSomethingGoesOn(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            FileTable table = ring.registerFiles(counter.number(), counter.number());
            ring.next(1).poll(0, Operation.POLLIN).fixedFile();
            IllegalStateException busy =
                    assertThrows(IllegalStateException.class, () -> table.replaceBy(4, NO_OTHERS));
            assertTrue(busy.toString().contains("1 prepared"), busy.toString());
            submitAll(ring);
            busy = assertThrows(IllegalStateException.class, () -> table.replaceBy(4, NO_OTHERS));
            assertTrue(busy.toString().contains("1 operations are in flight"), busy.toString());
            ring.next(2).cancel(1);
            Completed.await(ring, 2);
            busy = assertThrows(IllegalStateException.class, () -> table.replaceBy(1, NO_OTHERS));
            assertTrue(busy.toString().contains("slot 1 is USED"), busy.toString());
            table.replaceBy(4, NO_OTHERS);
            assertEquals(4, table.capacity());
        }
    }

    @Test
    void aRefusedReplacementLeavesTheTableAsItWas() throws IOException {
        try (IoUring ring = RingShape.DEFAULT.open(8);
                OwnedFd file = fileWith("kept")) {
            FileTable table = ring.registerFiles(-1, file.number());
            ErrnoException refused =
                    assertThrows(
                            ErrnoException.class, () -> table.replaceBy((1 << 20) + 1, NO_OTHERS));
            assertEquals(Errno.EMFILE, refused.errno());
            assertEquals(2, table.capacity());
            assertEquals("kept", read(ring, 1));
            assertEquals(0, table.add(file.number()));
        }
    }

    /** Opens a file into a slot of the kernel's choice. */
    private int openAnywhere(IoUring ring) throws IOException {
        MemorySegment path = arena.allocateFrom("/proc/self/stat");
        ring.next(2).open(-1, path.address(), Fds.O_RDONLY, 0).intoSlot(SubmissionEntry.ANY_SLOT);
        return Completed.one(ring).result();
    }

    private static void submitAll(IoUring ring) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (ring.waiting() > 0) {
            ring.submitAndWait(0);
            assertTrue(System.nanoTime() - end < 0, "the kernel takes no entries");
        }
        ring.submitAndWait(0); // the poll thread may still be at the last one
    }

    private static void awaitFree(IoUring ring, FileTable table, int slot) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (table.state(slot) != SlotState.FREE) {
            assertEquals(List.of(), Completed.ready(ring));
            assertTrue(System.nanoTime() - end < 0, "slot " + slot + " is " + table.state(slot));
            Thread.onSpinWait();
        }
    }

    private String read(IoUring ring, int slot) throws IOException {
        int bytes = readResult(ring, slot);
        assertTrue(bytes > 0, "slot " + slot + ": " + bytes);
        return room.getString(0);
    }

    private int readResult(IoUring ring, int slot) throws IOException {
        room.fill((byte) 0);
        ring.next(5).read(slot, room.address(), 32, 0).fixedFile();
        Completion done = Completed.one(ring);
        if (done.errno() == Errno.ESPIPE && done.failed()) {
            ring.next(5).read(slot, room.address(), 32, -1).fixedFile();
            done = Completed.one(ring);
        }
        return done.result();
    }

    private static OwnedFd fileWith(String text) throws IOException {
        OwnedFd file = Fds.memFd("test", 0);
        Fds.write(file.number(), MemorySegment.ofArray(text.getBytes(UTF_8)));
        return file;
    }

    private static void increment(OwnedFd counter) throws IOException {
        Fds.write(counter.number(), MemorySegment.ofArray(new byte[] {1, 0, 0, 0, 0, 0, 0, 0}));
    }
}

package dev.ringwatch.uring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.MappedMemory;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** Live: buffers the kernel chooses, over each layout of rings. */
class BufferRingTest {
    private static final int GROUP = 7;

    private OwnedFd sender;
    private OwnedFd receiver;

    @BeforeEach
    void connect() throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        sender = pair.get(0);
        receiver = pair.get(1);
    }

    @AfterEach
    void disconnect() throws IOException {
        sender.close();
        receiver.close();
    }

    @ParameterizedTest
    @EnumSource
    @Scenario({"buf-ring", "ringbuf-status"})
    void aReceiveTakesABufferAndCloseGivesItBack(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 4, 64));
            assertEquals(4, buffers.kernelHolds());
            for (int round = 0; round < 10; round++) {
                ring.next(1).receive(receiver.number(), 0, 0, 0).bufferGroup(GROUP);
                ring.submit();
                send("message " + round);
                Completion done = Completed.one(ring);
                try (Lease lease = buffers.lease(done.result(), done.flags())) {
                    assertEquals("message " + round, text(lease));
                    assertEquals(round % 4, lease.id());
                    assertEquals(0, lease.offset());
                    assertEquals(3, buffers.kernelHolds());
                    assertEquals(3, buffers.available());
                    assertEquals(1, buffers.leased());
                }
                assertEquals(4, buffers.kernelHolds());
                assertEquals(4, buffers.available());
            }
            assertEquals(14, buffers.published());
            assertEquals(10, buffers.leasedEver());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("buf-ring-stress")
    void theTailWrapsAt65536(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 32768, 1));
            ring.next(1).receiveMultishot(receiver.number(), 0, GROUP).bundle();
            int sent = 0;
            byte[] block = new byte[2048];
            while (sent < 3 * 65536) {
                for (int i = 0; i < block.length; i++) {
                    block[i] = (byte) (sent + i);
                }
                Fds.write(sender.number(), MemorySegment.ofArray(block));
                sent = receiveBytes(ring, buffers, sent, block.length);
            }
            assertEquals(32768, buffers.available());
            assertEquals(32768 + 3 * 65536, buffers.published());
        }
    }

    /** Receives so many bytes, each the low byte of its number, a buffer for each. */
    private int receiveBytes(IoUring ring, BufferRing buffers, int from, int count)
            throws IOException {
        int[] next = {from};
        Consumer<Lease> check =
                lease -> {
                    assertEquals(1, lease.length());
                    assertEquals((byte) next[0]++, lease.memory().get(ValueLayout.JAVA_BYTE, 0));
                    lease.close();
                };
        while (next[0] < from + count) {
            Completion done = Completed.one(ring);
            assertTrue(done.result() > 0, done.toString());
            assertEquals(done.result(), buffers.leaseBundle(done.result(), done.flags(), check));
            if (done.last()) {
                ring.next(1).receiveMultishot(receiver.number(), 0, GROUP).bundle();
            }
        }
        return next[0];
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("buf-ring")
    void everySizeOfRingIsRegisteredAndGivenUp(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(2)) {
            for (int entries = 1; entries <= BufferRingOptions.MAX_ENTRIES; entries *= 2) {
                BufferRing buffers =
                        ring.registerBufferRing(BufferRingOptions.of(GROUP, entries, 16));
                assertEquals(entries, buffers.available());
                buffers.close();
                buffers.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGroupIsRegisteredOnce(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(2)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 16));
            ErrnoException refused =
                    assertThrows(
                            ErrnoException.class,
                            () -> ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 16)));
            assertEquals(Errno.EEXIST, refused.errno());
            ring.registerBufferRing(BufferRingOptions.of(0xffff, 2, 16));
            buffers.close();
            ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 16));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("buf-ring-mshot")
    void withoutABufferAnOperationEndsAndSomeComeBackLater(RingShape shape) throws Exception {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 1, 8));
            ring.next(1).receiveMultishot(receiver.number(), 0, GROUP);
            ring.submit();
            send("first");
            Completion first = Completed.one(ring);
            assertFalse(first.last());
            Lease lease = buffers.lease(first.result(), first.flags());
            send("second");
            Completion starved = Completed.one(ring);
            assertEquals(Errno.ENOBUFS, starved.errno());
            assertTrue(starved.last());
            assertFalse(BufferRing.hasBuffer(starved.flags()));
            assertEquals(0, buffers.available());

            AtomicInteger woken = new AtomicInteger();
            buffers.onReturn(woken::incrementAndGet);
            assertEquals(0, woken.get());
            onThread(lease::close);
            assertEquals(1, woken.get());
            assertEquals(0, buffers.available(), "only the owner publishes");
            assertEquals(1, buffers.refill());
            assertEquals(1, buffers.available());

            ring.next(1).receiveMultishot(receiver.number(), 0, GROUP);
            Completion second = Completed.one(ring);
            try (Lease again = buffers.lease(second.result(), second.flags())) {
                assertEquals("second", text(again));
            }
            assertEquals(1, woken.get(), "the action runs once");
        }
    }

    @Test
    void whatCameBackBeforeTheActionWasSetRunsItAtOnce() throws Exception {
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 1, 8));
            Lease lease = receive(ring, buffers, "x");
            onThread(lease::close);
            AtomicInteger woken = new AtomicInteger();
            buffers.onReturn(woken::incrementAndGet);
            assertEquals(1, woken.get());
            buffers.refill();
            lease = receive(ring, buffers, "y");
            buffers.onReturn(woken::incrementAndGet);
            lease.close();
            assertEquals(2, woken.get(), "the owner's own close counts too");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedLeaseIsRefusedAndSoIsAStaleOne(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 1, 8));
            Lease lease = receive(ring, buffers, "one");
            int generation = lease.generation();
            lease.requireGeneration(generation);
            assertSame(lease.buffer(), lease.buffer());
            lease.close();
            assertThrows(IllegalStateException.class, lease::memory);
            assertThrows(IllegalStateException.class, lease::buffer);
            assertThrows(IllegalStateException.class, lease::length);
            assertThrows(IllegalStateException.class, lease::close);
            assertThrows(IllegalStateException.class, lease::lend);
            Lease next = receive(ring, buffers, "two");
            assertSame(lease, next, "the object is used again");
            IllegalStateException stale =
                    assertThrows(
                            IllegalStateException.class, () -> lease.requireGeneration(generation));
            assertTrue(stale.toString().contains("leased anew"), stale.toString());
            next.close();
        }
    }

    @Test
    void anotherThreadsSecondCloseIsRefused() throws Exception {
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
            Lease lease = receive(ring, buffers, "one");
            onThread(
                    () -> {
                        lease.close();
                        assertThrows(IllegalStateException.class, lease::close);
                        assertThrows(IllegalStateException.class, lease::memory);
                    });
            assertThrows(IllegalStateException.class, lease::close);
            assertEquals(1, buffers.refill());
            assertEquals(0, buffers.refill());
            assertEquals(2, buffers.available());
        }
    }

    @Test
    void theRestIsForTheOwner() throws Exception {
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
            Lease lease = receive(ring, buffers, "one");
            onThread(
                    () -> {
                        assertThrows(WrongThreadException.class, () -> buffers.lease(1, 1));
                        assertThrows(WrongThreadException.class, buffers::refill);
                        assertThrows(WrongThreadException.class, buffers::kernelHolds);
                        assertThrows(WrongThreadException.class, buffers::kernelHead);
                        assertThrows(WrongThreadException.class, buffers::close);
                        assertThrows(WrongThreadException.class, lease::lend);
                        assertThrows(WrongThreadException.class, () -> buffers.onReturn(() -> {}));
                        assertEquals("one", text(lease));
                    });
            lease.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCompletionIsLeasedOnce(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
            Completion done = completion(ring, "one");
            Lease lease = buffers.lease(done.result(), done.flags());
            assertThrows(
                    IllegalStateException.class, () -> buffers.lease(done.result(), done.flags()));
            lease.close();
            assertThrows(IllegalArgumentException.class, () -> buffers.lease(5, 0));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> buffers.lease(5, 2 << 16 | Completion.F_BUFFER));
        }
    }

    @ParameterizedTest
    @EnumSource
    void lentMemoryIsRefusedUntilTheLastCompletion(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
            Lease lease = receive(ring, buffers, "echo");
            MemorySegment memory = lease.lend();
            ring.next(2).send(receiver.number(), memory.address(), 4, 0);
            IllegalStateException lent = assertThrows(IllegalStateException.class, lease::memory);
            assertTrue(lent.toString().contains("last completion"), lent.toString());
            assertThrows(IllegalStateException.class, lease::buffer);
            assertThrows(IllegalStateException.class, lease::close);
            lease.lend();
            Completion sent = Completed.one(ring);
            assertFalse(lease.completed(sent.flags()), "a second operation has it");
            assertFalse(lease.completed(Completion.F_MORE), "more completions will come");
            assertTrue(lease.completed(Completion.F_NOTIF));
            assertThrows(IllegalStateException.class, () -> lease.completed(0));
            assertEquals("echo", text(lease));
            lease.close();
            MemorySegment echoed = MemorySegment.ofArray(new byte[4]);
            assertEquals(4, Fds.read(sender.number(), echoed));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anErrorCompletionCanCarryABuffer(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd directory = Fds.open("/", Fds.O_DIRECTORY, 0)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
            ring.next(1).read(directory.number(), 0, 8, 0).bufferGroup(GROUP);
            Completion failed = Completed.one(ring);
            assertEquals(Errno.EISDIR, failed.errno());
            assertTrue(BufferRing.hasBuffer(failed.flags()), failed.toString());
            assertEquals(1, buffers.available());
            assertThrows(IllegalStateException.class, buffers::close);
            try (Lease lease = buffers.lease(failed.result(), failed.flags())) {
                assertEquals(0, lease.length());
            }
            assertEquals(2, buffers.available());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledOperationsBufferIsNotLost(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
            // A worker takes its buffer before it tries, and keeps it while it waits.
            ring.next(1).receive(receiver.number(), 0, 0, 0).bufferGroup(GROUP).async();
            ring.submit();
            Completion cancelled = cancelUntilItEnds(ring, 1);
            assertTrue(cancelled.failed(), cancelled.toString());
            if (BufferRing.hasBuffer(cancelled.flags())) {
                buffers.lease(cancelled.result(), cancelled.flags()).close();
            }
            assertEquals(2, buffers.kernelHolds());
            assertEquals(2, buffers.available());
        }
    }

    /** A worker that is about to try escapes a cancellation (EALREADY); the next finds it. */
    private static Completion cancelUntilItEnds(IoUring ring, long userData) throws IOException {
        List<Completion> done = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (done.stream().noneMatch(each -> each.userData() == userData)) {
            assertTrue(System.nanoTime() < end, "still not cancelled: " + done);
            ring.next(userData + 1).cancel(userData);
            ring.submitAndWait(1, TimeUnit.MILLISECONDS.toNanos(20));
            ring.drain(8, (u, r, f) -> done.add(new Completion(u, r, f)));
        }
        return Completed.with(done, userData);
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfAFileComesWithABufferOfNoBytes(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Fds.memFd("empty", 0)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
            ring.next(1).read(file.number(), 0, 8, 0).bufferGroup(GROUP);
            Completion end = Completed.one(ring);
            assertEquals(0, end.result());
            assertTrue(BufferRing.hasBuffer(end.flags()));
            assertEquals(1, buffers.available());
            try (Lease lease = buffers.lease(end.result(), end.flags())) {
                assertEquals(0, lease.memory().byteSize());
            }
            assertEquals(2, buffers.available());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("recvsend_bundle")
    void aBundleCoversBuffersInTheOrderPublished(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 4, 4));
            shuffle(ring, buffers);
            send("abcdefghijkl");
            ring.next(1).receive(receiver.number(), 0, 0, 0).bufferGroup(GROUP).bundle();
            Completion done = Completed.one(ring);
            assertEquals(12, done.result());
            List<Lease> leases = new ArrayList<>();
            assertEquals(3, buffers.leaseBundle(done.result(), done.flags(), leases::add));
            assertEquals(List.of(2, 0, 3), leases.stream().map(Lease::id).toList());
            assertEquals(
                    List.of("abcd", "efgh", "ijkl"),
                    leases.stream().map(BufferRingTest::text).toList());
            assertEquals(1, buffers.available());
            leases.forEach(Lease::close);
            assertEquals(4, buffers.available());
        }
    }

    /** Leaves the buffers published in the order 2, 0, 3, 1. */
    private void shuffle(IoUring ring, BufferRing buffers) throws IOException {
        Lease[] leases = new Lease[4];
        for (int i = 0; i < 4; i++) {
            leases[i] = receive(ring, buffers, "x");
            assertEquals(i, leases[i].id());
        }
        for (int id : new int[] {2, 0, 3, 1}) {
            leases[id].close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBundleIsTakenApartWhileItsBuffersGoBack(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 4, 4));
            send("abcdefghij");
            StringBuilder got = new StringBuilder();
            while (got.length() < 10) { // the kernel may leave the end to another completion
                ring.next(1).receive(receiver.number(), 0, 0, 0).bufferGroup(GROUP).bundle();
                Completion done = Completed.one(ring);
                int count =
                        buffers.leaseBundle(
                                done.result(),
                                done.flags(),
                                lease -> {
                                    got.append(text(lease));
                                    lease.close(); // publishes
                                });
                assertEquals((done.result() + 3) / 4, count);
            }
            assertEquals("abcdefghij", got.toString());
            assertEquals(4, buffers.available());
        }
    }

    @ParameterizedTest
    @EnumSource
    void anIncrementalBufferStaysTheKernelsWhileMoreComes(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers =
                    registerOrSkip(ring, BufferRingOptions.of(GROUP, 2, 8).incremental());
            ring.next(1).receiveMultishot(receiver.number(), 0, GROUP);
            ring.submit();
            Lease abc = next(ring, buffers, "abc");
            Lease de = next(ring, buffers, "de");
            assertEquals(0, abc.id());
            assertEquals(0, de.id());
            assertNotSame(abc, de);
            assertEquals(3, de.offset());
            assertEquals(2, buffers.kernelHolds());
            abc.close();
            assertEquals("de", text(de), "the kernel does not begin the buffer anew");
            Lease fgh = next(ring, buffers, "fgh");
            assertEquals(1, buffers.kernelHolds());
            fgh.close();
            assertEquals(1, buffers.available(), "a part is still leased");
            de.close();
            assertEquals(2, buffers.available());
            try (Lease other = next(ring, buffers, "other")) {
                assertEquals(1, other.id());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("recv-inc-ooo")
    void incrementalBundlesKeepTheOrderAcrossBuffers(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers =
                    registerOrSkip(ring, BufferRingOptions.of(GROUP, 4, 1024).incremental());
            ring.next(1).receiveMultishot(receiver.number(), 0, GROUP).bundle();
            ring.submit();
            StringBuilder sent = new StringBuilder();
            StringBuilder got = new StringBuilder();
            for (int round = 0; round < 40; round++) {
                int size = new int[] {512, 333, 777, 426}[round % 4];
                String chunk = String.valueOf((char) ('A' + round % 26)).repeat(size - 1) + ".";
                send(chunk);
                sent.append(chunk);
                while (got.length() < sent.length()) {
                    Completion done = Completed.one(ring);
                    assertTrue(done.result() > 0, done.toString());
                    buffers.leaseBundle(
                            done.result(),
                            done.flags(),
                            lease -> {
                                got.append(text(lease));
                                lease.close();
                            });
                    if (done.last()) {
                        ring.next(1).receiveMultishot(receiver.number(), 0, GROUP).bundle();
                    }
                }
            }
            assertEquals(sent.toString(), got.toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("recvmsg-inc-tail")
    void aTailTooSmallForAMessageHeaderIsGivenUp(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            BufferRing buffers =
                    registerOrSkip(ring, BufferRingOptions.of(GROUP, 4, 100).incremental(16));
            MemorySegment header = arena.allocate(Msghdr.SIZE, 8);
            ring.next(1).receiveMessageMultishot(receiver.number(), header.address(), 0, GROUP);
            ring.submit();
            int outHeader = 16;
            // 30 bytes with their header leave 54, then 8, in which no header fits.
            int[] ids = {0, 0, 1, 1, 2};
            for (int i = 0; i < ids.length; i++) {
                String text = ("message " + i).repeat(4).substring(0, 30);
                send(text);
                Completion done = Completed.one(ring);
                assertEquals(outHeader + 30, done.result());
                try (Lease lease = buffers.lease(done.result(), done.flags())) {
                    assertEquals(ids[i], lease.id());
                    assertEquals(text, text(lease).substring(outHeader));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("read-mshot")
    void multishotReadsTakeABufferEach(RingShape shape) throws IOException {
        List<OwnedFd> pipe = Fds.pipe(0);
        try (IoUring ring = shape.open(8);
                OwnedFd out = pipe.get(0)) {
            OwnedFd in = pipe.get(1);
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 4, 16));
            ring.next(1).readMultishot(out.number(), 0, GROUP);
            ring.submit();
            for (int i = 0; i < 9; i++) {
                Fds.write(in.number(), MemorySegment.ofArray(("read " + i).getBytes(UTF_8)));
                Completion done = Completed.one(ring);
                assertFalse(done.last());
                try (Lease lease = buffers.lease(done.result(), done.flags())) {
                    assertEquals("read " + i, text(lease));
                }
            }
            in.close();
            Completion end = Completed.one(ring);
            assertEquals(0, end.result());
            assertTrue(end.last());
            if (BufferRing.hasBuffer(end.flags())) {
                buffers.lease(end.result(), end.flags()).close();
            }
            assertEquals(4, buffers.available());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("recvsend_bundle")
    void aBundleIsSentFromPublishedBuffers(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers =
                    ring.registerBufferRing(BufferRingOptions.of(GROUP, 4, 8).forSending());
            assertEquals(0, buffers.kernelHolds());
            assertEquals(0, buffers.available());
            StringBuilder sent = new StringBuilder();
            StringBuilder confirmed = new StringBuilder();
            for (int round = 0; round < 10; round++) {
                for (String text : List.of("ab" + round, "cdefg", "hi")) {
                    publish(buffers, text);
                    sent.append(text);
                }
                assertEquals(3, buffers.available());
                while (buffers.kernelHolds() > 0) {
                    ring.next(1).send(receiver.number(), 0, 0, 0).bufferGroup(GROUP).bundle();
                    Completion done = Completed.one(ring);
                    assertTrue(done.result() > 0, done.toString());
                    buffers.leaseBundle(
                            done.result(),
                            done.flags(),
                            lease -> {
                                confirmed.append(text(lease));
                                lease.close();
                            });
                }
            }
            assertEquals(sent.toString(), confirmed.toString());
            MemorySegment got = MemorySegment.ofArray(new byte[sent.length() + 1]);
            assertEquals(sent.length(), Fds.read(sender.number(), got));
            assertEquals(sent.toString(), got.getString(0));
        }
    }

    private static void publish(BufferRing buffers, String text) {
        Lease lease = buffers.vacant();
        assertEquals(8, lease.length());
        MemorySegment.copy(
                MemorySegment.ofArray(text.getBytes(UTF_8)), 0, lease.buffer(), 0, text.length());
        lease.publish(text.length());
    }

    @Test
    void whatIsNotVacantIsNotPublished() throws IOException {
        try (IoUring ring = RingShape.DEFAULT.open(8)) {
            BufferRing receiving = ring.registerBufferRing(BufferRingOptions.of(1, 1, 8));
            assertFalse(receiving.hasVacant());
            assertThrows(IllegalStateException.class, receiving::vacant);
            BufferRing sending =
                    ring.registerBufferRing(BufferRingOptions.of(2, 1, 8).forSending());
            Lease lease = sending.vacant();
            assertFalse(sending.hasVacant());
            assertThrows(IllegalArgumentException.class, () -> lease.publish(9));
            assertThrows(IllegalArgumentException.class, () -> lease.publish(0));
            lease.close();
            assertTrue(sending.hasVacant());
            assertEquals(0, sending.available());
            sending.vacant().publish(8);
            assertEquals(1, sending.available());
            assertThrows(IllegalStateException.class, () -> lease.publish(8));
            sending.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDatagramLargerThanTheBufferIsCut(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_DGRAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 4));
            Sockets.send(left.number(), MemorySegment.ofArray("datagram".getBytes(UTF_8)), 0);
            ring.next(1).receive(right.number(), 0, 0, Sockets.MSG_TRUNC).bufferGroup(GROUP);
            Completion done = Completed.one(ring);
            assertEquals(8, done.result(), "MSG_TRUNC gives the true size");
            try (Lease lease = buffers.lease(done.result(), done.flags())) {
                assertEquals("data", text(lease));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGroupInUseIsNotClosed(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
            Completion done = completion(ring, "one");
            IllegalStateException early = assertThrows(IllegalStateException.class, buffers::close);
            assertTrue(early.toString().contains("not leased"), early.toString());
            Lease lease = buffers.lease(done.result(), done.flags());
            early = assertThrows(IllegalStateException.class, buffers::close);
            assertTrue(early.toString().contains("1 leases"), early.toString());
            lease.close();
            ring.next(1).receive(receiver.number(), 0, 0, 0).bufferGroup(GROUP);
            ring.submit();
            buffers.close();
            assertThrows(IllegalStateException.class, buffers::available);
            send("two");
            assertEquals(Errno.ENOBUFS, Completed.one(ring).errno(), "the group is gone");
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterTheRingsEndALeaseIsOutOfReach(RingShape shape) throws IOException {
        IoUring ring = shape.open(8);
        BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 2, 8));
        Lease lease = receive(ring, buffers, "one");
        MemorySegment memory = lease.memory();
        ring.next(1).receiveMultishot(receiver.number(), 0, GROUP);
        ring.submit();
        ring.close();
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
        assertThrows(IllegalStateException.class, buffers::available);
        lease.close();
        buffers.close();
    }

    @Test
    @Scenario("buf-ring-put")
    void theKernelsOwnEntriesOutliveTheirGroupAndHoldTheRing() throws IOException {
        List<OwnedFd> pipe = Fds.pipe(Fds.O_NONBLOCK);
        IoUring ring = RingShape.DEFAULT.open(2);
        try (OwnedFd writer = pipe.get(1)) {
            try (OwnedFd reader = pipe.get(0)) {
                ring.registerFiles(reader.number());
            }
            List<MappedMemory> mapped = new ArrayList<>();
            for (int group = 60; group < 70; group++) {
                mapped.add(mapKernelsEntries(ring, group, 512));
            }
            for (MappedMemory entries : mapped) {
                entries.segment().fill((byte) 0x5a);
            }
            ring.close();
            MemorySegment one = MemorySegment.ofArray(new byte[1]);
            assertEquals(1, Fds.write(writer.number(), one), "the mappings hold the ring");
            mapped.forEach(MappedMemory::close);
            awaitGone(writer);
        }
    }

    /** Registers entries that the kernel allocates, maps them, and gives the group up. */
    private static MappedMemory mapKernelsEntries(IoUring ring, int group, int entries)
            throws IOException {
        int register = 22;
        int unregister = 23;
        short kernelAllocates = 1;
        long entriesOffset = 0x80000000L;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(40, 8);
            request.set(ValueLayout.JAVA_INT, 8, entries);
            request.set(ValueLayout.JAVA_SHORT, 12, (short) group);
            request.set(ValueLayout.JAVA_SHORT, 14, kernelAllocates);
            ring.register(register, request, 1, "group " + group);
            MappedMemory mapped =
                    MappedMemory.map(
                            16L * entries,
                            MappedMemory.PROT_READ | MappedMemory.PROT_WRITE,
                            MappedMemory.MAP_SHARED,
                            ring.descriptor(),
                            entriesOffset | (long) group << 16);
            request.set(ValueLayout.JAVA_SHORT, 14, (short) 0);
            ring.register(unregister, request, 1, "group " + group);
            return mapped;
        }
    }

    private static void awaitGone(OwnedFd writer) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try {
                Fds.write(writer.number(), MemorySegment.ofArray(new byte[1]));
            } catch (ErrnoException e) {
                assertTrue(e.errno() == Errno.EPIPE || e.errno() == Errno.EAGAIN, e.toString());
                if (e.errno() == Errno.EPIPE) {
                    return;
                }
            }
            assertTrue(System.nanoTime() - end < 0, "the ring is still held");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void manySocketsShareAGroup(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(64)) {
            BufferRing buffers = ring.registerBufferRing(BufferRingOptions.of(GROUP, 8, 16));
            List<OwnedFd> senders = new ArrayList<>();
            List<OwnedFd> receivers = new ArrayList<>();
            try {
                for (int i = 0; i < 16; i++) {
                    List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
                    senders.add(pair.get(0));
                    receivers.add(pair.get(1));
                }
                for (int round = 0; round < 20; round++) {
                    echoRound(ring, buffers, senders, receivers, round);
                }
            } finally {
                for (OwnedFd fd : senders) {
                    fd.close();
                }
                for (OwnedFd fd : receivers) {
                    fd.close();
                }
            }
            assertEquals(8, buffers.available());
        }
    }

    /** More sockets than buffers: who gets none tries again when one came back. */
    private static void echoRound(
            IoUring ring,
            BufferRing buffers,
            List<OwnedFd> senders,
            List<OwnedFd> receivers,
            int round)
            throws IOException {
        for (int i = 0; i < senders.size(); i++) {
            byte[] text = (i + " in " + round).getBytes(UTF_8);
            Sockets.send(senders.get(i).number(), MemorySegment.ofArray(text), 0);
            ring.next(i).receive(receivers.get(i).number(), 0, 0, 0).bufferGroup(GROUP);
        }
        Set<Long> got = new HashSet<>();
        List<Lease> held = new ArrayList<>();
        while (got.size() < senders.size()) {
            Completion done = Completed.one(ring);
            if (done.errno() == Errno.ENOBUFS && done.failed()) {
                held.forEach(Lease::close);
                held.clear();
                int fd = receivers.get((int) done.userData()).number();
                ring.next(done.userData()).receive(fd, 0, 0, 0).bufferGroup(GROUP);
                continue;
            }
            Lease lease = buffers.lease(done.result(), done.flags());
            assertEquals(done.userData() + " in " + round, text(lease));
            assertTrue(got.add(done.userData()));
            held.add(lease);
        }
        held.forEach(Lease::close);
    }

    /** A group, or a test that is skipped where the kernel has no such buffers. */
    static BufferRing registerOrSkip(IoUring ring, BufferRingOptions options)
            throws ErrnoException {
        try {
            return ring.registerBufferRing(options);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL) {
                String text = "SKIPPED: " + e.getMessage();
                System.out.println(text);
                throw new TestAbortedException(text);
            }
            throw e;
        }
    }

    private Completion completion(IoUring ring, String text) throws IOException {
        ring.next(1).receive(receiver.number(), 0, 0, 0).bufferGroup(GROUP);
        send(text);
        return Completed.one(ring);
    }

    private Lease receive(IoUring ring, BufferRing buffers, String text) throws IOException {
        Completion done = completion(ring, text);
        return buffers.lease(done.result(), done.flags());
    }

    /** What a multishot receive gets of this. */
    private Lease next(IoUring ring, BufferRing buffers, String text) throws IOException {
        send(text);
        Completion done = Completed.one(ring);
        Lease lease = buffers.lease(done.result(), done.flags());
        assertEquals(text, text(lease));
        return lease;
    }

    private void send(String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        assertEquals(bytes.length, Sockets.send(sender.number(), MemorySegment.ofArray(bytes), 0));
    }

    private static String text(Lease lease) {
        return new String(lease.memory().toArray(ValueLayout.JAVA_BYTE), UTF_8);
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
}

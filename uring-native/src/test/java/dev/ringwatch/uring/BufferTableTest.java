package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** Live: registered buffers, sparse, replaced, lent and cloned. */
class BufferTableTest {
    private static final int AF_INET = 2;

    private final Arena arena = Arena.ofShared();

    @AfterEach
    void free() {
        arena.close();
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyTableIsFilledChangedAndEmptied(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("fixed")) {
            BufferTable table = ring.registerEmptyBuffers(2);
            assertEquals(2, table.capacity());
            assertEquals(0, table.size());
            assertThrows(IllegalStateException.class, () -> table.buffer(0));
            MemorySegment memory = page();
            assertEquals(-Errno.EFAULT.code(), readFixed(ring, file, memory, 0), "an empty slot");
            FixedBuffer first = table.add(memory);
            FixedBuffer second = table.add(page());
            assertEquals(0, first.index());
            assertEquals(1, second.index());
            assertThrows(IllegalStateException.class, () -> table.add(page()));
            assertEquals(5, readFixed(ring, file, memory, 0));
            assertEquals("fixed", memory.getString(0));
            assertEquals(
                    -Errno.EFAULT.code(), readFixed(ring, file, memory, 1), "another's memory");

            MemorySegment other = page();
            table.update(0, other);
            assertEquals(-Errno.EFAULT.code(), readFixed(ring, file, memory, 0));
            assertEquals(5, readFixed(ring, file, other, 0));
            assertEquals(other, table.buffer(0));
            table.clear(0);
            assertEquals(-Errno.EFAULT.code(), readFixed(ring, file, other, 0));
            awaitFree(ring, table, 0);
            table.add(memory);
            table.unregister();
            assertThrows(IllegalStateException.class, () -> table.update(0, memory));
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoryStaysPinnedUntilItsLastOperationEnded(RingShape shape) throws IOException {
        List<OwnedFd> pipe = Fds.pipe(0);
        try (IoUring ring = shape.open(8);
                OwnedFd out = pipe.get(0);
                OwnedFd in = pipe.get(1)) {
            MemorySegment memory = page();
            BufferTable table = ring.registerBuffers(memory);
            FixedBuffer buffer = table.fixed(0);
            MemorySegment lent = buffer.lend();
            ring.next(1).readFixed(out.number(), lent.address(), 8, -1, 0);
            ring.submitAndWait(0);
            assertTrue(buffer.isLent());
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, buffer::memory);
            assertTrue(refused.toString().contains("last completion"), refused.toString());
            assertThrows(IllegalStateException.class, () -> table.buffer(0));
            assertThrows(IllegalStateException.class, () -> table.clear(0));
            assertThrows(IllegalStateException.class, () -> table.update(0, page()));

            Fds.write(in.number(), MemorySegment.ofArray("late".getBytes(UTF_8)));
            Completion done = Completed.one(ring);
            assertTrue(buffer.completed(done.flags()));
            assertEquals("late", buffer.memory().getString(0));
            assertThrows(IllegalStateException.class, () -> buffer.completed(0));
            table.clear(0);
            awaitFree(ring, table, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("rsrc_tags")
    void aSlotDrainsWhileAnOperationUsesItsMemory(RingShape shape) throws IOException {
        List<OwnedFd> pipe = Fds.pipe(0);
        try (IoUring ring = shape.open(8);
                OwnedFd out = pipe.get(0);
                OwnedFd in = pipe.get(1)) {
            MemorySegment memory = page();
            BufferTable table = ring.registerBuffers(memory);
            ring.next(1).readFixed(out.number(), memory.address(), 8, -1, 0);
            ring.submitAndWait(0);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            while (ring.waiting() > 0) { // the poll thread's
                ring.submit();
                assertTrue(System.nanoTime() - end < 0);
            }
            table.clear(0);
            assertEquals(List.of(), Completed.ready(ring));
            Fds.write(in.number(), MemorySegment.ofArray("late".getBytes(UTF_8)));
            Completion done = Completed.one(ring);
            if (!done.failed()) { // a read first tried after the slot was emptied finds nothing
                assertEquals("late", memory.getString(0));
            }
            awaitFree(ring, table, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoryThatIsNotThereIsRefused(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            BufferTable table = ring.registerEmptyBuffers(1);
            MemorySegment nowhere = MemorySegment.ofAddress(4096);
            assertThrows(IllegalArgumentException.class, () -> table.update(0, nowhere));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> table.update(0, MemorySegment.ofArray(new byte[9])));
            assertEquals(SlotState.FREE, table.state(0));
            assertThrows(IndexOutOfBoundsException.class, () -> table.update(1, page()));
            assertThrows(IndexOutOfBoundsException.class, () -> table.state(-1));
            ErrnoException second =
                    assertThrows(ErrnoException.class, () -> ring.registerEmptyBuffers(1));
            assertEquals(Errno.EBUSY, second.errno());
            assertThrows(IllegalArgumentException.class, ring::registerBuffers);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("vec-regbuf")
    void vectoredOperationsWorkInOneRegisteredBuffer(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Fds.memFd("vectors", 0)) {
            MemorySegment memory = page();
            ring.registerBuffers(memory);
            memory.setString(100, "first ");
            memory.setString(2000, "second");
            MemorySegment vectors = vectors(memory, 100, 6, 2000, 6);
            ring.next(1).writeVectorFixed(file.number(), vectors.address(), 2, 0, 0);
            Completion written = Completed.one(ring);
            if (written.failed() && written.errno() == Errno.EINVAL) {
                String text = "SKIPPED: no vectored operations on registered buffers";
                System.out.println(text);
                throw new TestAbortedException(text);
            }
            assertEquals(12, written.result());
            MemorySegment back = vectors(memory, 3000, 3, 3500, 60);
            ring.next(2).readVectorFixed(file.number(), back.address(), 2, 0, 0);
            assertEquals(12, Completed.one(ring).result());
            assertEquals("fir", memory.getString(3000));
            assertEquals("st second", memory.getString(3500));
            MemorySegment outside = vectors(memory, 100, 6, 4090, 60);
            ring.next(3).readVectorFixed(file.number(), outside.address(), 2, 0, 0);
            assertEquals(Errno.EFAULT, Completed.one(ring).errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("regbuf-clone")
    void anotherRingTakesOverAllBuffers(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = fileWith("cloned")) {
            MemorySegment memory = page();
            BufferTable copy;
            try (IoUring source = shape.open(8)) {
                BufferTable original = source.registerEmptyBuffers(3);
                original.update(1, memory);
                copy = ring.cloneBuffers(original);
                assertEquals(3, copy.capacity());
                assertEquals(1, copy.size());
                assertEquals(SlotState.FREE, copy.state(0));
                assertEquals(memory, copy.buffer(1));
                ErrnoException again =
                        assertThrows(ErrnoException.class, () -> ring.cloneBuffers(original));
                assertEquals(Errno.EBUSY, again.errno());
                assertThrows(IllegalArgumentException.class, () -> source.cloneBuffers(original));
            }
            assertEquals(6, readFixed(ring, file, memory, 1), "the source ring is gone");
            assertEquals("cloned", memory.getString(0));
            copy.clear(1);
            assertEquals(SlotState.FREE, copy.state(1), "copies have no tag");
            copy.update(0, memory);
            assertEquals(6, readFixed(ring, file, memory, 0));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("regbuf-clone")
    void aRangeOfBuffersIsTakenOver(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                IoUring source = shape.open(8);
                OwnedFd file = fileWith("range")) {
            MemorySegment[] memory = {page(), page(), page()};
            BufferTable original = source.registerBuffers(memory);
            MemorySegment own = page();
            BufferTable table = ring.registerBuffers(own, page());
            table.fixed(1).lend();
            assertThrows(IllegalStateException.class, () -> table.copyRange(original, 1, 1, 2));
            table.fixed(1).completed(0);
            table.copyRange(original, 1, 1, 2);
            assertEquals(3, table.capacity());
            assertEquals(own, table.buffer(0));
            assertEquals(memory[1], table.buffer(1));
            assertEquals(memory[2], table.buffer(2));
            assertEquals(5, readFixed(ring, file, own, 0));
            assertEquals(5, readFixed(ring, file, memory[1], 1));
            assertEquals(5, readFixed(ring, file, memory[2], 2));
            assertEquals(-Errno.EFAULT.code(), readFixed(ring, file, memory[0], 1));
            assertThrows(IndexOutOfBoundsException.class, () -> table.copyRange(original, 2, 0, 2));
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyZeroCopySendsTakeARegisteredBuffer(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                ServerSocketChannel server = ServerSocketChannel.open();
                OwnedFd client = Sockets.socket(AF_INET, Sockets.SOCK_STREAM, 0)) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            MemorySegment address = loopback(server);
            ring.next(1).connect(client.number(), address.address(), 16);
            assertEquals(0, Completed.one(ring).result());
            try (SocketChannel peer = server.accept()) {
                MemorySegment memory = page();
                memory.setString(0, "zero copy");
                FixedBuffer buffer = ring.registerBuffers(memory).fixed(0);
                ring.next(2).send(client.number(), memory.address(), 9, 0).fixedBuffer(0);
                assertEquals(Errno.EINVAL, Completed.one(ring).errno(), "an ordinary send");

                buffer.lend();
                ring.next(3).sendZeroCopy(client.number(), memory.address(), 9, 0).fixedBuffer(0);
                Completion sent = Completed.one(ring);
                assertEquals(9, sent.result());
                assertFalse(sent.last(), "a notification follows");
                assertFalse(buffer.completed(sent.flags()));
                assertThrows(IllegalStateException.class, buffer::memory);
                ByteBuffer got = ByteBuffer.allocate(9);
                while (got.hasRemaining()) {
                    assertTrue(peer.read(got) > 0);
                }
                assertEquals("zero copy", new String(got.array(), UTF_8));
                Completion notified = Completed.one(ring);
                assertTrue((notified.flags() & Completion.F_NOTIF) != 0);
                assertTrue(buffer.completed(notified.flags()));
                assertEquals(memory, buffer.memory());
            }
        }
    }

    /** struct sockaddr_in. */
    private MemorySegment loopback(ServerSocketChannel server) throws IOException {
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        MemorySegment address = arena.allocate(16, 8);
        address.set(JAVA_SHORT, 0, (short) AF_INET);
        address.set(JAVA_BYTE, 2, (byte) (port >> 8));
        address.set(JAVA_BYTE, 3, (byte) port);
        address.set(JAVA_BYTE, 4, (byte) 127);
        address.set(JAVA_BYTE, 7, (byte) 1);
        assertEquals(0, address.get(JAVA_INT, 8));
        return address;
    }

    private MemorySegment vectors(MemorySegment memory, long... offsetsAndLengths) {
        MemorySegment vectors = arena.allocate((long) Iovec.SIZE * offsetsAndLengths.length / 2, 8);
        for (int i = 0; i < offsetsAndLengths.length / 2; i++) {
            long at = (long) Iovec.SIZE * i;
            vectors.set(JAVA_LONG, at + Iovec.BASE, memory.address() + offsetsAndLengths[2 * i]);
            vectors.set(JAVA_LONG, at + Iovec.LEN, offsetsAndLengths[2 * i + 1]);
        }
        return vectors;
    }

    private static int readFixed(IoUring ring, OwnedFd file, MemorySegment into, int index)
            throws IOException {
        ring.next(1).readFixed(file.number(), into.address(), 64, 0, index);
        return Completed.one(ring).result();
    }

    private static void awaitFree(IoUring ring, BufferTable table, int slot) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (table.state(slot) != SlotState.FREE) {
            assertEquals(List.of(), Completed.ready(ring));
            assertTrue(System.nanoTime() - end < 0, "slot " + slot + " is " + table.state(slot));
            Thread.onSpinWait();
        }
    }

    private MemorySegment page() {
        return arena.allocate(4096, 4096);
    }

    private static OwnedFd fileWith(String text) throws IOException {
        OwnedFd file = Fds.memFd("test", 0);
        Fds.write(file.number(), MemorySegment.ofArray(text.getBytes(UTF_8)));
        return file;
    }
}

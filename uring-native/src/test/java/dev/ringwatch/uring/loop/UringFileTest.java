package dev.ringwatch.uring.loop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import java.io.EOFException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: files on both backends. */
@Timeout(60)
class UringFileTest {
    @TempDir Path directory = Path.of("");

    private static ByteBuffer heap(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return noise;
    }

    private Path file(String text) throws Exception {
        return Files.writeString(directory.resolve("file"), text);
    }

    private static Errno errnoOf(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(ErrnoException.class, call).errno();
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void whatIsWrittenIsReadWithHeapAndDirectBuffers(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(directory.resolve("f"), CREATE_NEW, READ, WRITE)) {
            ByteBuffer from = heap("__hello__").position(2).limit(7);
            assertEquals(5, file.write(from, 3));
            assertEquals(7, from.position());
            assertEquals(4, file.write(direct("wild".getBytes(UTF_8)), 8));
            assertEquals("\0\0\0hellowild", Files.readString(directory.resolve("f")));

            ByteBuffer heap = ByteBuffer.allocate(8).position(1).limit(6);
            assertEquals(5, file.read(heap, 3));
            assertEquals(6, heap.position());
            assertArrayEquals("\0hello\0\0".getBytes(UTF_8), heap.array());
            ByteBuffer direct = ByteBuffer.allocateDirect(4);
            assertEquals(4, file.read(direct, 8));
            assertEquals(direct("wild".getBytes(UTF_8)), direct.flip());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aReadAcrossTheEndIsShortAndBehindItThereIsNone(TestBackend backend) throws Exception {
        byte[] content = noise(4096 + 1000);
        Files.write(directory.resolve("f"), content);
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(directory.resolve("f"))) {
            ByteBuffer two = ByteBuffer.allocateDirect(8192);
            assertEquals(5096, file.read(two, 0));
            assertEquals(direct(content), two.flip());
            assertEquals(1000, file.read(ByteBuffer.allocate(4096), 4096));
            assertEquals(-1, file.read(ByteBuffer.allocate(1), 5096));
            assertEquals(0, file.read(ByteBuffer.allocate(0), 5096));
            ByteBuffer beyond = ByteBuffer.allocate(5097);
            assertThrows(EOFException.class, () -> file.readFully(beyond, 0));
            assertEquals(5096, beyond.position());
            ByteBuffer all = ByteBuffer.allocate(5096);
            file.readFully(all, 0);
            assertArrayEquals(content, all.array());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aHeapBufferBeyondTheStageMovesInParts(TestBackend backend) throws Exception {
        byte[] content = noise(2 * Scratch.MOST_STAGED + 77);
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(directory.resolve("f"), CREATE_NEW, READ, WRITE)) {
            ByteBuffer from = ByteBuffer.wrap(content);
            assertEquals(Scratch.MOST_STAGED, file.write(from.duplicate(), 0));
            file.writeFully(from, 0);
            assertArrayEquals(content, Files.readAllBytes(directory.resolve("f")));
            ByteBuffer into = ByteBuffer.allocate(content.length);
            file.readFully(into, 0);
            assertArrayEquals(content, into.array());
            // a part of the first is lent, so the second waits
            ByteBuffer[] both = {ByteBuffer.allocate(2 * Scratch.MOST_STAGED), heap("x").clear()};
            assertEquals(Scratch.MOST_STAGED, file.read(both, 0));
            assertEquals(0, both[1].position());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void severalBuffersAreFilledInTurn(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(directory.resolve("f"), CREATE_NEW, READ, WRITE)) {
            ByteBuffer[] from = {heap("one"), direct("two".getBytes(UTF_8)), heap(""), heap("3")};
            assertEquals(7, file.write(from, 1));
            assertFalse(Arrays.stream(from).anyMatch(ByteBuffer::hasRemaining));
            ByteBuffer[] into = {
                ByteBuffer.allocate(2), ByteBuffer.allocateDirect(3), ByteBuffer.allocate(9)
            };
            assertEquals(7, file.read(into, 1));
            assertEquals(heap("on"), into[0].flip());
            assertEquals(heap("etw"), into[1].flip());
            assertEquals(heap("o3"), into[2].flip());
            assertEquals(-1, file.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 8));
            assertEquals(0, file.read(new ByteBuffer[] {}, 0));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void appendedRecordsOfManyThreadsAreWhole(TestBackend backend) throws Exception {
        Path path = file("");
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(path, WRITE);
                UringFile other = uring.openFile(path, APPEND)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                UringFile mine = i % 2 == 0 ? file : other;
                String record = "record %02d of a log\n".formatted(i);
                threads.add(
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            try {
                                                mine.append(heap(record));
                                            } catch (java.io.IOException e) {
                                                throw new java.io.UncheckedIOException(e);
                                            }
                                        }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        List<String> lines = Files.readAllLines(path);
        assertEquals(20, lines.stream().filter(line -> line.length() == 18).distinct().count());
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aFileHasTheSizeAndSpaceItIsGiven(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(directory.resolve("f"), CREATE_NEW, READ, WRITE)) {
            file.truncate(1 << 20);
            assertEquals(1 << 20, file.size());
            assertEquals(0, file.status().blocks());
            file.allocate(Allocation.EXTEND, 0, 2 << 20);
            assertEquals(2 << 20, file.size());
            file.sync(false);
            assertTrue(file.status().blocks() >= (2 << 20) / 512);
            file.write(direct(noise(8192)), 0);
            file.allocate(Allocation.PUNCH_HOLE, 0, 1 << 20);
            file.syncRange(0, 0);
            file.sync(true);
            file.advise(FileAdvice.DONT_NEED, 0, 0);
            assertTrue(file.status().blocks() < (2 << 20) / 512);
            ByteBuffer zeros = ByteBuffer.allocate(8192);
            file.readFully(zeros, 0);
            assertArrayEquals(new byte[8192], zeros.array());
            file.allocate(Allocation.KEEP_SIZE, 2 << 20, 4096);
            assertEquals(2 << 20, file.size());
            assertEquals(Errno.EINVAL, errnoOf(() -> file.allocate(Allocation.EXTEND, 0, 0)));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aStatusSaysWhatTheJdkSays(TestBackend backend) throws Exception {
        Path path = file("seven!!");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(path)) {
            FileStatus status = file.status();
            assertEquals(7, status.size());
            assertEquals(0640, status.permissions());
            assertTrue(status.isRegularFile());
            assertFalse(status.isDirectory() || status.isSymbolicLink());
            assertEquals(1, status.links());
            assertEquals(Files.getAttribute(path, "unix:ino"), status.inode());
            assertEquals(number(path, "unix:uid"), status.uid());
            assertEquals(number(path, "unix:gid"), status.gid());
            Instant modified = Files.getLastModifiedTime(path).toInstant();
            assertEquals(modified, status.modified());
            assertFalse(status.born().orElseThrow().isAfter(status.changed()));
            assertEquals(status, uring.files().status(path));
            assertTrue(uring.files().status(directory).isDirectory());
        }
    }

    private static long number(Path path, String attribute) throws Exception {
        return ((Number) Files.getAttribute(path, attribute)).longValue();
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aFileSystemWithoutBirthTimesHasNone(TestBackend backend) throws Exception {
        try (Uring uring = backend.open()) {
            assertTrue(uring.files().status(Path.of("/proc/self/stat")).born().isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void pastThePageCacheEverythingMustBeAligned(TestBackend backend) throws Exception {
        Path path = directory.resolve("direct");
        try (Uring uring = backend.open();
                UringFile file = DirectFiles.open(uring, path, CREATE_NEW, READ, WRITE);
                FixedBuffers pool = uring.fixedBuffers(4, 8192);
                PooledBuffer buffer = pool.take()) {
            assertEquals(backend == TestBackend.RINGS, pool.isRegistered());
            byte[] content = noise(8192);
            buffer.bytes().put(content);
            assertEquals(8192, file.write(buffer, 0, 8192, 0));
            assertEquals(4096, file.write(buffer, 4096, 4096, 8192));
            try (PooledBuffer other = pool.take()) {
                assertEquals(4096, file.read(other, 0, 8192, 8192));
                byte[] read = new byte[4096];
                other.bytes().get(read);
                assertArrayEquals(Arrays.copyOfRange(content, 4096, 8192), read);
                assertEquals(-1, file.read(other, 0, 4096, 12288));
                assertEquals(0, file.read(other, 0, 0, 0));
                assertEquals(Errno.EINVAL, errnoOf(() -> file.read(other, 1, 4096, 0)));
                assertEquals(Errno.EINVAL, errnoOf(() -> file.read(other, 0, 4096, 7)));
                assertThrows(
                        IndexOutOfBoundsException.class, () -> file.read(other, 4096, 4097, 0));
            }
            ByteBuffer heap = ByteBuffer.allocate(8192);
            file.readFully(heap, 0); // staged, and the stage is aligned
            assertArrayEquals(content, heap.array());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aPoolGivesEachBufferOnceAndWantsAllBack(TestBackend backend) throws Exception {
        try (Uring uring = backend.open()) {
            FixedBuffers pool = uring.fixedBuffers(2, 100);
            PooledBuffer one = pool.take();
            PooledBuffer two = pool.tryTake().orElseThrow();
            assertTrue(pool.tryTake().isEmpty());
            assertThrows(IllegalStateException.class, pool::close);
            one.close();
            one.close();
            assertThrows(IllegalStateException.class, one::bytes);
            assertEquals(1, pool.available());
            PooledBuffer again = pool.take();
            again.bytes().put((byte) 1);
            two.close();
            again.close();
            pool.close();
            pool.close();
        }
    }

    @Test
    void everyLoopHasOnePool() throws Exception {
        try (Uring uring = TestBackend.RINGS.open();
                FixedBuffers one = uring.fixedBuffers(1, 10);
                FixedBuffers two = uring.fixedBuffers(1, 10)) {
            assertTrue(one.isRegistered() && two.isRegistered());
            assertThrows(IllegalStateException.class, () -> uring.fixedBuffers(1, 10));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void bytesGoFromFileToFileInTheKernel(TestBackend backend) throws Exception {
        byte[] content = noise(300_000);
        Files.write(directory.resolve("from"), content);
        try (Uring uring = backend.open();
                UringFile from = uring.openFile(directory.resolve("from"));
                UringFile to = uring.openFile(directory.resolve("to"), CREATE, WRITE)) {
            assertEquals(299_000, from.transferTo(1000, Long.MAX_VALUE, to, 5));
            assertEquals(10, from.transferTo(0, 10, to, 299_005));
            assertEquals(0, from.transferTo(300_000, 1, to, 0));
        }
        byte[] moved = Files.readAllBytes(directory.resolve("to"));
        assertEquals(299_015, moved.length);
        assertArrayEquals(
                Arrays.copyOfRange(content, 1000, 300_000), Arrays.copyOfRange(moved, 5, 299_005));
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aFileGoesToASocketThatIsReadSlowly(TestBackend backend) throws Exception {
        byte[] content = noise(1_000_000);
        Files.write(directory.resolve("from"), content);
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK);
        Fds.setNonBlocking(pair.getLast().number(), false);
        try (Uring uring = backend.open();
                UringFile from = uring.openFile(directory.resolve("from"));
                OwnedFd sink = pair.getFirst();
                OwnedFd source = pair.getLast()) {
            CompletableFuture<Long> sent = new CompletableFuture<>();
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    sent.complete(from.transferTo(0, 1_000_000, sink));
                                } catch (java.io.IOException | RuntimeException e) {
                                    sent.completeExceptionally(e);
                                }
                            });
            byte[] got = new byte[1_000_000];
            int at = 0;
            while (at < got.length) {
                at +=
                        Fds.read(
                                source.number(),
                                MemorySegment.ofArray(got).asSlice(at, got.length - at));
            }
            assertEquals(1_000_000, sent.get());
            assertArrayEquals(content, got);
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void futuresStandForTheSameOperations(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(directory.resolve("f"), CREATE_NEW, READ, WRITE)) {
            List<CompletableFuture<Integer>> writes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                ByteBuffer from = i % 2 == 0 ? heap("%04d".formatted(i)) : direct(noise(4));
                writes.add(file.writeAsync(from, 4L * i));
            }
            for (CompletableFuture<Integer> write : writes) {
                assertEquals(4, write.get());
            }
            assertEquals(0, file.syncAsync(true).get());
            ByteBuffer into = ByteBuffer.allocate(5);
            assertEquals(5, file.readAsync(into, 160).get());
            assertEquals(5, into.position());
            assertEquals("0040", new String(into.array(), 0, 4, UTF_8));
            assertEquals(-1, file.readAsync(ByteBuffer.allocate(1), 200).get());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aClosedFileIsOfNoUse(TestBackend backend) throws Exception {
        try (Uring uring = backend.open()) {
            UringFile file = uring.openFile(file("x"));
            assertTrue(file.isOpen());
            file.close();
            file.close();
            assertFalse(file.isOpen());
            assertThrows(ClosedChannelException.class, () -> file.read(ByteBuffer.allocate(1), 0));
            assertThrows(ClosedChannelException.class, file::status);
            assertThrows(
                    ClosedChannelException.class, () -> file.readAsync(ByteBuffer.allocate(1), 0));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void misuseIsRefusedBeforeTheKernelSeesIt(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringFile file = uring.openFile(file("x"))) {
            ByteBuffer one = ByteBuffer.allocate(1);
            assertThrows(IllegalArgumentException.class, () -> file.read(one, -1));
            assertThrows(IllegalArgumentException.class, () -> file.write(one, -2));
            assertThrows(ReadOnlyBufferException.class, () -> file.read(one.asReadOnlyBuffer(), 0));
            assertThrows(
                    UnsupportedOperationException.class,
                    () ->
                            uring.openFile(
                                    directory, java.nio.file.StandardOpenOption.DELETE_ON_CLOSE));
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            uring.openFile(
                                    directory,
                                    APPEND,
                                    java.nio.file.StandardOpenOption.TRUNCATE_EXISTING));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void errorsAreTheKernels(TestBackend backend) throws Exception {
        Path path = file("text");
        Path link = Files.createSymbolicLink(directory.resolve("link"), path);
        try (Uring uring = backend.open();
                UringFile reading = uring.openFile(path);
                UringFile writing = uring.openFile(path, WRITE);
                UringFile folder = uring.openFile(directory, FileOption.DIRECTORY);
                UringFile full = uring.openFile(Path.of("/dev/full"), WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            assertEquals(Errno.ENOENT, errnoOf(() -> uring.openFile(directory.resolve("none"))));
            assertEquals(Errno.EEXIST, errnoOf(() -> uring.openFile(path, WRITE, CREATE_NEW)));
            assertEquals(Errno.ENOTDIR, errnoOf(() -> uring.openFile(path.resolve("below"))));
            assertEquals(Errno.ENOTDIR, errnoOf(() -> uring.openFile(path, FileOption.DIRECTORY)));
            assertEquals(Errno.EISDIR, errnoOf(() -> uring.openFile(directory, WRITE)));
            assertEquals(
                    Errno.ELOOP,
                    errnoOf(() -> uring.openFile(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)));
            assertEquals(
                    Errno.ENAMETOOLONG,
                    errnoOf(() -> uring.openFile(directory.resolve("n".repeat(256)))));
            assertEquals(Errno.EBADF, errnoOf(() -> reading.write(one, 0)));
            assertEquals(Errno.EBADF, errnoOf(() -> writing.read(one, 0)));
            assertEquals(Errno.EISDIR, errnoOf(() -> folder.read(one, 0)));
            assertEquals(Errno.EINVAL, errnoOf(() -> reading.truncate(0)));
            assertEquals(Errno.EINVAL, errnoOf(() -> writing.truncate(-1)));
            assertEquals(Errno.ENOSPC, errnoOf(() -> full.write(one, 0)));
            assertEquals(0, one.position());
            ErrnoException named =
                    assertThrows(
                            ErrnoException.class, () -> uring.openFile(directory.resolve("none")));
            assertTrue(named.detail().contains(directory.resolve("none").toString()));
            assertEquals("openat", named.call());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aSlotDoesWhatADescriptorDoes(TestBackend backend) throws Exception {
        boolean rings = backend == TestBackend.RINGS;
        try (Uring uring = backend.open();
                UringFile file =
                        uring.openFile(
                                directory.resolve("f"), CREATE_NEW, READ, WRITE, FileOption.SLOT);
                UringFile to =
                        uring.openFile(directory.resolve("to"), CREATE, WRITE, FileOption.SLOT);
                FixedBuffers pool = uring.fixedBuffers(1, 4096);
                FixedBuffers second = uring.fixedBuffers(1, 4096)) {
            assertEquals(rings, file.isSlot());
            file.write(heap("slotted"), 0);
            file.append(heap("!"));
            file.sync(false);
            file.truncate(6);
            assertEquals(6, file.size());
            for (FixedBuffers each : List.of(pool, second)) { // one is of the other loop
                try (PooledBuffer buffer = each.take()) {
                    assertEquals(6, file.read(buffer, 0, 10, 0));
                    assertEquals(heap("slot"), buffer.bytes().limit(4));
                    assertEquals(2, file.write(buffer, 0, 2, 4));
                }
            }
            assertEquals(6, file.transferTo(0, 6, to, 0));
            assertEquals("slotsl", Files.readString(directory.resolve("to")));
            try (OwnedFd copy = file.duplicate()) {
                byte[] two = new byte[2];
                assertEquals(2, Fds.read(copy.number(), MemorySegment.ofArray(two)));
                assertArrayEquals("sl".getBytes(UTF_8), two);
            }
        }
    }

    @Test
    void slotsAreGivenBackAndTheirEndIsSaid() throws Exception {
        Path path = file("x");
        try (Uring uring = TestBackend.RINGS.open()) {
            List<RingLoop> loops = uring.rings().orElseThrow().loops();
            List<UringFile> open = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                open.add(uring.openFile(path, FileOption.SLOT));
            }
            for (RingLoop loop : loops) {
                assertEquals(8, LoopTask.call(loop, () -> loop.files().size()));
            }
            assertEquals(Errno.ENFILE, errnoOf(() -> uring.openFile(path, FileOption.SLOT)));
            for (UringFile file : open) {
                file.close();
            }
            for (RingLoop loop : loops) {
                assertEquals(0, LoopTask.call(loop, () -> loop.files().size()));
            }
            uring.openFile(path, FileOption.SLOT).close();
        }
    }

    @Test
    void aLoopsOwnThreadIsNotBlocked() throws Exception {
        try (Uring uring = TestBackend.RINGS.open();
                UringFile file = uring.openFile(file("x"))) {
            ByteBuffer one = ByteBuffer.allocate(1);
            for (RingLoop loop : uring.rings().orElseThrow().loops()) {
                RingEngine engine = new RingEngine(loop);
                LoopTask.call(
                        loop,
                        () -> assertThrows(IllegalStateException.class, engine::requireWaitable));
            }
            assertEquals(1, file.read(one, 0));
        }
    }
}

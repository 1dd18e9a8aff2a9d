package dev.ringwatch.uring;

import static dev.ringwatch.uring.Live.await;
import static dev.ringwatch.uring.Live.one;
import static dev.ringwatch.uring.Live.submitAll;
import static dev.ringwatch.uring.Live.with;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Architecture;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: each operation does what the system call of its name does. */
class OperationsLiveTest {
    private static final int HERE = Operation.WORKING_DIRECTORY;
    private static final int EVERYTHING = 0x7ff; // STATX_BASIC_STATS
    private static final int STATX_SIZE = 40;

    @TempDir private Path directory = Path.of("");

    @ParameterizedTest
    @EnumSource
    void namesAreMadeLinkedMovedAndRemoved(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            MemorySegment folder = path(arena, "folder");
            MemorySegment file = path(arena, "folder/file");
            MemorySegment hard = path(arena, "folder/hard");
            MemorySegment soft = path(arena, "folder/soft");
            MemorySegment moved = path(arena, "folder/moved");
            done(ring, new Operation.MakeDirectory(HERE, folder, 0700));
            int write = Fds.O_CREAT | Fds.O_WRONLY | Fds.O_CLOEXEC;
            int fd = one(ring, new Operation.Open(HERE, file, write, 0600)).result();
            assertTrue(fd >= 0);
            MemorySegment text = Live.text(arena, "content");
            assertEquals(
                    7, one(ring, new Operation.Write(Target.descriptor(fd), text, 0)).result());
            done(ring, new Operation.Close(Target.descriptor(fd)));
            assertFalse(Live.isOpen(fd));

            done(ring, new Operation.Link(HERE, file, HERE, hard, 0));
            done(ring, new Operation.SymbolicLink(arena.allocateFrom("file"), HERE, soft));
            assertEquals("content", Files.readString(directory.resolve("folder/soft")));
            assertEquals(2, Files.getAttribute(directory.resolve("folder/hard"), "unix:nlink"));
            done(ring, new Operation.Rename(HERE, file, HERE, moved, 0));
            int noReplace = 1;
            Operation again = new Operation.Rename(HERE, hard, HERE, moved, noReplace);
            assertEquals(Errno.EEXIST, one(ring, again).errno());

            MemorySegment status = arena.allocate(256, 8);
            done(ring, new Operation.Status(HERE, moved, 0, EVERYTHING, status));
            assertEquals(7, status.get(JAVA_LONG, STATX_SIZE));
            for (MemorySegment each : List.of(moved, hard, soft)) {
                done(ring, new Operation.Unlink(HERE, each, 0));
            }
            Operation missing = new Operation.Status(HERE, moved, 0, EVERYTHING, status);
            assertEquals(Errno.ENOENT, one(ring, missing).errno());
            int removeDirectory = 0x200;
            done(ring, new Operation.Unlink(HERE, folder, removeDirectory));
            assertFalse(Files.exists(directory.resolve("folder")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void filesAreOpenedIntoSlotsAndWithRules(RingShape shape) throws IOException {
        Files.writeString(directory.resolve("file"), "content");
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            ring.registerEmptyFiles(2);
            ring.prepare(new Operation.Open(HERE, path(arena, "file"), Fds.O_RDONLY, 0), 1)
                    .intoSlot(1);
            assertEquals(0, await(ring, 1).getFirst().result());
            MemorySegment in = arena.allocate(16);
            assertEquals(7, one(ring, new Operation.Read(Target.slot(1), in, 0)).result());
            assertEquals("content", Live.text(in, 7));

            MemorySegment how = arena.allocate(24, 8);
            int beneath = 0x08;
            how.set(JAVA_LONG, 16, beneath);
            try (OwnedFd folder = Fds.open(directory.toString(), Fds.O_DIRECTORY, 0)) {
                Operation inside =
                        new Operation.OpenHow(folder.number(), arena.allocateFrom("file"), how);
                Fds.close(one(ring, inside).result());
                Operation outside =
                        new Operation.OpenHow(folder.number(), arena.allocateFrom("../x"), how);
                assertEquals(Errno.EXDEV, one(ring, outside).errno());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void filesAreSizedAdvisedSyncedAndDescribed(RingShape shape) throws IOException {
        Path name = Files.writeString(directory.resolve("file"), "");
        try (IoUring ring = shape.open(8);
                OwnedFd file = Fds.open(name.toString(), Fds.O_RDWR, 0);
                Arena arena = Arena.ofShared()) {
            Target target = Target.descriptor(file.number());
            done(ring, new Operation.Allocate(target, 0, 0, 8192));
            assertEquals(8192, Files.size(name));
            if (has(Opcode.FTRUNCATE)) {
                done(ring, new Operation.Truncate(target, 100));
                assertEquals(100, Files.size(name));
            }
            int willNeed = 3;
            done(ring, new Operation.AdviseFile(target, 0, 0, willNeed));
            done(ring, new Operation.AdviseMemory(arena.allocate(4096, 4096), willNeed));
            done(ring, new Operation.Sync(target, 0, 0, true));
            int write = 2;
            done(ring, new Operation.SyncRange(target, 0, 0, write));

            MemorySegment attribute = arena.allocateFrom("user.ringwatch");
            MemorySegment value = Live.text(arena, "value");
            Completion set = one(ring, new Operation.SetAttribute(target, attribute, value, 0));
            if (set.errno() == Errno.EOPNOTSUPP) {
                System.out.println("no attributes in " + directory);
                return;
            }
            assertEquals(0, set.result());
            MemorySegment room = arena.allocate(16);
            Operation get = new Operation.GetAttribute(target, attribute, room);
            assertEquals(5, one(ring, get).result());
            assertEquals("value", Live.text(room, 5));
            MemorySegment path = path(arena, "file");
            MemorySegment other = Live.text(arena, "other");
            done(ring, new Operation.SetAttributeAt(path, attribute, other, 0));
            room.fill((byte) 0);
            assertEquals(
                    5, one(ring, new Operation.GetAttributeAt(path, attribute, room)).result());
            assertEquals("other", Live.text(room, 5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesMoveBetweenPipesAndFiles(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Live.fileWith("spliced");
                Pipe first = Pipe.open();
                Pipe second = Pipe.open()) {
            Target writer = Target.descriptor(first.writer().number());
            Target reader = Target.descriptor(first.reader().number());
            Target copy = Target.descriptor(second.writer().number());
            Operation toPipe =
                    new Operation.Splice(Target.descriptor(file.number()), 0, writer, -1, 100, 0);
            assertEquals(7, one(ring, toPipe).result());
            assertEquals(7, one(ring, new Operation.Tee(reader, copy, 100, 0)).result());
            assertEquals("spliced", Live.receive(second.reader(), 16));
            try (OwnedFd target = Fds.memFd("target", 0)) {
                ring.registerFiles(first.reader().number());
                Operation toFile =
                        new Operation.Splice(
                                Target.slot(0), -1, Target.descriptor(target.number()), 2, 100, 0);
                assertEquals(7, one(ring, toFile).result());
                MemorySegment in = MemorySegment.ofArray(new byte[16]);
                assertEquals(9, Fds.read(target.number(), in));
                assertEquals("spliced", Live.text(in.asSlice(2), 7));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void vectorsWorkPlainAndAtTheFilesPosition(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Fds.memFd("vectors", 0);
                Arena arena = Arena.ofShared()) {
            Target target = Target.descriptor(file.number());
            MemorySegment out = arena.allocate(2 * Iovec.SIZE, 8);
            vector(out, 0, Live.text(arena, "one "));
            vector(out, 1, Live.text(arena, "two"));
            long position = Operation.CURRENT_POSITION;
            assertEquals(
                    7, one(ring, new Operation.WriteVector(target, out, position, 0)).result());
            int append = 0x10;
            assertEquals(7, one(ring, new Operation.WriteVector(target, out, 0, append)).result());
            MemorySegment in = arena.allocate(32);
            assertEquals(14, one(ring, new Operation.Read(target, in, 0)).result());
            assertEquals("one twoone two", Live.text(in, 14));
            ring.prepare(new Operation.Read(target, in, 0), 1).readWriteFlags(1 << 30);
            assertEquals(Errno.EOPNOTSUPP, await(ring, 1).getFirst().errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPipeIsMadeAsDescriptorsOrInSlots(RingShape shape) throws IOException {
        if (!has(Opcode.PIPE)) {
            throw Live.skip("no pipe operation");
        }
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            MemorySegment ends = arena.allocate(8, 4);
            done(ring, new Operation.Pipe(ends, Fds.O_CLOEXEC));
            try (OwnedFd reader = OwnedFd.own(ends.get(JAVA_INT, 0));
                    OwnedFd writer = OwnedFd.own(ends.get(JAVA_INT, 4))) {
                Live.send(writer, "made");
                assertEquals("made", Live.receive(reader, 8));
            }
            ring.registerEmptyFiles(4);
            ring.prepare(new Operation.Pipe(ends, 0), 1).intoSlot(SubmissionEntry.ANY_SLOT);
            assertEquals(0, await(ring, 1).getFirst().result());
            Target reader = Target.slot(ends.get(JAVA_INT, 0));
            Target writer = Target.slot(ends.get(JAVA_INT, 4));
            MemorySegment out = Live.text(arena, "slots");
            MemorySegment in = arena.allocate(8);
            assertEquals(5, one(ring, new Operation.Write(writer, out, -1)).result());
            assertEquals(5, one(ring, new Operation.Read(reader, in, -1)).result());
            assertEquals("slots", Live.text(in, 5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void pollsAreChangedRenamedAndRemoved(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            Target target = Target.descriptor(counter.number());
            ring.prepare(new Operation.PollAdd(target, Operation.POLLIN, false), 1);
            submitAll(ring);
            ring.next(2).pollRename(1, 3);
            assertEquals(0, await(ring, 1).getFirst().result());
            assertEquals(Errno.ENOENT, one(ring, new Operation.PollRemove(1)).errno());
            ring.prepare(new Operation.PollUpdate(3, Operation.POLLOUT, false), 4);
            List<Completion> done = await(ring, 2);
            assertEquals(0, with(done, 4).result());
            assertEquals(Operation.POLLOUT, with(done, 3).result());

            ring.prepare(new Operation.PollAdd(target, Operation.POLLIN, true), 5);
            submitAll(ring);
            ring.prepare(new Operation.PollRemove(5), 6);
            done = await(ring, 2);
            assertEquals(0, with(done, 6).result());
            assertEquals(Errno.ECANCELED, with(done, 5).errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    void slotsAreChangedByAnOperation(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Live.fileWith("updated");
                Arena arena = Arena.ofShared()) {
            ring.registerEmptyFiles(4);
            MemorySegment descriptors = arena.allocateFrom(JAVA_INT, file.number(), -1);
            assertEquals(2, one(ring, new Operation.UpdateFiles(descriptors, 1)).result());
            MemorySegment in = arena.allocate(16);
            assertEquals(7, one(ring, new Operation.Read(Target.slot(1), in, 0)).result());
            if (!has(Opcode.FIXED_FD_INSTALL)) {
                throw Live.skip("no install operation");
            }
            try (OwnedFd installed =
                    OwnedFd.own(one(ring, new Operation.InstallSlot(1)).result())) {
                assertEquals(1, flags(installed), "closed on exec");
            }
            ring.prepare(new Operation.InstallSlot(1), 1).openOnExec();
            try (OwnedFd installed = OwnedFd.own(await(ring, 1).getFirst().result())) {
                assertEquals(0, flags(installed));
            }
        }
    }

    private static int flags(OwnedFd fd) throws IOException {
        int getFlags = 1;
        return (int) Sys.call(Syscall.FCNTL, fd.number(), getFlags, 0);
    }

    @ParameterizedTest
    @EnumSource
    void providedBuffersAreTakenAndTakenBack(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Live.fileWith("selected");
                Arena arena = Arena.ofShared()) {
            MemorySegment buffers = arena.allocate(4 * 16);
            done(ring, new Operation.ProvideBuffers(buffers, 16, 3, 100));
            ring.next(1).read(file.number(), 0, 16, 0).bufferGroup(3);
            Completion read = await(ring, 1).getFirst();
            assertEquals(8, read.result());
            int id = read.flags() >>> 16;
            assertEquals("selected", Live.text(buffers.asSlice(16L * (id - 100), 16), 8));
            assertEquals(3, one(ring, new Operation.RemoveBuffers(9, 3)).result());
            ring.next(1).read(file.number(), 0, 16, 0).bufferGroup(3);
            assertEquals(Errno.ENOBUFS, await(ring, 1).getFirst().errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    void socketOptionsAndWhatIsQueuedAreAskedThroughTheRing(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Live.Tcp tcp = Live.Tcp.open();
                Arena arena = Arena.ofShared()) {
            assertTrue(left.isOpen());
            MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
            Operation set =
                    new Operation.SetSocketOption(
                            Target.descriptor(right.number()),
                            Sockets.SOL_SOCKET,
                            Sockets.SO_PASSCRED,
                            on);
            done(ring, set);
            assertEquals(
                    1, Sockets.option(right.number(), Sockets.SOL_SOCKET, Sockets.SO_PASSCRED));
            tcp.theirs().write(ByteBuffer.allocate(5));
            Live.eventually(
                    "five bytes",
                    () -> {
                        ring.next(1).command(tcp.ours().number(), SqeLayout.SOCKET_SIOCINQ);
                        return await(ring, 1).getFirst().result() == 5;
                    });
        }
    }

    @ParameterizedTest
    @EnumSource
    void futexesEpollAndChildrenAreWaitedFor(RingShape shape) throws Exception {
        if (!has(Opcode.FUTEX_WAITV) || !has(Opcode.WAITID)) {
            throw Live.skip("no futex and waitid operations");
        }
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            MemorySegment word = arena.allocate(8, 8);
            int size32 = 2;
            long any = 0xffffffffL;
            ring.next(1).futexWait(word.address(), 0, any, size32);
            submitAll(ring);
            ring.next(2).futexWake(word.address(), 1, any, size32);
            List<Completion> done = await(ring, 2);
            assertEquals(1, with(done, 2).result());
            assertEquals(0, with(done, 1).result());
            ring.next(3).futexWait(word.address(), 7, any, size32);
            assertEquals(Errno.EAGAIN, await(ring, 1).getFirst().errno());

            MemorySegment waiter = arena.allocate(24, 8);
            waiter.set(JAVA_LONG, 8, word.address());
            waiter.set(JAVA_INT, 16, size32);
            ring.next(4).futexWaitAny(waiter.address(), 1);
            submitAll(ring);
            ring.next(5).futexWake(word.address(), 1, any, size32);
            done = await(ring, 2);
            assertEquals(1, with(done, 5).result());
            assertEquals(0, with(done, 4).result());

            MemorySegment info = arena.allocate(128, 8);
            int children = 1;
            int exitedAndKept = 4 | 0x01000000; // the JDK waits for its children too
            Process child = new ProcessBuilder("/bin/sh", "-c", "exit 7").start();
            ring.next(6).waitId(children, (int) child.pid(), info.address(), exitedAndKept);
            Completion waited = await(ring, 1).getFirst();
            assertEquals(7, child.waitFor());
            assertTrue(waited.result() == 0 || waited.errno() == Errno.ECHILD, waited.toString());
        }
    }

    @Test
    void epollIsDrivenThroughTheRing() throws IOException {
        try (IoUring ring = RingShape.DEFAULT.open(8);
                OwnedFd counter = Fds.eventFd(0, 0);
                Arena arena = Arena.ofShared()) {
            if (!has(Opcode.EPOLL_WAIT)) {
                throw Live.skip("no epoll_wait operation");
            }
            Set<Integer> before = epolls();
            try (Selector selector = Selector.open()) {
                Set<Integer> ours = epolls();
                ours.removeAll(before);
                assertEquals(1, ours.size());
                assertTrue(selector.isOpen());
                int epoll = ours.iterator().next();
                int stride = Architecture.current() == Architecture.X86_64 ? 12 : 16;
                MemorySegment event = arena.allocate(16, 8);
                event.set(JAVA_INT, 0, Operation.POLLIN);
                event.set(JAVA_LONG_UNALIGNED, stride - 8, 77);
                int add = 1;
                ring.next(1).epollControl(epoll, add, counter.number(), event.address());
                assertEquals(0, await(ring, 1).getFirst().result());
                MemorySegment ready = arena.allocate(2L * stride, 8);
                ring.next(2).epollWait(epoll, ready.address(), 2);
                submitAll(ring);
                Live.increment(counter);
                assertEquals(1, await(ring, 1).getFirst().result());
                assertEquals(77, ready.get(JAVA_LONG_UNALIGNED, stride - 8));
            }
        }
    }

    private static void done(IoUring ring, Operation operation) throws IOException {
        Completion done = one(ring, operation);
        assertEquals(0, done.result(), () -> operation + " gave " + done.errno());
    }

    private static boolean has(Opcode opcode) throws IOException {
        return RingSupport.probe() instanceof RingSupport.Available available
                && available.has(opcode);
    }

    private MemorySegment path(Arena arena, String name) {
        return arena.allocateFrom(directory.resolve(name).toString());
    }

    private static void vector(MemorySegment iovecs, int index, MemorySegment memory) {
        iovecs.set(JAVA_LONG, (long) Iovec.SIZE * index + Iovec.BASE, memory.address());
        iovecs.set(JAVA_LONG, (long) Iovec.SIZE * index + Iovec.LEN, memory.byteSize());
    }

    private record Pipe(OwnedFd reader, OwnedFd writer) implements AutoCloseable {
        static Pipe open() throws IOException {
            List<OwnedFd> ends = Fds.pipe(0);
            return new Pipe(ends.get(0), ends.get(1));
        }

        @Override
        public void close() throws IOException {
            reader.close();
            writer.close();
        }
    }

    /** The epoll descriptors of the process: a selector of the JDK has one. */
    private static Set<Integer> epolls() throws IOException {
        Set<Integer> found = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : descriptors.toList()) {
                if (Files.isSymbolicLink(each)
                        && Files.readSymbolicLink(each).toString().contains("[eventpoll]")) {
                    found.add(Integer.parseInt(each.getFileName().toString()));
                }
            }
        }
        return found;
    }
}

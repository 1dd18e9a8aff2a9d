package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation against the kernel's struct io_uring_sqe, field by field. */
class OperationEncoderTest {
    private static final Arena ARENA = Arena.ofAuto();
    private static final MemorySegment MEMORY = ARENA.allocate(4096, 8);
    private static final MemorySegment VECTOR = ARENA.allocate(3 * Iovec.SIZE, 8);
    private static final MemorySegment PATH = ARENA.allocateFrom("/some/path");
    private static final MemorySegment OTHER = ARENA.allocateFrom("/other");
    private static final MemorySegment TIME = ARENA.allocate(16, 8);
    private static final long M = MEMORY.address();
    private static final long V = VECTOR.address();
    private static final long P = PATH.address();
    private static final long O = OTHER.address();
    private static final long T = TIME.address();
    private static final Target FD = Target.descriptor(5);
    private static final Target SLOT = Target.slot(6);

    /** Operations whose operands differ too much by use to be records. */
    private static final Set<Opcode> WITHOUT_RECORD =
            EnumSet.of(
                    Opcode.EPOLL_CTL,
                    Opcode.EPOLL_WAIT,
                    Opcode.WAITID,
                    Opcode.FUTEX_WAIT,
                    Opcode.FUTEX_WAKE,
                    Opcode.FUTEX_WAITV,
                    Opcode.RECV_ZC);

    /** What an entry must hold; what is not said must be 0, and the descriptor -1. */
    private static final class Expected {
        private final Operation operation;
        private final Opcode opcode;
        private int flags;
        private int priority;
        private int fd = -1;
        private long off;
        private long addr;
        private int len;
        private int opFlags;
        private int buffer;
        private int file;
        private long addr3;

        private Expected(Operation operation, Opcode opcode) {
            this.operation = operation;
            this.opcode = opcode;
        }

        Expected flags(int value) {
            flags = value;
            return this;
        }

        Expected priority(int value) {
            priority = value;
            return this;
        }

        Expected fd(int value) {
            fd = value;
            return this;
        }

        Expected off(long value) {
            off = value;
            return this;
        }

        Expected addr(long value) {
            addr = value;
            return this;
        }

        Expected len(int value) {
            len = value;
            return this;
        }

        Expected opFlags(int value) {
            opFlags = value;
            return this;
        }

        Expected buffer(int value) {
            buffer = value;
            return this;
        }

        Expected file(int value) {
            file = value;
            return this;
        }

        Expected addr3(long value) {
            addr3 = value;
            return this;
        }

        @Override
        public String toString() {
            return operation.toString();
        }
    }

    private static Expected of(Operation operation, Opcode opcode) {
        return new Expected(operation, opcode);
    }

    static Stream<Expected> entries() {
        return Stream.of(data(), names(), network(), control()).flatMap(rows -> rows);
    }

    private static Stream<Expected> data() {
        return Stream.of(
                of(new Operation.Nop(), Opcode.NOP),
                of(new Operation.Read(FD, MEMORY, 7), Opcode.READ).fd(5).off(7).addr(M).len(4096),
                of(new Operation.Write(SLOT, MEMORY, -1), Opcode.WRITE)
                        .flags(1)
                        .fd(6)
                        .off(-1)
                        .addr(M)
                        .len(4096),
                of(new Operation.ReadVector(FD, VECTOR, 7, 8), Opcode.READV)
                        .fd(5)
                        .off(7)
                        .addr(V)
                        .len(3)
                        .opFlags(8),
                of(new Operation.WriteVector(FD, VECTOR, 7, 8), Opcode.WRITEV)
                        .fd(5)
                        .off(7)
                        .addr(V)
                        .len(3)
                        .opFlags(8),
                of(new Operation.ReadFixed(FD, MEMORY, 7, 65535), Opcode.READ_FIXED)
                        .fd(5)
                        .off(7)
                        .addr(M)
                        .len(4096)
                        .buffer(65535),
                of(new Operation.WriteFixed(FD, MEMORY, 7, 2), Opcode.WRITE_FIXED)
                        .fd(5)
                        .off(7)
                        .addr(M)
                        .len(4096)
                        .buffer(2),
                of(new Operation.ReadVectorFixed(FD, VECTOR, 7, 2), Opcode.READV_FIXED)
                        .fd(5)
                        .off(7)
                        .addr(V)
                        .len(3)
                        .buffer(2),
                of(new Operation.WriteVectorFixed(FD, VECTOR, 7, 2), Opcode.WRITEV_FIXED)
                        .fd(5)
                        .off(7)
                        .addr(V)
                        .len(3)
                        .buffer(2),
                of(new Operation.ReadMultishot(FD, -1, 9), Opcode.READ_MULTISHOT)
                        .flags(1 << 5)
                        .fd(5)
                        .off(-1)
                        .buffer(9),
                of(new Operation.Sync(FD, 7, 8, true), Opcode.FSYNC).fd(5).off(7).len(8).opFlags(1),
                of(new Operation.Sync(FD, 7, 8, false), Opcode.FSYNC).fd(5).off(7).len(8),
                of(new Operation.SyncRange(FD, 7, 8, 3), Opcode.SYNC_FILE_RANGE)
                        .fd(5)
                        .off(7)
                        .len(8)
                        .opFlags(3),
                of(new Operation.Allocate(FD, 1, 7, 1L << 40), Opcode.FALLOCATE)
                        .fd(5)
                        .off(7)
                        .addr(1L << 40)
                        .len(1),
                of(new Operation.Truncate(FD, 1L << 40), Opcode.FTRUNCATE).fd(5).off(1L << 40),
                of(new Operation.AdviseFile(FD, 7, 8, 4), Opcode.FADVISE)
                        .fd(5)
                        .off(7)
                        .len(8)
                        .opFlags(4),
                of(new Operation.AdviseMemory(MEMORY, 4), Opcode.MADVISE)
                        .addr(M)
                        .len(4096)
                        .opFlags(4),
                of(new Operation.GetAttribute(FD, PATH, MEMORY), Opcode.FGETXATTR)
                        .fd(5)
                        .off(M)
                        .addr(P)
                        .len(4096),
                of(new Operation.SetAttribute(FD, PATH, MEMORY, 2), Opcode.FSETXATTR)
                        .fd(5)
                        .off(M)
                        .addr(P)
                        .len(4096)
                        .opFlags(2),
                of(new Operation.Splice(FD, 7, SLOT, -1, 8, 2), Opcode.SPLICE)
                        .flags(1)
                        .fd(6)
                        .off(-1)
                        .addr(7)
                        .len(8)
                        .opFlags(2)
                        .file(5),
                of(new Operation.Splice(SLOT, -1, FD, 7, 8, 2), Opcode.SPLICE)
                        .fd(5)
                        .off(7)
                        .addr(-1)
                        .len(8)
                        .opFlags(1 << 31 | 2)
                        .file(6),
                of(new Operation.Tee(SLOT, FD, 8, 2), Opcode.TEE)
                        .fd(5)
                        .len(8)
                        .opFlags(1 << 31 | 2)
                        .file(6),
                of(new Operation.Pipe(MEMORY, 2048), Opcode.PIPE).fd(0).addr(M).opFlags(2048),
                of(new Operation.Close(FD), Opcode.CLOSE).fd(5),
                of(new Operation.Close(SLOT), Opcode.CLOSE).fd(0).file(7));
    }

    private static Stream<Expected> names() {
        int here = Operation.WORKING_DIRECTORY;
        return Stream.of(
                of(new Operation.Open(here, PATH, 2, 0644), Opcode.OPENAT)
                        .fd(here)
                        .addr(P)
                        .len(0644)
                        .opFlags(2),
                of(new Operation.OpenHow(here, PATH, MEMORY), Opcode.OPENAT2)
                        .fd(here)
                        .off(M)
                        .addr(P)
                        .len(4096),
                of(new Operation.Status(here, PATH, 2, 3, MEMORY), Opcode.STATX)
                        .fd(here)
                        .off(M)
                        .addr(P)
                        .len(3)
                        .opFlags(2),
                of(new Operation.Rename(5, PATH, here, OTHER, 1), Opcode.RENAMEAT)
                        .fd(5)
                        .off(O)
                        .addr(P)
                        .len(here)
                        .opFlags(1),
                of(new Operation.Unlink(5, PATH, 0x200), Opcode.UNLINKAT)
                        .fd(5)
                        .addr(P)
                        .opFlags(0x200),
                of(new Operation.MakeDirectory(5, PATH, 0755), Opcode.MKDIRAT)
                        .fd(5)
                        .addr(P)
                        .len(0755),
                of(new Operation.SymbolicLink(PATH, 5, OTHER), Opcode.SYMLINKAT)
                        .fd(5)
                        .off(O)
                        .addr(P),
                of(new Operation.Link(5, PATH, here, OTHER, 1), Opcode.LINKAT)
                        .fd(5)
                        .off(O)
                        .addr(P)
                        .len(here)
                        .opFlags(1),
                of(new Operation.GetAttributeAt(PATH, OTHER, MEMORY), Opcode.GETXATTR)
                        .off(M)
                        .addr(O)
                        .len(4096)
                        .addr3(P),
                of(new Operation.SetAttributeAt(PATH, OTHER, MEMORY, 2), Opcode.SETXATTR)
                        .off(M)
                        .addr(O)
                        .len(4096)
                        .opFlags(2)
                        .addr3(P));
    }

    private static Stream<Expected> network() {
        int multishot = 2;
        int select = 1 << 5;
        return Stream.of(
                of(new Operation.Socket(1, 2, 3), Opcode.SOCKET).fd(1).off(2).len(3),
                of(new Operation.Bind(FD, PATH), Opcode.BIND).fd(5).off(11).addr(P),
                of(new Operation.Listen(SLOT, 9), Opcode.LISTEN).flags(1).fd(6).len(9),
                of(new Operation.Connect(FD, PATH), Opcode.CONNECT).fd(5).off(11).addr(P),
                of(new Operation.Accept(FD, 2048), Opcode.ACCEPT).fd(5).opFlags(2048),
                of(new Operation.AcceptMultishot(FD, 2048), Opcode.ACCEPT)
                        .priority(1)
                        .fd(5)
                        .opFlags(2048),
                of(new Operation.Send(FD, MEMORY, 9), Opcode.SEND)
                        .fd(5)
                        .addr(M)
                        .len(4096)
                        .opFlags(9),
                of(new Operation.SendZeroCopy(FD, MEMORY, 9), Opcode.SEND_ZC)
                        .fd(5)
                        .addr(M)
                        .len(4096)
                        .opFlags(9),
                of(new Operation.SendMessage(FD, MEMORY, 9), Opcode.SENDMSG)
                        .fd(5)
                        .addr(M)
                        .len(1)
                        .opFlags(9),
                of(new Operation.SendMessageZeroCopy(FD, MEMORY, 9), Opcode.SENDMSG_ZC)
                        .fd(5)
                        .addr(M)
                        .len(1)
                        .opFlags(9),
                of(new Operation.Receive(SLOT, MEMORY, 9), Opcode.RECV)
                        .flags(1)
                        .fd(6)
                        .addr(M)
                        .len(4096)
                        .opFlags(9),
                of(new Operation.ReceiveMultishot(FD, 9, 4), Opcode.RECV)
                        .flags(select)
                        .priority(multishot)
                        .fd(5)
                        .opFlags(9)
                        .buffer(4),
                of(new Operation.ReceiveMessage(FD, MEMORY, 9), Opcode.RECVMSG)
                        .fd(5)
                        .addr(M)
                        .len(1)
                        .opFlags(9),
                of(new Operation.ReceiveMessageMultishot(FD, MEMORY, 9, 4), Opcode.RECVMSG)
                        .flags(select)
                        .priority(multishot)
                        .fd(5)
                        .addr(M)
                        .len(1)
                        .opFlags(9)
                        .buffer(4),
                of(new Operation.Shutdown(FD, 2), Opcode.SHUTDOWN).fd(5).len(2),
                of(new Operation.GetSocketOption(FD, 1, 7, MEMORY), Opcode.URING_CMD)
                        .fd(5)
                        .off(2)
                        .addr(7L << 32 | 1)
                        .file(4096)
                        .addr3(M),
                of(new Operation.SetSocketOption(FD, 1, 7, MEMORY), Opcode.URING_CMD)
                        .fd(5)
                        .off(3)
                        .addr(7L << 32 | 1)
                        .file(4096)
                        .addr3(M));
    }

    private static Stream<Expected> control() {
        return Stream.of(
                of(new Operation.PollAdd(FD, 1, false), Opcode.POLL_ADD).fd(5).opFlags(1),
                of(new Operation.PollAdd(SLOT, 4, true), Opcode.POLL_ADD)
                        .flags(1)
                        .fd(6)
                        .len(1)
                        .opFlags(4),
                of(new Operation.PollRemove(99), Opcode.POLL_REMOVE).addr(99),
                of(new Operation.PollUpdate(99, 4, true), Opcode.POLL_REMOVE)
                        .addr(99)
                        .len(3)
                        .opFlags(4),
                of(new Operation.Timeout(TIME, 4, 1), Opcode.TIMEOUT)
                        .off(4)
                        .addr(T)
                        .len(1)
                        .opFlags(1),
                of(new Operation.TimeoutRemove(99), Opcode.TIMEOUT_REMOVE).addr(99),
                of(new Operation.TimeoutUpdate(99, TIME, 1), Opcode.TIMEOUT_REMOVE)
                        .off(T)
                        .addr(99)
                        .opFlags(3),
                of(new Operation.LinkTimeout(TIME, 1), Opcode.LINK_TIMEOUT)
                        .addr(T)
                        .len(1)
                        .opFlags(1),
                of(new Operation.Cancel(99), Opcode.ASYNC_CANCEL).addr(99),
                of(new Operation.CancelEach(99), Opcode.ASYNC_CANCEL).addr(99).opFlags(1),
                of(new Operation.CancelFile(FD), Opcode.ASYNC_CANCEL).fd(5).opFlags(3),
                of(new Operation.CancelFile(SLOT), Opcode.ASYNC_CANCEL).fd(6).opFlags(11),
                of(new Operation.CancelAll(), Opcode.ASYNC_CANCEL).opFlags(5),
                of(new Operation.CancelKind(Opcode.RECV), Opcode.ASYNC_CANCEL).len(27).opFlags(33),
                of(new Operation.MessageRing(5, 99, -7), Opcode.MSG_RING).fd(5).off(99).len(-7),
                of(new Operation.MessageFile(5, 2, 3, 99), Opcode.MSG_RING)
                        .fd(5)
                        .off(99)
                        .addr(1)
                        .file(4)
                        .addr3(2),
                of(new Operation.MessageFile(5, 2, SubmissionEntry.ANY_SLOT, 99), Opcode.MSG_RING)
                        .fd(5)
                        .off(99)
                        .addr(1)
                        .file(-1)
                        .addr3(2),
                of(new Operation.UpdateFiles(TIME, 3), Opcode.FILES_UPDATE).off(3).addr(T).len(4),
                of(new Operation.InstallSlot(3), Opcode.FIXED_FD_INSTALL).flags(1).fd(3),
                of(new Operation.ProvideBuffers(MEMORY, 1024, 9, 2), Opcode.PROVIDE_BUFFERS)
                        .fd(4)
                        .off(2)
                        .addr(M)
                        .len(1024)
                        .buffer(9),
                of(new Operation.RemoveBuffers(4, 9), Opcode.REMOVE_BUFFERS).fd(4).buffer(9));
    }

    @ParameterizedTest
    @MethodSource("entries")
    void everyFieldIsWhereTheKernelReadsIt(Expected expected) {
        MemorySegment sqe = ARENA.allocate(SqeLayout.SIZE, 8);
        sqe.fill((byte) 0xff);
        OperationEncoder.encode(
                expected.operation, new SubmissionEntry(sqe, SqeLayout.SIZE).claim(0, 77));

        assertEquals(expected.opcode.code(), sqe.get(JAVA_BYTE, 0), "opcode");
        assertEquals(expected.flags, Byte.toUnsignedInt(sqe.get(JAVA_BYTE, 1)), "flags");
        assertEquals(expected.priority, Short.toUnsignedInt(sqe.get(JAVA_SHORT, 2)), "ioprio");
        assertEquals(expected.fd, sqe.get(JAVA_INT, 4), "fd");
        assertEquals(expected.off, sqe.get(JAVA_LONG, 8), "off");
        assertEquals(expected.addr, sqe.get(JAVA_LONG, 16), "addr");
        assertEquals(expected.len, sqe.get(JAVA_INT, 24), "len");
        assertEquals(expected.opFlags, sqe.get(JAVA_INT, 28), "op_flags");
        assertEquals(77, sqe.get(JAVA_LONG, 32), "user_data");
        assertEquals(expected.buffer, Short.toUnsignedInt(sqe.get(JAVA_SHORT, 40)), "buf_index");
        assertEquals(0, sqe.get(JAVA_SHORT, 42), "personality");
        assertEquals(expected.file, sqe.get(JAVA_INT, 44), "file_index");
        assertEquals(expected.addr3, sqe.get(JAVA_LONG, 48), "addr3");
        assertEquals(0, sqe.get(JAVA_LONG, 56), "the last word");
    }

    @Test
    void everyRecordHasARow() {
        Set<Class<?>> tested = new HashSet<>();
        entries().forEach(row -> tested.add(row.operation.getClass()));
        Set<Class<?>> records = new HashSet<>();
        collect(Operation.class, records);
        assertEquals(records, tested);
    }

    @Test
    void everyOpcodeHasARecordOrIsNamedAsWithout() {
        Set<Opcode> covered = EnumSet.copyOf(WITHOUT_RECORD);
        entries().forEach(row -> covered.add(row.opcode));
        assertEquals(EnumSet.allOf(Opcode.class), covered);
        assertTrue(entries().noneMatch(row -> WITHOUT_RECORD.contains(row.opcode)));
    }

    @Test
    void memoryThatTheKernelWouldReadBeyondIsRefused() {
        MemorySegment heap = MemorySegment.ofArray(new byte[64]);
        MemorySegment unfinished = ARENA.allocate(4).fill((byte) 'x');
        assertThrows(IllegalArgumentException.class, () -> new Operation.Send(FD, heap, 0));
        assertThrows(IllegalArgumentException.class, () -> new Operation.Unlink(5, unfinished, 0));
        assertThrows(
                IllegalArgumentException.class, () -> new Operation.ReadVector(FD, PATH, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Operation.SendMessage(FD, TIME, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Operation.Timeout(TIME.asSlice(8, 8), 0, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Operation.Status(5, PATH, 0, 0, MEMORY.asSlice(0, 255)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Operation.ProvideBuffers(MEMORY, 1000, 0, 0));
    }

    private static void collect(Class<?> type, Set<Class<?>> records) {
        if (type.isRecord()) {
            records.add(type);
            return;
        }
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            collect(permitted, records);
        }
    }
}

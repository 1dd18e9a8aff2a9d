package dev.ringwatch.agent.differ;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Request.Target;
import dev.ringwatch.core.kernel.SocketType;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Writes the model's requests as submission entries, among them some that uring-native has not. */
final class SqeWriter {
    static final int FLAGS = 1;
    static final int USER_DATA = 32;

    private static final int OPCODE = 0;
    static final int FD = 4;
    private static final int OFF = 8;
    private static final int ADDR = 16;
    private static final int LEN = 24;
    private static final int OP_FLAGS = 28;
    private static final int FILE_INDEX = 44;
    private static final int ADDR3 = 48;

    private static final int POLL_ADD = 6;
    private static final int ACCEPT = 13;
    private static final int ASYNC_CANCEL = 14;
    private static final int OPENAT = 18;
    private static final int CLOSE = 19;
    private static final int READ = 22;
    private static final int MSG_RING = 40;
    private static final int SOCKET = 45;
    static final int FIXED_FD_INSTALL = 54;

    private static final int MSG_SEND_FD = 1;
    private static final int FIXED_FILE = 1;
    private static final int FILE_INDEX_ALLOC = ~0;
    private static final int AT_FDCWD = -100;
    private static final int POLLIN = 1;
    private static final int POLLRDHUP = 0x2000;

    /** Read into by requests that may outlive whoever made them. */
    private static final MemorySegment READ_INTO = Arena.global().allocate(8, 8);

    private final Numbers numbers;
    private final LiveFiles files;

    SqeWriter(Numbers numbers, LiveFiles files) {
        this.numbers = numbers;
        this.files = files;
    }

    static void poll(MemorySegment sqe, int fd, int events) {
        sqe.set(JAVA_BYTE, OPCODE, (byte) POLL_ADD);
        sqe.set(JAVA_INT, FD, fd);
        sqe.set(JAVA_INT, OP_FLAGS, events);
    }

    void write(MemorySegment sqe, Request request) {
        switch (request) {
            case Request.Nop() -> sqe.set(JAVA_INT, FD, -1);
            case Request.Poll(Target target) -> {
                target(sqe, POLL_ADD, target);
                sqe.set(JAVA_INT, OP_FLAGS, POLLIN);
            }
            case Request.PollHangUp(Target target) -> {
                target(sqe, POLL_ADD, target);
                sqe.set(JAVA_INT, OP_FLAGS, POLLRDHUP);
            }
            case Request.Read(Target target) -> {
                target(sqe, READ, target);
                sqe.set(JAVA_LONG, OFF, -1);
                sqe.set(JAVA_LONG, ADDR, READ_INTO.address());
                sqe.set(JAVA_INT, LEN, 1);
            }
            case Request.SocketDirect(SocketType type, int slot) -> {
                sqe.set(JAVA_BYTE, OPCODE, (byte) SOCKET);
                sqe.set(JAVA_INT, FD, Sockets.AF_UNIX);
                sqe.set(JAVA_LONG, OFF, LiveKernel.type(type));
                slot(sqe, slot);
            }
            case Request.OpenDirect(int slot) -> {
                sqe.set(JAVA_BYTE, OPCODE, (byte) OPENAT);
                sqe.set(JAVA_INT, FD, AT_FDCWD);
                sqe.set(JAVA_LONG, ADDR, files.nextPath().address());
                sqe.set(JAVA_INT, OP_FLAGS, Fds.O_RDWR);
                slot(sqe, slot);
            }
            case Request.AcceptDirect(Target target, int slot) -> {
                target(sqe, ACCEPT, target);
                slot(sqe, slot);
            }
            case Request.CloseDirect(int slot) -> {
                sqe.set(JAVA_BYTE, OPCODE, (byte) CLOSE);
                slot(sqe, slot);
            }
            case Request.Install(int slot) -> target(sqe, FIXED_FD_INSTALL, new Target.Slot(slot));
            case Request.SendFd(Target ring, int slot, int toSlot) -> {
                target(sqe, MSG_RING, ring);
                sqe.set(JAVA_LONG, ADDR, MSG_SEND_FD);
                sqe.set(JAVA_LONG, ADDR3, slot);
                slot(sqe, toSlot);
            }
            case Request.Cancel(int id) -> {
                sqe.set(JAVA_BYTE, OPCODE, (byte) ASYNC_CANCEL);
                sqe.set(JAVA_INT, FD, -1);
                sqe.set(JAVA_LONG, ADDR, id);
            }
            case Request.AfterTimeout _ ->
                    throw new IllegalArgumentException("a request waits for one timeout at most");
        }
    }

    private void target(MemorySegment sqe, int opcode, Target target) {
        sqe.set(JAVA_BYTE, OPCODE, (byte) opcode);
        switch (target) {
            case Target.Fd(int fd) -> sqe.set(JAVA_INT, FD, numbers.real(fd));
            case Target.Slot(int slot) -> {
                sqe.set(JAVA_INT, FD, slot);
                sqe.set(JAVA_BYTE, FLAGS, (byte) FIXED_FILE);
            }
        }
    }

    private static void slot(MemorySegment sqe, int slot) {
        sqe.set(JAVA_INT, FILE_INDEX, slot == Request.ANY_SLOT ? FILE_INDEX_ALLOC : slot + 1);
    }
}

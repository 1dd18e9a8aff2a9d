package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Architecture;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Syscall;
import dev.ringwatch.uring.sys.Tasks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Live: what a container's default profile does to us. A filter belongs to the thread that installs
 * it, so each test has a thread that dies with its filter.
 */
class SeccompTest {
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_SET_SECCOMP = 22;
    private static final int MODE_FILTER = 2;
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int ALLOW = 0x7fff0000;
    private static final int FAIL_WITH = 0x00050000;

    @ParameterizedTest
    @CsvSource({"EPERM,seccomp", "ENOSYS,seccomp"})
    void aFilterThatDeniesSetupIsNamed(Errno errno, String word) throws Exception {
        FutureTask<RingSupport> probe =
                new FutureTask<>(
                        () -> {
                            deny(Syscall.IO_URING_SETUP, errno);
                            return RingSupport.probe();
                        });
        Thread.ofPlatform().start(probe);
        ErrnoException reason = assertInstanceOf(RingSupport.Refused.class, probe.get()).reason();
        assertEquals(errno, reason.errno());
        assertEquals("io_uring_setup", reason.call());
        assertTrue(reason.detail().contains(word), reason.detail());
    }

    @ParameterizedTest
    @CsvSource({"EPERM", "ENOSYS"})
    void aFilterThatDeniesEnterIsNamed(Errno errno) throws Exception {
        ErrnoException refused =
                onOwnThread(
                        () -> {
                            try (IoUring ring = RingShape.DEFAULT.open(4)) {
                                deny(Syscall.IO_URING_ENTER, errno);
                                ring.prepare(new Operation.Nop(), 1);
                                return assertThrows(ErrnoException.class, ring::submit);
                            }
                        });
        assertEquals(errno, refused.errno());
        assertEquals("io_uring_enter", refused.call());
        assertTrue(refused.detail().contains("seccomp filter"), refused.detail());
        assertTrue(refused.detail().contains("it has one"), refused.detail());
    }

    @ParameterizedTest
    @CsvSource({"EPERM", "ENOSYS"})
    void aFilterThatDeniesRegisterIsNamed(Errno errno) throws Exception {
        ErrnoException refused =
                onOwnThread(
                        () -> {
                            try (IoUring ring = RingShape.DEFAULT.open(4)) {
                                deny(Syscall.IO_URING_REGISTER, errno);
                                assertTrue(RingQuery.ask().isEmpty());
                                return assertThrows(
                                        ErrnoException.class, () -> ring.registerEmptyFiles(1));
                            }
                        });
        assertEquals(errno, refused.errno());
        assertEquals("io_uring_register", refused.call());
        assertTrue(refused.detail().contains("seccomp filter"), refused.detail());
    }

    private static <T> T onOwnThread(Callable<T> use) throws Exception {
        FutureTask<T> task = new FutureTask<>(use);
        Thread.ofPlatform().start(task);
        return task.get();
    }

    private static void deny(Syscall call, Errno errno) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(4 * 8, 8);
            instruction(filter, 0, LOAD_WORD, 0, 0);
            instruction(filter, 1, JUMP_IF_EQUAL, 1, call.number(Architecture.current()));
            instruction(filter, 2, RETURN, 0, ALLOW);
            instruction(filter, 3, RETURN, 0, FAIL_WITH | errno.code());
            MemorySegment program = arena.allocate(16, 8);
            program.set(JAVA_SHORT, 0, (short) 4);
            program.set(JAVA_LONG, 8, filter.address());
            Tasks.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            Tasks.prctl(PR_SET_SECCOMP, MODE_FILTER, program.address(), 0, 0);
        }
    }

    /** struct sock_filter; a jump skips so many instructions if it holds and none if not. */
    private static void instruction(MemorySegment filter, int index, int code, int skip, int k) {
        long at = 8L * index;
        filter.set(JAVA_SHORT, at, (short) code);
        filter.set(JAVA_BYTE, at + 2, (byte) skip);
        filter.set(JAVA_INT, at + 4, k);
    }
}

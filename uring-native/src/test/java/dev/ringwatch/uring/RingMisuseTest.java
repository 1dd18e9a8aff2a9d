package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Misuse and refusals: each an exception that names its cause. */
class RingMisuseTest {
    @Test
    void reservedUserDataIsRefused() throws IOException {
        try (IoUring ring = RingShape.DEFAULT.open(2)) {
            for (long reserved : new long[] {-1, -2, -1L << 48}) {
                assertThrows(IllegalArgumentException.class, () -> ring.next(reserved));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> ring.prepare(new Operation.Nop(), reserved));
            }
            ring.next((-1L << 48) - 1);
            assertEquals(1, ring.waiting());
        }
    }

    @Test
    void anotherThreadIsNamed() throws Exception {
        try (IoUring ring = RingShape.openPatiently(RingOptions.entries(4))) {
            for (Executable use :
                    new Executable[] {
                        () -> ring.prepare(new Operation.Nop(), 1),
                        ring::submit,
                        () -> ring.submitAndWait(1),
                        () -> ring.drain(1, (userData, result, flags) -> {}),
                        () -> ring.registerFiles(0),
                        ring::close,
                        ring::unmap,
                        ring::closeDescriptor
                    }) {
                Throwable thrown = onThread(Thread.ofPlatform().name("stranger"), use);
                WrongThreadException wrong = assertInstanceOf(WrongThreadException.class, thrown);
                assertTrue(wrong.toString().contains("stranger"), wrong.toString());
            }
        }
    }

    @Test
    void aVirtualThreadGetsNoRing() throws Exception {
        Throwable thrown =
                onThread(Thread.ofVirtual(), () -> IoUring.open(RingOptions.entries(4)).close());
        assertInstanceOf(WrongThreadException.class, thrown);
    }

    @Test
    void aClosedRingSaysSo() throws IOException {
        IoUring ring = RingShape.openPatiently(RingOptions.entries(4));
        FileTable table = ring.registerEmptyFiles(1);
        ring.close();
        for (Executable use :
                new Executable[] {
                    () -> ring.prepare(new Operation.Nop(), 1),
                    ring::submit,
                    () -> ring.submitAndWait(1),
                    () -> ring.drain(1, (userData, result, flags) -> {}),
                    () -> ring.registerFiles(0),
                    ring::registerDescriptor,
                    () -> table.add(0)
                }) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, use);
            assertTrue(thrown.toString().contains("closed"), thrown.toString());
        }
    }

    @Test
    void aFullQueueSaysSoAndKeepsWhatItHas() throws IOException {
        try (IoUring ring = RingShape.openPatiently(RingOptions.entries(2))) {
            ring.prepare(new Operation.Nop(), 1);
            ring.prepare(new Operation.Nop(), 2);
            assertEquals(0, ring.room());
            IllegalStateException full =
                    assertThrows(
                            IllegalStateException.class,
                            () -> ring.prepare(new Operation.Nop(), 3));
            assertTrue(full.toString().contains("full"), full.toString());
            assertEquals(2, ring.submit());
            assertEquals(2, ring.room());
        }
    }

    @Test
    void aVisitorMayPrepareAndSubmitButNotDrainOrClose() throws IOException {
        try (IoUring ring = RingShape.openPatiently(RingOptions.entries(2))) {
            ring.prepare(new Operation.Nop(), 1);
            ring.submitAndWait(1);
            ring.drain(
                    1,
                    (userData, result, flags) -> {
                        assertThrows(IllegalStateException.class, ring::close);
                        assertThrows(IllegalStateException.class, ring::unmap);
                        assertThrows(
                                IllegalStateException.class, () -> ring.drain(1, (u, r, f) -> {}));
                        ring.prepare(new Operation.Nop(), 2);
                    });
            assertEquals(1, ring.submitAndWait(1));
        }
    }

    @Test
    void waitingForMoreThanTheQueueHoldsIsRefused() throws IOException {
        try (IoUring ring = RingShape.openPatiently(RingOptions.entries(2))) {
            assertThrows(IllegalArgumentException.class, () -> ring.submitAndWait(5));
            assertThrows(IllegalArgumentException.class, () -> ring.submitAndWait(-1));
        }
    }

    @Test
    void heapMemoryIsRefused() throws IOException {
        MemorySegment heap = MemorySegment.ofArray(new byte[8]);
        assertThrows(
                IllegalArgumentException.class,
                () -> new Operation.Read(Target.descriptor(0), heap, 0));
        try (IoUring ring = RingShape.openPatiently(RingOptions.entries(2))) {
            assertThrows(IllegalArgumentException.class, () -> ring.registerBuffers(heap));
            assertThrows(IllegalArgumentException.class, () -> ring.registerBuffers());
            assertThrows(IllegalArgumentException.class, () -> ring.registerFiles());
        }
    }

    @Test
    void optionsThatNoKernelTakesAreRefusedByName() {
        RingOptions four = RingOptions.entries(4);
        assertThrows(IllegalArgumentException.class, () -> RingOptions.entries(0));
        assertThrows(IllegalArgumentException.class, () -> RingOptions.entries(32769));
        assertThrows(IllegalArgumentException.class, () -> four.withCompletions(2));
        assertThrows(IllegalArgumentException.class, () -> four.withCompletions(65537));
        assertThrows(IllegalArgumentException.class, () -> four.withPollIdle(-1));
        IllegalArgumentException alone =
                assertThrows(
                        IllegalArgumentException.class, () -> four.with(SetupFlag.DEFER_TASKRUN));
        assertTrue(alone.toString().contains("SINGLE_ISSUER"), alone.toString());
        IllegalArgumentException both =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> four.with(SetupFlag.SQPOLL, SetupFlag.COOP_TASKRUN));
        assertTrue(both.toString().contains("excludes"), both.toString());
    }

    @ParameterizedTest
    @CsvSource({"4,INTERRUPTED", "62,TIMED_OUT", "11,NO_MEMORY", "16,REAP_FIRST"})
    void errorsOfEnterThatAProgramLivesWith(int code, EnterFailure meaning) throws IOException {
        assertEquals(meaning, EnterFailure.of(code, 3));
    }

    @ParameterizedTest
    @CsvSource({
        "53,lost",
        "17,owns",
        "77,enable",
        "130,anew",
        "9,closed",
        "95,not a ring",
        "1,seccomp"
    })
    void errorsOfEnterThatEndTheRing(int code, String word) {
        ErrnoException thrown = assertThrows(ErrnoException.class, () -> EnterFailure.of(code, 3));
        assertEquals(code, thrown.code());
        assertTrue(thrown.detail().contains(word), thrown.detail());
    }

    @Test
    void anErrorOfEnterThatNobodyExpectedKeepsItsNumber() {
        ErrnoException thrown =
                assertThrows(ErrnoException.class, () -> EnterFailure.of(Errno.EXDEV.code(), 3));
        assertEquals(Errno.EXDEV, thrown.errno());
        assertEquals("io_uring_enter", thrown.call());
    }

    @Test
    void aRefusalNamesTheSysctlOrTheFilter() {
        Sandbox docker = new Sandbox(Optional.of(true), true);
        Sandbox bare = new Sandbox(Optional.of(false), false);
        Sandbox hidden = new Sandbox(Optional.empty(), false);
        assertTrue(SetupRefusal.notPermitted("2", bare).contains("io_uring_disabled is 2"));
        assertTrue(SetupRefusal.notPermitted("1", bare).contains("io_uring_group"));
        assertTrue(SetupRefusal.notPermitted("0", docker).contains("--security-opt"));
        assertTrue(SetupRefusal.notPermitted("0", bare).contains("security module"));
        assertTrue(SetupRefusal.notPermitted("", hidden).contains("/proc hides"));
        ErrnoException memory = SetupRefusal.of(Errno.ENOMEM.code(), RingOptions.entries(4));
        assertTrue(memory.detail().contains("RLIMIT_MEMLOCK"));
        assertEquals(
                "io_uring_setup",
                SetupRefusal.of(Errno.ENOSYS.code(), RingOptions.entries(4)).call());
    }

    @Test
    void theProbeTellsWhatThisKernelTakes() throws IOException {
        switch (RingSupport.probe()) {
            case RingSupport.Refused(ErrnoException reason) ->
                    System.out.println("io_uring does not work here: " + reason.getMessage());
            case RingSupport.Available support -> {
                System.out.println("io_uring: flags " + support.flags());
                System.out.println("io_uring: features " + support.features());
                System.out.println("io_uring: operations " + support.operations().size());
                support.refused()
                        .forEach((flag, why) -> System.out.println("refused " + flag + ": " + why));
                assertTrue(support.features().contains(Feature.SINGLE_MMAP));
                assertTrue(support.has(Opcode.NOP));
                assertEquals(
                        SetupFlag.values().length,
                        support.flags().size() + support.refused().size());
            }
        }
    }

    private static Throwable onThread(Thread.Builder builder, Executable use)
            throws InterruptedException {
        FutureTask<Boolean> task =
                new FutureTask<>(
                        () -> {
                            try {
                                use.execute();
                                return true;
                            } catch (Exception e) {
                                throw e;
                            } catch (Throwable t) {
                                throw new ExecutionException(t);
                            }
                        });
        builder.start(task);
        ExecutionException thrown = assertThrows(ExecutionException.class, task::get);
        return Objects.requireNonNull(thrown.getCause());
    }
}

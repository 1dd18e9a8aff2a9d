package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** The way down from the best ring to the plain one; other kernels are played by what they refuse. */
class RingLadderTest {
    private static final List<SetupFlag> WANTED =
            List.of(
                    SetupFlag.CLAMP,
                    SetupFlag.SUBMIT_ALL,
                    SetupFlag.SINGLE_ISSUER,
                    SetupFlag.DEFER_TASKRUN,
                    SetupFlag.NO_SQARRAY);
    private static final RingOptions BASE = RingOptions.entries(8).with(SetupFlag.R_DISABLED);

    @Test
    void aKernelThatTakesAllIsAskedOnce() throws IOException {
        List<RingOptions> asked = new ArrayList<>();
        RingLadder best = RingLadder.climb(BASE, WANTED, asked::add);
        assertEquals(1, asked.size());
        assertEquals(BASE.with(WANTED.toArray(SetupFlag[]::new)), best.options());
        assertTrue(best.refused().isEmpty());
    }

    @Test
    void onlyTheArrayIsKeptBefore6_6() throws IOException {
        RingLadder best = climbWithout(SetupFlag.NO_SQARRAY);
        assertTrue(best.options().has(SetupFlag.DEFER_TASKRUN));
        assertEquals(Set.of(SetupFlag.NO_SQARRAY), best.refused().keySet());
    }

    @Test
    void cooperationStandsInForDeferredWork() throws IOException {
        RingLadder best = climbWithout(SetupFlag.NO_SQARRAY, SetupFlag.DEFER_TASKRUN);
        assertTrue(best.options().has(SetupFlag.SINGLE_ISSUER));
        assertTrue(best.options().has(SetupFlag.COOP_TASKRUN));
        assertTrue(best.options().has(SetupFlag.TASKRUN_FLAG));
        assertEquals(
                List.of(SetupFlag.DEFER_TASKRUN, SetupFlag.NO_SQARRAY),
                List.copyOf(best.refused().keySet()));
    }

    @Test
    void aPlainRingIsLeftOf5_15() throws IOException {
        Set<SetupFlag> unknown = EnumSet.allOf(SetupFlag.class);
        unknown.removeAll(Set.of(SetupFlag.CLAMP, SetupFlag.R_DISABLED, SetupFlag.SQPOLL));
        RingLadder best = climbWithout(unknown.toArray(SetupFlag[]::new));
        assertEquals(BASE.with(SetupFlag.CLAMP), best.options());
        assertEquals(6, best.refused().size());
        best.refused().forEach((flag, why) -> assertEquals(Errno.EINVAL, why.errno()));
    }

    @Test
    void aKernelWithoutRingsIsTheBaseRingsRefusal() {
        ErrnoException none = SetupRefusal.of(Errno.EPERM.code(), BASE);
        ErrnoException thrown =
                assertThrows(
                        ErrnoException.class,
                        () ->
                                RingLadder.climb(
                                        BASE,
                                        WANTED,
                                        options -> {
                                            throw none;
                                        }));
        assertSame(none, thrown);
    }

    @Test
    void wantOfDescriptorsIsNotBlamedOnAFlag() {
        List<RingOptions> asked = new ArrayList<>();
        assertThrows(
                ErrnoException.class,
                () ->
                        RingLadder.climb(
                                BASE,
                                WANTED,
                                options -> {
                                    asked.add(options);
                                    throw SetupRefusal.of(Errno.EMFILE.code(), options);
                                }));
        assertEquals(1, asked.size());
    }

    @Test
    void theBestRingOfThisKernelWorks() throws IOException {
        RingLadder best = RingLadder.forOwner(8);
        System.out.println("best ring here: " + best.options() + ", refused " + best.refused());
        try (IoUring ring = RingShape.openPatiently(best.options())) {
            ring.prepare(new Operation.Nop(), 1);
            assertEquals(1, ring.submitAndWait(1));
            assertEquals(1, ring.ready());
        }
    }

    @Test
    void theBestRingOfALoopIsTakenOverByItsThread() throws Exception {
        RingLadder best = RingLadder.forLoop(8);
        assertTrue(best.options().has(SetupFlag.R_DISABLED));
        assertFalse(best.refused().containsKey(SetupFlag.R_DISABLED));
        IoUring ring = RingShape.openPatiently(best.options());
        FutureTask<Integer> loop =
                new FutureTask<>(
                        () -> {
                            ring.enable();
                            ring.prepare(new Operation.Nop(), 1);
                            int taken = ring.submitAndWait(1);
                            ring.close();
                            return taken;
                        });
        Thread.ofPlatform().start(loop);
        assertEquals(1, loop.get());
    }

    private static RingLadder climbWithout(SetupFlag... unknown) throws IOException {
        return RingLadder.climb(
                BASE,
                WANTED,
                options -> {
                    for (SetupFlag flag : unknown) {
                        if (options.has(flag)) {
                            throw SetupRefusal.of(Errno.EINVAL.code(), options);
                        }
                    }
                });
    }
}

package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** Offsets as a C compiler gives them for include/uapi/linux/io_uring.h, on both architectures. */
class LayoutTest {
    @Test
    void submissionEntry() {
        assertEquals(0, SqeLayout.OPCODE);
        assertEquals(1, SqeLayout.FLAGS);
        assertEquals(2, SqeLayout.IOPRIO);
        assertEquals(4, SqeLayout.FD);
        assertEquals(8, SqeLayout.OFF);
        assertEquals(16, SqeLayout.ADDR);
        assertEquals(24, SqeLayout.LEN);
        assertEquals(28, SqeLayout.OP_FLAGS);
        assertEquals(32, SqeLayout.USER_DATA);
        assertEquals(40, SqeLayout.BUF_INDEX);
        assertEquals(42, SqeLayout.PERSONALITY);
        assertEquals(44, SqeLayout.FILE_INDEX);
        assertEquals(48, SqeLayout.ADDR3);
        assertEquals(64, SqeLayout.SIZE);
        assertEquals(128, SqeLayout.BIG_SIZE);
    }

    @Test
    void completionEntry() {
        assertEquals(0, CqeLayout.USER_DATA);
        assertEquals(8, CqeLayout.RES);
        assertEquals(12, CqeLayout.FLAGS);
        assertEquals(16, CqeLayout.SIZE);
        assertEquals(16, CqeLayout.EXTRA1);
        assertEquals(24, CqeLayout.EXTRA2);
        assertEquals(32, CqeLayout.BIG_SIZE);
        assertEquals(1 << 5, CqeLayout.F_SKIP);
        assertEquals(1 << 15, Completion.F_32);
    }

    @Test
    void parameters() {
        assertEquals(20, ParamsLayout.FEATURES);
        assertEquals(24, ParamsLayout.WQ_FD);
        assertEquals(40, ParamsLayout.SQ_OFF_HEAD);
        assertEquals(44, ParamsLayout.SQ_OFF_TAIL);
        assertEquals(48, ParamsLayout.SQ_OFF_RING_MASK);
        assertEquals(52, ParamsLayout.SQ_OFF_RING_ENTRIES);
        assertEquals(56, ParamsLayout.SQ_OFF_FLAGS);
        assertEquals(8, ParamsLayout.FLAGS);
        assertEquals(12, ParamsLayout.SQ_THREAD_CPU);
        assertEquals(16, ParamsLayout.SQ_THREAD_IDLE);
        assertEquals(60, ParamsLayout.SQ_OFF_DROPPED);
        assertEquals(72, ParamsLayout.SQ_OFF_USER_ADDR);
        assertEquals(112, ParamsLayout.CQ_OFF_USER_ADDR);
        assertEquals(64, ParamsLayout.SQ_OFF_ARRAY);
        assertEquals(80, ParamsLayout.CQ_OFF_HEAD);
        assertEquals(84, ParamsLayout.CQ_OFF_TAIL);
        assertEquals(96, ParamsLayout.CQ_OFF_OVERFLOW);
        assertEquals(100, ParamsLayout.CQ_OFF_CQES);
        assertEquals(104, ParamsLayout.CQ_OFF_FLAGS);
        assertEquals(120, ParamsLayout.SIZE);
    }

    @Test
    void flagsAndFeatures() {
        assertEquals(1 << 1, SetupFlag.SQPOLL.bit());
        assertEquals(1 << 6, SetupFlag.R_DISABLED.bit());
        assertEquals(1 << 12, SetupFlag.SINGLE_ISSUER.bit());
        assertEquals(1 << 13, SetupFlag.DEFER_TASKRUN.bit());
        assertEquals(1 << 16, SetupFlag.NO_SQARRAY.bit());
        assertEquals(1, SetupFlag.IOPOLL.bit());
        assertEquals(1 << 14, SetupFlag.NO_MMAP.bit());
        assertEquals(1 << 15, SetupFlag.REGISTERED_FD_ONLY.bit());
        assertEquals(1 << 17, SetupFlag.HYBRID_IOPOLL.bit());
        assertEquals(1 << 18, SetupFlag.CQE_MIXED.bit());
        assertEquals(Set.of(Feature.SINGLE_MMAP, Feature.EXT_ARG), Feature.of(0x101));
    }
}

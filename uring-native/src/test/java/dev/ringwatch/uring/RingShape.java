package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.opentest4j.TestAbortedException;

/** The ring layouts that live tests run over. */
enum RingShape {
    DEFAULT,
    DEFER(SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN),
    COOP(SetupFlag.COOP_TASKRUN, SetupFlag.TASKRUN_FLAG),
    SQPOLL(SetupFlag.SQPOLL),
    NO_SQARRAY(SetupFlag.NO_SQARRAY),
    CQE32(SetupFlag.CQE32),
    SQE128(SetupFlag.SQE128),
    CQE_MIXED(SetupFlag.CQE_MIXED),
    NO_MMAP(SetupFlag.NO_MMAP);

    private static final RingSupport SUPPORT = support();

    private final SetupFlag[] flags;

    RingShape(SetupFlag... flags) {
        this.flags = flags;
    }

    RingOptions options(int entries) {
        RingOptions options = RingOptions.entries(entries).with(flags);
        return this == SQPOLL ? options.withPollIdle(5) : options;
    }

    /** A ring of this shape, or a test that is skipped with the reason printed. */
    IoUring open(int entries) throws ErrnoException {
        return open(options(entries));
    }

    IoUring open(RingOptions options) throws ErrnoException {
        switch (SUPPORT) {
            case RingSupport.Refused(ErrnoException reason) -> throw skip(reason);
            case RingSupport.Available available -> {
                for (SetupFlag flag : flags) {
                    ErrnoException refusal = available.refused().get(flag);
                    if (refusal != null) {
                        throw skip(refusal);
                    }
                }
            }
        }
        return openPatiently(options);
    }

    /** The memory of closed rings comes back late: ENOMEM is tolerated for two seconds. */
    static IoUring openPatiently(RingOptions options) throws ErrnoException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (true) {
            try {
                return IoUring.open(options);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOMEM || System.nanoTime() - end > 0) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    private TestAbortedException skip(ErrnoException reason) {
        String text = "SKIPPED on " + this + " rings: " + reason.getMessage();
        System.out.println(text);
        return new TestAbortedException(text);
    }

    private static RingSupport support() {
        try {
            return RingSupport.probe();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

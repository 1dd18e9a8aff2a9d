package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The best set-up that this kernel takes, down to 5.15's plain ring.
 *
 * <p>All wanted flags are tried together first. If the kernel refuses them, each is added alone in
 * the order of the list and stays if the ring is still made, so a flag is left out for a reason of
 * its own. Flags are tried, never concluded from a version.
 *
 * <pre>{@code
 * RingLadder best = RingLadder.forLoop(256);
 * best.refused().forEach((flag, why) -> log(flag + ": " + why.getMessage()));
 * IoUring ring = IoUring.open(best.options());
 * }</pre>
 *
 * @param options what to make the ring with
 * @param refused flags that would have been better, each with the kernel's refusal
 */
public record RingLadder(RingOptions options, Map<SetupFlag, ErrnoException> refused) {
    /** For a ring with one thread that submits and waits in one call, best first. */
    private static final List<SetupFlag> ONE_THREAD =
            List.of(
                    SetupFlag.CLAMP,
                    SetupFlag.SUBMIT_ALL,
                    SetupFlag.SINGLE_ISSUER,
                    SetupFlag.DEFER_TASKRUN,
                    SetupFlag.NO_SQARRAY);

    /** In place of {@link SetupFlag#DEFER_TASKRUN} where that is refused. */
    private static final List<SetupFlag> SECOND_BEST =
            List.of(SetupFlag.COOP_TASKRUN, SetupFlag.TASKRUN_FLAG);

    /** Keeps an unchangeable copy, in the order given. */
    public RingLadder {
        refused = Collections.unmodifiableMap(new LinkedHashMap<>(refused));
    }

    /** Tells whether the kernel makes a ring. */
    @FunctionalInterface
    interface Attempt {
        /** Makes a ring and gives it up, or throws the refusal. */
        void make(RingOptions options) throws IOException;
    }

    /**
     * The best for a ring that one thread makes and uses.
     *
     * @param entries submission entries
     * @throws ErrnoException if even a ring without flags is refused
     * @throws IOException if closing a ring that was tried fails
     * @throws WrongThreadException on a virtual thread
     */
    public static RingLadder forOwner(int entries) throws IOException {
        return climb(RingOptions.entries(entries), ONE_THREAD, RingLadder::tryOut);
    }

    /**
     * The best for a ring that a loop's thread takes over with {@link IoUring#enable()}.
     *
     * @param entries submission entries
     * @throws ErrnoException if even a disabled ring without other flags is refused
     * @throws IOException if closing a ring that was tried fails
     * @throws WrongThreadException on a virtual thread
     */
    public static RingLadder forLoop(int entries) throws IOException {
        RingOptions disabled = RingOptions.entries(entries).with(SetupFlag.R_DISABLED);
        return climb(disabled, ONE_THREAD, RingLadder::tryOut);
    }

    /**
     * The best of the wanted flags, on top of some that are not given up.
     *
     * @param base what the ring needs in any case
     * @param wanted best first; one that needs another comes after it
     */
    static RingLadder climb(RingOptions base, List<SetupFlag> wanted, Attempt attempt)
            throws IOException {
        RingOptions all = base.with(wanted.toArray(SetupFlag[]::new));
        try {
            attempt.make(all);
            return new RingLadder(all, Map.of());
        } catch (ErrnoException refused) {
            if (!mayBeAFlag(refused)) {
                throw refused;
            }
        }
        attempt.make(base);
        Map<SetupFlag, ErrnoException> refusals = new LinkedHashMap<>();
        RingOptions best = add(base, wanted, attempt, refusals);
        if (refusals.containsKey(SetupFlag.DEFER_TASKRUN)) {
            best = add(best, SECOND_BEST, attempt, refusals);
        }
        return new RingLadder(best, refusals);
    }

    /** Makes a ring; the memory of closed ones comes back late, so ENOMEM may pass in a moment. */
    static IoUring openPatiently(RingOptions options) throws ErrnoException {
        int attempts = 50;
        for (int attempt = 1; ; attempt++) {
            try {
                return IoUring.open(options);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOMEM || attempt == attempts) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    private static RingOptions add(
            RingOptions base,
            List<SetupFlag> wanted,
            Attempt attempt,
            Map<SetupFlag, ErrnoException> refusals)
            throws IOException {
        RingOptions best = base;
        for (SetupFlag flag : wanted) {
            try {
                RingOptions tried = withNeeded(best, flag);
                attempt.make(tried);
                best = tried;
            } catch (ErrnoException refused) {
                refusals.put(flag, refused);
            }
        }
        return best;
    }

    private static RingOptions withNeeded(RingOptions options, SetupFlag flag) {
        Set<SetupFlag> needed = flag.needsOneOf();
        boolean has = needed.isEmpty() || needed.stream().anyMatch(options::has);
        return has ? options.with(flag) : options.with(needed.iterator().next(), flag);
    }

    /** io_uring_setup(2) says EINVAL of a flag it does not know, EPERM of one that needs more. */
    private static boolean mayBeAFlag(ErrnoException refused) {
        return refused.errno() == Errno.EINVAL || refused.errno() == Errno.EPERM;
    }

    private static void tryOut(RingOptions options) throws IOException {
        openPatiently(options).close();
    }
}

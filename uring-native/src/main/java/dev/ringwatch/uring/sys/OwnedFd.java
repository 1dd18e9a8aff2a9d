package dev.ringwatch.uring.sys;

import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.Ticket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor with one owner, closed exactly once.
 *
 * <p>The kernel reuses numbers at once. A second close through this object does nothing, so it can
 * never hit a stranger's file. Whoever copies {@link #number()} must see to it that the owner does
 * not close meanwhile.
 *
 * <p>Safe for use by many threads: of several closers one closes.
 */
public final class OwnedFd implements AutoCloseable {
    private static final int GONE = -1;

    private final AtomicInteger number;
    private final Ticket ticket;

    private OwnedFd(int number) {
        this.number = new AtomicInteger(number);
        ticket = ResourceTracker.global().opened(ResourceKind.DESCRIPTOR, "fd", number, this);
    }

    /**
     * Takes ownership of an open descriptor.
     *
     * @param number 0 or more
     * @throws IllegalArgumentException if it is negative
     */
    public static OwnedFd own(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("a descriptor is 0 or more, this is " + number);
        }
        return new OwnedFd(number);
    }

    /**
     * The descriptor's number.
     *
     * @throws IllegalStateException after {@link #close()} or {@link #release()}
     */
    public int number() {
        int now = number.get();
        if (now == GONE) {
            throw new IllegalStateException("the descriptor was closed or released");
        }
        return now;
    }

    /** Whether it is still owned and open. */
    public boolean isOpen() {
        return number.get() != GONE;
    }

    /**
     * Gives up ownership without closing.
     *
     * @return the number, now the caller's to close
     * @throws IllegalStateException after {@link #close()} or {@link #release()}
     */
    public int release() {
        int was = number.getAndSet(GONE);
        if (was == GONE) {
            throw new IllegalStateException("the descriptor was closed or released");
        }
        ticket.close();
        return was;
    }

    /**
     * Closes the descriptor; does nothing the second time.
     *
     * @throws ErrnoException if close(2) reports an error; the number is gone all the same
     */
    @Override
    public void close() throws ErrnoException {
        int was = number.getAndSet(GONE);
        if (was != GONE) {
            ticket.close();
            Fds.close(was);
        }
    }

    /**
     * Closes all, also when closing one fails.
     *
     * @throws ErrnoException the first failure, the others suppressed
     */
    public static void closeAll(List<OwnedFd> descriptors) throws ErrnoException {
        ErrnoException first = null;
        for (OwnedFd fd : descriptors) {
            try {
                fd.close();
            } catch (ErrnoException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    @Override
    public String toString() {
        int now = number.get();
        return now == GONE ? "fd (closed)" : "fd " + now;
    }
}

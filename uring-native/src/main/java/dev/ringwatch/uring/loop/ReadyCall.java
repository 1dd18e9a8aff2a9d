package dev.ringwatch.uring.loop;

import static dev.ringwatch.uring.sys.Sys.call;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A plain call on a file that may not be ready: waits until it is, makes the call, and waits again
 * if somebody was faster. The waiting can be cancelled; where the call itself blocks it should be
 * given a flag against that, such as MSG_DONTWAIT.
 */
final class ReadyCall implements Job.Call {
    /** POLLIN. */
    static final short IN = 1;

    /** POLLOUT. */
    static final short OUT = 4;

    private static final int POLLFD = 8;

    private final int fd;
    private final short events;
    private final Job.Call attempt;

    /** While waiting: what ends that. */
    private Optional<OwnedFd> bell = Optional.empty();

    private boolean cancelled;

    ReadyCall(int fd, short events, Job.Call attempt) {
        this.fd = fd;
        this.events = events;
        this.attempt = attempt;
    }

    @Override
    public long make() {
        try (OwnedFd ending = Fds.eventFd(0, 0)) {
            hang(Optional.of(ending));
            try {
                return attempts(ending);
            } finally {
                hang(Optional.empty());
            }
        } catch (ErrnoException e) {
            return -e.code();
        }
    }

    private long attempts(OwnedFd ending) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = polled(arena, ending);
            long result = -Errno.EAGAIN.code();
            while (result == -Errno.EAGAIN.code() || result == -Errno.EINTR.code()) {
                result = call(Syscall.PPOLL, polled.address(), 2, 0);
                if (isCancelled()) {
                    return -Errno.ECANCELED.code();
                }
                if (result >= 0) {
                    result = attempt.make();
                }
            }
            return result;
        }
    }

    private MemorySegment polled(Arena arena, OwnedFd ending) {
        MemorySegment polled = arena.allocate(2 * POLLFD, 8);
        polled.set(JAVA_INT, 0, fd);
        polled.set(JAVA_SHORT, 4, events);
        polled.set(JAVA_INT, POLLFD, ending.number());
        polled.set(JAVA_SHORT, POLLFD + 4, IN);
        return polled;
    }

    private synchronized void hang(Optional<OwnedFd> now) {
        bell = now;
        if (cancelled) {
            ring();
        }
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    @Override
    public synchronized void wake() {
        cancelled = true;
        ring();
    }

    private void ring() {
        bell.ifPresent(
                to -> {
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment one = arena.allocateFrom(JAVA_LONG, 1L);
                        long written = call(Syscall.WRITE, to.number(), one.address(), 8);
                        if (Sys.failed(written)) {
                            throw new IllegalStateException(
                                    "an eventfd was closed by somebody else: " + written);
                        }
                    }
                });
    }
}

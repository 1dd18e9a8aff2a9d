package dev.ringwatch.agent.differ;

import static dev.ringwatch.uring.sys.Sys.call;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringwatch.core.kernel.KernelState;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.PendingRequest;
import dev.ringwatch.core.kernel.Ring;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rings that end where nobody can see it: what they held is held by something else, too. The
 * kernel gives it up some tens of milliseconds later, and who judges it before that judges wrongly.
 */
final class RingEnd {
    private static final int REGISTER_FILES = 2;
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    private static final int POLLERR = 8;
    private static final int CANARIES = 2;

    private final KernelState kernel;
    private final Map<Ring, List<OpenFile>> held = new HashMap<>();

    private RingEnd(KernelState kernel) {
        this.kernel = kernel;
    }

    /** To be asked before a step. */
    static RingEnd before(KernelState kernel) {
        RingEnd before = new RingEnd(kernel);
        for (Ring ring : kernel.rings()) {
            List<OpenFile> files = new ArrayList<>(ring.leaving());
            ring.slots().stream().filter(f -> f != null).forEach(files::add);
            for (PendingRequest request : ring.pending().values()) {
                OpenFile file = request.file();
                if (file != null) {
                    files.add(file);
                }
            }
            if (files.stream().anyMatch(f -> f.socket() != null)) {
                before.held.put(ring, files);
            }
        }
        return before;
    }

    /** After the step: whether a ring ended and what it held is still there, to be judged. */
    boolean unseen() {
        return held.entrySet().stream()
                .anyMatch(
                        entry ->
                                !kernel.rings().contains(entry.getKey())
                                        && entry.getValue().stream().anyMatch(RingEnd::isInFlight));
    }

    private static boolean isInFlight(OpenFile file) {
        return !file.released() && file.socket() != null && file.socket().inFlight() > 0;
    }

    /**
     * Closes a ring of its own and waits until that has given up its files: others did before. It has
     * a request to cancel, since the kernel looks only every 50 ms whether all are gone.
     */
    static void await() throws ErrnoException {
        for (int i = 0; i < CANARIES; i++) {
            awaitOne();
        }
    }

    private static void awaitOne() throws ErrnoException {
        List<OwnedFd> pipe = Fds.pipe(0);
        try (OwnedFd writer = pipe.get(1);
                Arena arena = Arena.ofConfined()) {
            LiveRing.Made made = LiveRing.make("canary");
            try (OwnedFd ring = OwnedFd.own(made.fd());
                    OwnedFd reader = pipe.get(0)) {
                long files = arena.allocateFrom(JAVA_INT, reader.number()).address();
                Sys.check(
                        Syscall.IO_URING_REGISTER,
                        call(Syscall.IO_URING_REGISTER, ring.number(), REGISTER_FILES, files, 1),
                        "canary");
                made.ring().submitWaiting(ring.number());
            }
            made.ring().forget();
            awaitError(writer.number(), arena);
        }
    }

    private static void awaitError(int fd, Arena arena) throws ErrnoException {
        MemorySegment poll = arena.allocate(8, 8);
        MemorySegment time = arena.allocate(16, 8);
        poll.set(JAVA_INT, 0, fd);
        time.set(java.lang.foreign.ValueLayout.JAVA_LONG, 0, 1);
        long start = System.nanoTime();
        while ((poll.get(JAVA_SHORT, 6) & POLLERR) == 0) {
            call(Syscall.PPOLL, poll.address(), 1, time.address(), 0);
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new IllegalStateException("a closed ring keeps its files");
            }
        }
    }
}

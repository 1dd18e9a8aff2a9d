package dev.ringwatch.agent.zoo;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.FileTable;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Operation;
import dev.ringwatch.uring.RingOptions;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.Target;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Tasks;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Programs that do what programs do and leave nothing behind: a server that is sent descriptors, rings
 * that come and go, a server of direct descriptors, and a reader of a pipe. Each pauses, so that there
 * is time for others.
 */
final class WellBehaved {
    private static final MemorySegment BYTE = MemorySegment.ofArray(new byte[1]);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long ACCEPT = 1L << 32;
    private static final long CLOSE = 1 << 20;
    private static final int SLOTS = 32;
    private static final int CALLERS = 4;

    private static final AtomicLong MESSAGES = new AtomicLong();

    private WellBehaved() {}

    private interface Job {
        void run() throws IOException;
    }

    /** How many messages, connections and rings there have been. */
    static long messages() {
        return MESSAGES.get();
    }

    static void start() throws IOException {
        List<OwnedFd> passing = Sockets.pair(Sockets.SOCK_SEQPACKET);
        forever(() -> send(passing.get(0)));
        forever(() -> receive(passing.get(1)));
        forever(WellBehaved::openRing);
        List<OwnedFd> pipe = Fds.pipe(0);
        thread(() -> readByRing(pipe.get(0)));
        forever(() -> Fds.write(pipe.get(1).number(), BYTE));
        UnixAddress name = new UnixAddress.Abstract("ringwatch-behaved-" + Tasks.pid());
        OwnedFd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        Sockets.bind(listener.number(), name);
        Sockets.listen(listener.number(), CALLERS);
        thread(() -> serveDirectly(listener));
        for (int i = 0; i < CALLERS; i++) {
            forever(() -> call(name));
        }
    }

    private static void send(OwnedFd socket) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        OwnedFd event = Fds.eventFd(0, 0);
        ScmRights.send(
                socket.number(), BYTE, pair.get(0).number(), pair.get(1).number(), event.number());
        pair.get(0).close();
        pair.get(1).close();
        event.close();
    }

    private static void receive(OwnedFd socket) throws IOException {
        ScmRights.receive(socket.number(), MemorySegment.ofArray(new byte[1])).close();
        MESSAGES.incrementAndGet();
    }

    private static void openRing() throws IOException {
        try (IoUring ring = IoUring.open(RingOptions.entries(4));
                OwnedFd file = Fds.eventFd(0, 0)) {
            ring.registerFiles(file.number());
            MESSAGES.incrementAndGet();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOMEM) {
                throw e; // memory comes back later than rings go
            }
        }
    }

    private static void readByRing(OwnedFd pipe) throws IOException {
        IoUring ring = IoUring.open(RingOptions.entries(4));
        MemorySegment room = Arena.global().allocate(1);
        while (true) {
            ring.prepare(
                    new Operation.Read(
                            Target.descriptor(pipe.number()), room, Operation.CURRENT_POSITION),
                    1);
            ring.submitAndWait(1);
            ring.drain(1, (data, result, flags) -> MESSAGES.incrementAndGet());
        }
    }

    private static void call(UnixAddress name) throws IOException {
        try (OwnedFd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
            Sockets.connect(socket.number(), name);
            Sockets.send(socket.number(), BYTE, 0);
            Sockets.receive(socket.number(), MemorySegment.ofArray(new byte[1]), 0);
        }
    }

    /** Connections that have no descriptor: accepted into slots, received from, closed there. */
    private static void serveDirectly(OwnedFd listener) throws IOException {
        IoUring ring = IoUring.open(RingOptions.entries(64));
        FileTable table = ring.registerEmptyFiles(SLOTS);
        MemorySegment room = Arena.global().allocate(SLOTS);
        accept(ring, listener);
        while (true) {
            ring.submitAndWait(1);
            ring.drain(
                    64,
                    (data, result, flags) -> {
                        if (data == ACCEPT) {
                            if (result >= 0) {
                                receive(ring, table.claimed(result), room);
                            }
                            if ((flags & Completion.F_MORE) == 0) {
                                accept(ring, listener);
                            }
                        } else if (data < CLOSE) {
                            MESSAGES.incrementAndGet();
                            ring.next(CLOSE + data).closeSlot((int) data);
                        } else {
                            table.closed((int) (data - CLOSE));
                        }
                    });
        }
    }

    private static void accept(IoUring ring, OwnedFd listener) {
        ring.prepare(new Operation.AcceptMultishot(Target.descriptor(listener.number()), 0), ACCEPT)
                .intoSlot(SubmissionEntry.ANY_SLOT);
    }

    private static void receive(IoUring ring, int slot, MemorySegment room) {
        ring.prepare(new Operation.Receive(Target.slot(slot), room.asSlice(slot, 1), 0), slot);
    }

    private static void forever(Job job) {
        thread(
                () -> {
                    while (true) {
                        job.run();
                        LockSupport.parkNanos(PAUSE);
                    }
                });
    }

    private static void thread(Job job) {
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                job.run();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
    }
}

package dev.ringwatch.agent;

import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.RingOptions;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Work that never ends, in a thread of its own, for benchmarks: how often it was done, and how long
 * it took at most. Reading is safe for any thread.
 */
final class Workload {
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SEND_BUFFER = 1 << 30;
    private static final int BATCH = 32;
    private static final long BETWEEN_SENDS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final MemorySegment BYTE = Arena.global().allocate(1);

    private final AtomicLong done = new AtomicLong();
    private final AtomicLong slowest = new AtomicLong();

    /** One turn of the work; how many operations it was. */
    @FunctionalInterface
    private interface Turn {
        int run() throws IOException;
    }

    private Workload() {}

    /** How many operations were done, and the slowest since this was last asked, in nanoseconds. */
    String report() {
        return done.get() + " " + slowest.getAndSet(0);
    }

    /** Operations of a ring that do nothing, submitted by 32. */
    static Workload busyRing() {
        return new Workload().start(new RingTurn(), 0);
    }

    /** A ring belongs to the thread that opens it: the workload's. */
    private static final class RingTurn implements Turn {
        private @Nullable IoUring opened;

        @Override
        public int run() throws IOException {
            IoUring ring = opened;
            if (ring == null) {
                ring = IoUring.open(RingOptions.entries(64));
                opened = ring;
            }
            for (int i = 0; i < BATCH; i++) {
                ring.next(i).nop();
            }
            ring.submitAndWait(BATCH);
            return ring.drain(BATCH, (userData, result, flags) -> {});
        }
    }

    /** A descriptor sent over AF_UNIX, received and closed. */
    static Workload busyUnix() throws ErrnoException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_SEQPACKET);
        OwnedFd sent = Fds.eventFd(0, 0);
        return new Workload().start(() -> pass(pair, sent), 0);
    }

    private static int pass(List<OwnedFd> pair, OwnedFd sent) throws IOException {
        ScmRights.send(pair.get(0).number(), BYTE, sent.number());
        for (OwnedFd fd : ScmRights.receive(pair.get(1).number(), BYTE).descriptors()) {
            fd.close();
        }
        return 1;
    }

    /** A byte sent over AF_UNIX and received. */
    static Workload busyBytes() throws ErrnoException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_SEQPACKET);
        return new Workload().start(() -> passByte(pair), 0);
    }

    private static int passByte(List<OwnedFd> pair) throws IOException {
        Sockets.send(pair.get(0).number(), BYTE, 0);
        return Sockets.receive(pair.get(1).number(), BYTE, 0);
    }

    /** A byte sent every 100 us to a socket in whose queue so many packets wait. */
    static Workload sendsBehindPackets(int packets) throws ErrnoException {
        OwnedFd sender = sender();
        for (int i = 0; i < packets; i++) {
            Sockets.send(sender.number(), BYTE, 0);
        }
        return new Workload().start(() -> Sockets.send(sender.number(), BYTE, 0), BETWEEN_SENDS);
    }

    /** The same with so many descriptors waiting. */
    static Workload sendsBehindDescriptors(int descriptors) throws IOException {
        OwnedFd sender = sender();
        try (OwnedFd sent = Fds.eventFd(0, 0)) {
            for (int left = descriptors; left > 0; left -= ScmRights.MAX_DESCRIPTORS) {
                int[] fds = new int[Math.min(left, ScmRights.MAX_DESCRIPTORS)];
                Arrays.fill(fds, sent.number());
                ScmRights.send(sender.number(), BYTE, fds);
            }
        }
        return new Workload().start(() -> Sockets.send(sender.number(), BYTE, 0), BETWEEN_SENDS);
    }

    /** The receiver is never closed: the process ends with both. */
    private static OwnedFd sender() throws ErrnoException {
        OwnedFd sender = Sockets.pair(Sockets.SOCK_STREAM).getFirst();
        Sockets.setOption(sender.number(), Sockets.SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER);
        return sender;
    }

    private Workload start(Turn turn, long pauseNanos) {
        Thread.ofPlatform().daemon().name("workload").start(() -> run(turn, pauseNanos));
        return this;
    }

    private void run(Turn turn, long pauseNanos) {
        try {
            while (true) {
                long begin = System.nanoTime();
                int operations = turn.run();
                slowest.accumulateAndGet(System.nanoTime() - begin, Math::max);
                done.addAndGet(operations);
                if (pauseNanos > 0) {
                    LockSupport.parkNanos(pauseNanos);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // whoever asks sees that no more is done
        }
    }
}

package dev.ringwatch.agent.observe;

import dev.ringwatch.core.kernel.KernelEra.Detail;
import dev.ringwatch.core.kernel.KernelEra.Lookup;
import dev.ringwatch.core.kernel.KernelEra.SendRing;
import dev.ringwatch.core.kernel.KernelEra.Slots;
import dev.ringwatch.uring.FileTable;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Operation;
import dev.ringwatch.uring.RingOptions;
import dev.ringwatch.uring.RingSupport;
import dev.ringwatch.uring.SqeLayout;
import dev.ringwatch.uring.Target;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * What sockets and rings of this process were seen to do. What needs a ring is absent where this
 * process may make none.
 *
 * @param sendRing what happens to a ring that is sent
 * @param ringInRing whether a ring may be in a ring's table
 * @param slots how a file leaves a slot
 * @param lookup when a request's descriptor is looked up
 * @param requestsHold whether a request that waits keeps its file open
 * @param details small things
 */
record RuleTrials(
        Optional<SendRing> sendRing,
        Optional<Boolean> ringInRing,
        Optional<Slots> slots,
        Optional<Lookup> lookup,
        Optional<Boolean> requestsHold,
        Set<Detail> details) {
    private static final long SOON_NANOS = 3_000_000_000L;
    private static final long PAUSE_NANOS = 2_000_000;
    private static final int SEND = 1;
    private static final int MSG_OOB = 1;

    static RuleTrials run() throws IOException {
        boolean rings = RingSupport.probe() instanceof RingSupport.Available;
        return new RuleTrials(
                rings ? Optional.of(trySendRing()) : Optional.empty(),
                rings ? Optional.of(tryRingInRing()) : Optional.empty(),
                rings ? Optional.of(trySlots()) : Optional.empty(),
                rings ? Optional.of(tryLookup()) : Optional.empty(),
                rings ? Optional.of(requestHolds()) : Optional.empty(),
                tryDetails(rings));
    }

    /** Two connected sockets. */
    private record Pair(OwnedFd one, OwnedFd other) implements AutoCloseable {
        static Pair open(int type) throws ErrnoException {
            List<OwnedFd> ends = Sockets.pair(type);
            return new Pair(ends.get(0), ends.get(1));
        }

        /** Whether the first has been let go of by all: the other then reads the end. */
        boolean ended() throws ErrnoException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment data = arena.allocate(1);
                return Sockets.receive(other.number(), data, Sockets.MSG_DONTWAIT) == 0;
            } catch (ErrnoException e) {
                if (e.errno() == Errno.EAGAIN) {
                    return false;
                }
                throw e;
            }
        }

        /** Up to 6.3 emptied slots are let go by a worker that may take its time. */
        boolean endsSoon() throws ErrnoException {
            long start = System.nanoTime();
            while (!ended()) {
                if (System.nanoTime() - start > SOON_NANOS) {
                    return false;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return true;
        }

        @Override
        public void close() throws ErrnoException {
            try (one;
                    other) {
                // Both are closed in any case.
            }
        }
    }

    private static IoUring ring() throws ErrnoException {
        return IoUring.open(RingOptions.entries(4));
    }

    private static SendRing trySendRing() throws IOException {
        try (Pair pair = Pair.open(Sockets.SOCK_STREAM);
                IoUring ring = ring();
                Arena arena = Arena.ofConfined()) {
            ScmRights.send(pair.one.number(), arena.allocate(1), ring.descriptor());
            return SendRing.ALLOWED;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL) {
                return SendRing.REFUSED;
            }
            throw e;
        }
    }

    private static boolean tryRingInRing() throws IOException {
        try (IoUring ring = ring();
                IoUring other = ring()) {
            ring.registerFiles(other.descriptor());
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EBADF) {
                return false;
            }
            throw e;
        }
    }

    /** A request uses slot 0; slot 1, which nothing uses, is emptied behind slot 0. */
    private static Slots trySlots() throws IOException {
        try (Pair used = Pair.open(Sockets.SOCK_STREAM);
                Pair idle = Pair.open(Sockets.SOCK_STREAM);
                IoUring ring = ring()) {
            FileTable table = ring.registerFiles(used.one.number(), idle.one.number());
            ring.prepare(new Operation.PollAdd(Target.slot(0), Operation.POLLIN, false), 1);
            ring.submit();
            idle.one.close();
            table.clear(0);
            table.clear(1);
            return idle.ended() ? Slots.EACH : Slots.IN_ORDER;
        }
    }

    /** A request waits behind another; its descriptor is closed meanwhile, or its slot emptied. */
    private static Lookup tryLookup() throws IOException {
        if (holdsDescriptorEarly()) {
            return holdsSlotEarly() ? Lookup.AT_SUBMISSION : Lookup.DESCRIPTOR_AT_SUBMISSION;
        }
        return Lookup.AT_ISSUE;
    }

    private static boolean holdsDescriptorEarly() throws IOException {
        try (Pair head = Pair.open(Sockets.SOCK_STREAM);
                Pair linked = Pair.open(Sockets.SOCK_STREAM);
                IoUring ring = ring()) {
            ring.prepare(poll(head), 1, SqeLayout.IO_LINK);
            ring.prepare(poll(linked), 2);
            ring.submit();
            linked.one.close();
            return !linked.ended();
        }
    }

    private static boolean holdsSlotEarly() throws IOException {
        try (Pair head = Pair.open(Sockets.SOCK_STREAM);
                Pair linked = Pair.open(Sockets.SOCK_STREAM);
                IoUring ring = ring()) {
            FileTable table = ring.registerFiles(linked.one.number());
            ring.prepare(poll(head), 1, SqeLayout.IO_LINK);
            ring.prepare(new Operation.PollAdd(Target.slot(0), Operation.POLLIN, false), 2);
            ring.submit();
            linked.one.close();
            table.clear(0);
            return !linked.endsSoon();
        }
    }

    private static boolean requestHolds() throws IOException {
        try (Pair pair = Pair.open(Sockets.SOCK_STREAM);
                IoUring ring = ring()) {
            ring.prepare(poll(pair), 1);
            ring.submit();
            pair.one.close();
            return !pair.ended();
        }
    }

    private static Operation poll(Pair pair) {
        return new Operation.PollAdd(Target.descriptor(pair.one.number()), Operation.POLLIN, false);
    }

    private static Set<Detail> tryDetails(boolean rings) throws IOException {
        Set<Detail> details = EnumSet.noneOf(Detail.class);
        if (peerIsLookedUpLast()) {
            details.add(Detail.PEER_LOOKED_UP_LAST);
        }
        if (emptyReadEnds()) {
            details.add(Detail.EMPTY_READ_ENDS);
        }
        if (readGoesOnBehindUrgent()) {
            details.add(Detail.READ_BEHIND_URGENT);
        }
        if (rings && wokenInOrder()) {
            details.add(Detail.WOKEN_IN_ORDER);
        }
        return details;
    }

    private static boolean readGoesOnBehindUrgent() throws IOException {
        try (Pair pair = Pair.open(Sockets.SOCK_STREAM);
                Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(1);
            Sockets.send(pair.one.number(), data, MSG_OOB);
            Sockets.receive(pair.other.number(), data, MSG_OOB);
            Sockets.send(pair.one.number(), data, 0);
            return Sockets.receive(pair.other.number(), data, Sockets.MSG_DONTWAIT) == 1;
        } catch (ErrnoException e) {
            return false; // EAGAIN, or EOPNOTSUPP where out-of-band data is not built in
        }
    }

    /** Who came last is woken first; does it complete first? */
    private static boolean wokenInOrder() throws IOException {
        try (Pair pair = Pair.open(Sockets.SOCK_STREAM);
                IoUring ring = ring();
                Arena arena = Arena.ofConfined()) {
            ring.prepare(poll(pair), 1);
            ring.prepare(poll(pair), 2);
            ring.submit();
            Sockets.send(pair.other.number(), arena.allocate(1), 0);
            List<Long> order = new ArrayList<>();
            ring.submitAndWait(2, SOON_NANOS);
            ring.drain(2, (userData, result, flags) -> order.add(userData));
            return order.equals(List.of(2L, 1L));
        }
    }

    /** A datagram socket without a peer that may not send either: which of both is said? */
    private static boolean peerIsLookedUpLast() throws IOException {
        try (OwnedFd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0);
                Arena arena = Arena.ofConfined()) {
            Sockets.shutdown(socket.number(), SEND);
            Sockets.send(socket.number(), arena.allocate(1), Sockets.MSG_DONTWAIT);
            throw new IOException("a socket sent after it was shut down");
        } catch (ErrnoException e) {
            return e.errno() == Errno.EPIPE;
        }
    }

    private static boolean emptyReadEnds() throws IOException {
        try (Pair pair = Pair.open(Sockets.SOCK_STREAM);
                Arena arena = Arena.ofConfined()) {
            Sockets.send(pair.one.number(), arena.allocate(1), MSG_OOB);
            MemorySegment nothing = arena.allocate(1).asSlice(0, 0);
            Sockets.receive(pair.other.number(), nothing, Sockets.MSG_DONTWAIT);
            return true;
        } catch (ErrnoException e) {
            return false; // EAGAIN, or EINVAL where out-of-band data is not built in
        }
    }
}

package dev.ringwatch.agent.bpf;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells whether the kernel's collector has completed a run: a socket of our own that only its own
 * queue holds, so that nothing but the collector can free it, and its peer, which sees it go.
 *
 * <p>The collector works when it likes; that it was woken proves nothing. When the socket is gone, a
 * run that began after this was made has judged everything in flight. And since a new loop sends
 * the collector over the whole graph again (unix_update_graph), that run gave every socket that was
 * in flight before a new index (unix_walk_scc), also on kernels whose shorter runs keep the old
 * ones.
 */
final class CollectorWitness implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);
    private static final int LOOKS_BEFORE_WAKING_IT = 10;

    private final OwnedFd peer;
    private final long inode;

    /** Makes the loop. The collector has yet to be woken: by a close of any other AF_UNIX socket. */
    CollectorWitness() throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        peer = pair.get(1);
        boolean ready = false;
        try (OwnedFd looped = pair.get(0)) {
            inode = SelfCheckPair.inode(looped);
            ScmRights.send(peer.number(), MemorySegment.ofArray(new byte[1]), looped.number());
            ready = true;
        } finally {
            if (!ready) {
                peer.close();
            }
        }
    }

    /** Of the socket that goes when the collector has run. */
    long inode() {
        return inode;
    }

    /** Whether the collector has completed a run since this was made. */
    boolean ran() throws ErrnoException {
        try {
            return Sockets.receive(
                            peer.number(), MemorySegment.ofArray(new byte[1]), Sockets.MSG_DONTWAIT)
                    == 0;
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case EAGAIN -> false;
                case ECONNRESET -> true;
                default -> throw e;
            };
        }
    }

    /** {@link #ran}, waiting for it no longer than so; wakes the collector if it seems to sleep. */
    boolean ran(Duration patience) throws ErrnoException {
        long start = System.nanoTime();
        for (int looks = 1; !ran(); looks++) {
            if (System.nanoTime() - start > patience.toNanos()) {
                return false;
            }
            if (looks % LOOKS_BEFORE_WAKING_IT == 0) {
                Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0).close();
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return true;
    }

    @Override
    public void close() throws ErrnoException {
        peer.close();
    }
}

package dev.ringwatch.agent.bpf;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Two connected sockets, the first of which lies in flight in the queue of the second: what every
 * observation must see, or it is not to be believed. It is also where the walk of the collector's
 * list begins. It lives no longer than one observation, because while any socket is in flight every
 * close of an AF_UNIX socket on the machine wakes the collector (unix_release_sock).
 */
final class SelfCheckPair implements AutoCloseable {
    private final OwnedFd sent;
    private final OwnedFd receiver;

    SelfCheckPair() throws ErrnoException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        sent = pair.get(0);
        receiver = pair.get(1);
        boolean ready = false;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocateFrom("x");
            ScmRights.send(sent.number(), data.asSlice(0, 1), sent.number());
            ready = true;
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    long sentInode() throws IOException {
        return inode(sent);
    }

    long receiverInode() throws IOException {
        return inode(receiver);
    }

    /** Closing the receiver drops its queue, and with it the only reference in flight. */
    @Override
    public void close() throws ErrnoException {
        try (sent;
                receiver) {
            // Both are closed in any case, the receiver first.
        }
    }

    static long inode(OwnedFd fd) throws IOException {
        String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd.number())).toString();
        return Long.parseLong(target, "socket:[".length(), target.length() - 1, 10);
    }
}

package dev.ringwatch.agent.differ;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An open descriptor of this process.
 *
 * @param fd its number
 * @param identity tells its file from others that are open
 * @param ring the ring behind it, or null
 */
record LiveFile(int fd, String identity, @Nullable LiveRing ring) {
    private static final int F_GETFL = 3;
    private static final int ACCESS_MODE = 3;
    private static final String SOCKET = "socket:[";
    private static final String PIPE = "pipe:[";

    /** What a descriptor refers to, as /proc tells; a pipe's two ends are told apart. */
    static LiveFile of(int fd) throws ErrnoException {
        String target;
        try {
            target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (target.startsWith(PIPE)) {
            long flags = Sys.check(Syscall.FCNTL, Sys.call(Syscall.FCNTL, fd, F_GETFL, 0), "");
            target += (flags & ACCESS_MODE) == 0 ? " read" : " write";
        }
        return new LiveFile(fd, target, null);
    }

    boolean isSocket() {
        return identity.startsWith(SOCKET);
    }

    long inode() {
        return inode(identity);
    }

    static long inode(String socket) {
        return Long.parseLong(socket, SOCKET.length(), socket.indexOf(']'), 10);
    }
}

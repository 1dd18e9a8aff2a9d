package dev.ringwatch.uring.bench;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A bare TCP socket that listens on a port of the loopback address, whose connections do not wait to
 * send.
 */
record ListeningSocket(OwnedFd owned, int port) implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int BACKLOG = 1024;

    /** On some port that is free. */
    static ListeningSocket open() throws ErrnoException {
        OwnedFd socket = Sockets.socket(AF_INET, Sockets.SOCK_STREAM, 0);
        try {
            // Connections inherit it: they come into a file table, where no setsockopt reaches
            // them.
            Sockets.setOption(socket.number(), IPPROTO_TCP, TCP_NODELAY, 1);
            int port = bind(socket.number());
            Sockets.listen(socket.number(), BACKLOG);
            return new ListeningSocket(socket, port);
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    int descriptor() {
        return owned.number();
    }

    private static int bind(int socket) throws ErrnoException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            long result = bind(socket, port);
            if (result != -Errno.EADDRINUSE.code()) {
                Sys.check(Syscall.BIND, result, "port " + port);
                return port;
            }
        }
    }

    private static long bind(int socket, int port) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(16, 8);
            address.set(JAVA_SHORT, 0, (short) AF_INET);
            address.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) port);
            address.set(JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 4, 0x7f000001);
            return Sys.call(Syscall.BIND, socket, address.address(), address.byteSize());
        }
    }

    @Override
    public void close() throws ErrnoException {
        owned.close();
    }
}

package dev.ringwatch.uring.sys;

import static dev.ringwatch.uring.sys.Fds.owned;
import static dev.ringwatch.uring.sys.Fds.restarting;
import static dev.ringwatch.uring.sys.Sys.call;
import static dev.ringwatch.uring.sys.Sys.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketAddress;
import java.util.List;

/**
 * Sockets as bare descriptors.
 *
 * <p>Every socket made here is closed on exec, no send raises SIGPIPE, and calls that a signal
 * interrupts are made again, except connect. Descriptors travel with {@link ScmRights}. Every
 * failure is an {@link ErrnoException}. Safe for use by many threads.
 */
public final class Sockets {
    /** Local sockets, unix(7). */
    public static final int AF_UNIX = 1;

    /** IPv4, ip(7). */
    public static final int AF_INET = 2;

    /** IPv6, ipv6(7). */
    public static final int AF_INET6 = 10;

    /** Kernel services, netlink(7). */
    public static final int AF_NETLINK = 16;

    /** A byte stream. */
    public static final int SOCK_STREAM = 1;

    /** Messages without a connection. */
    public static final int SOCK_DGRAM = 2;

    /** Raw protocol access; what netlink takes. */
    public static final int SOCK_RAW = 3;

    /** Messages in order over a connection. */
    public static final int SOCK_SEQPACKET = 5;

    /** Added to a type: calls fail with EAGAIN instead of waiting. */
    public static final int SOCK_NONBLOCK = 0x800;

    /** The socket level of options and control messages. */
    public static final int SOL_SOCKET = 1;

    /** The TCP level of options, tcp(7). */
    public static final int IPPROTO_TCP = 6;

    /** The IPv6 level of options, ipv6(7). */
    public static final int IPPROTO_IPV6 = 41;

    /** Option of {@link #IPPROTO_TCP}: small segments go at once. */
    public static final int TCP_NODELAY = 1;

    /** Option of {@link #IPPROTO_IPV6}: no IPv4 by mapped addresses. */
    public static final int IPV6_V6ONLY = 26;

    /** Option: bind although connections of an earlier socket linger. */
    public static final int SO_REUSEADDR = 2;

    /** Option: keep-alive messages. */
    public static final int SO_KEEPALIVE = 9;

    /** Option: whether and how long close waits for what is not sent; see {@link #setLinger}. */
    public static final int SO_LINGER = 13;

    /** Option: several sockets may bind to one address. */
    public static final int SO_REUSEPORT = 15;

    /** Option: the type, read only. */
    public static final int SO_TYPE = 3;

    /** Option: the pending error, read only, cleared by reading. */
    public static final int SO_ERROR = 4;

    /** Option: bytes of the send buffer. */
    public static final int SO_SNDBUF = 7;

    /** Option: bytes of the receive buffer. */
    public static final int SO_RCVBUF = 8;

    /** Option: credentials come with each message. */
    public static final int SO_PASSCRED = 16;

    /** Shutdown of receiving. */
    public static final int SHUT_RD = 0;

    /** Shutdown of sending. */
    public static final int SHUT_WR = 1;

    /** Send and receive flag: EAGAIN instead of waiting. */
    public static final int MSG_DONTWAIT = 0x40;

    /** Receive flag: leave the message in the queue. */
    public static final int MSG_PEEK = 0x02;

    /** Receive flag: return the message's real length. In a result: data was cut off. */
    public static final int MSG_TRUNC = 0x20;

    /** In a result: control messages were cut off. */
    public static final int MSG_CTRUNC = 0x08;

    /** Send and receive flag of ring operations: all, unless an error or the end comes first. */
    public static final int MSG_WAITALL = 0x100;

    /** Send flag: EPIPE without a signal. */
    public static final int MSG_NOSIGNAL = 0x4000;

    static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** Added to a type, or given to accept: closed on exec. */
    public static final int SOCK_CLOEXEC = 0x80000;

    private Sockets() {}

    /**
     * socket(2).
     *
     * @param domain an {@code AF_} constant
     * @param type a {@code SOCK_} constant
     * @param protocol 0, or the netlink family
     */
    public static OwnedFd socket(int domain, int type, int protocol) throws ErrnoException {
        long fd = call(Syscall.SOCKET, domain, type | SOCK_CLOEXEC, protocol);
        return owned(Syscall.SOCKET, fd, "domain " + domain + " type " + type);
    }

    /** A netlink socket for a family such as 4, NETLINK_SOCK_DIAG. */
    public static OwnedFd netlink(int family) throws ErrnoException {
        return socket(AF_NETLINK, SOCK_RAW, family);
    }

    /**
     * socketpair(2): two AF_UNIX sockets connected to each other.
     *
     * @param type a {@code SOCK_} constant
     */
    public static List<OwnedFd> pair(int type) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(ValueLayout.JAVA_INT, 2);
            check(
                    Syscall.SOCKETPAIR,
                    call(Syscall.SOCKETPAIR, AF_UNIX, type | SOCK_CLOEXEC, 0, pair.address()),
                    "type " + type);
            return Fds.ownedPair(pair);
        }
    }

    /** bind(2). */
    public static void bind(int socket, UnixAddress address) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = address.encode(arena);
            long result = call(Syscall.BIND, socket, name.address(), name.byteSize());
            check(Syscall.BIND, result, address.toString());
        }
    }

    /**
     * listen(2).
     *
     * @param backlog connections that may wait to be accepted
     */
    public static void listen(int socket, int backlog) throws ErrnoException {
        check(Syscall.LISTEN, call(Syscall.LISTEN, socket, backlog, 0), "fd " + socket);
    }

    /** bind(2) to an address of the JDK's. */
    public static void bind(int socket, int domain, SocketAddress address) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = SocketAddresses.encode(address, domain, arena);
            long result = call(Syscall.BIND, socket, name.address(), name.byteSize());
            check(Syscall.BIND, result, address.toString());
        }
    }

    /** getsockname(2). */
    public static SocketAddress localAddress(int socket) throws ErrnoException {
        return address(Syscall.GETSOCKNAME, socket);
    }

    /**
     * getpeername(2).
     *
     * @throws ErrnoException ENOTCONN also if the connection was reset
     */
    public static SocketAddress remoteAddress(int socket) throws ErrnoException {
        return address(Syscall.GETPEERNAME, socket);
    }

    private static SocketAddress address(Syscall call, int socket) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SocketAddresses.MAX_SIZE, 8);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, SocketAddresses.MAX_SIZE);
            check(call, call(call, socket, name.address(), size.address()), "fd " + socket);
            return SocketAddresses.decode(name, size.get(ValueLayout.JAVA_INT, 0));
        }
    }

    /** connect(2). */
    public static void connect(int socket, UnixAddress address) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = address.encode(arena);
            long result = call(Syscall.CONNECT, socket, name.address(), name.byteSize());
            check(Syscall.CONNECT, result, address.toString());
        }
    }

    /**
     * accept4(2).
     *
     * @param flags {@link #SOCK_NONBLOCK} or 0
     */
    public static OwnedFd accept(int socket, int flags) throws ErrnoException {
        long fd = restarting(() -> call(Syscall.ACCEPT4, socket, 0, 0, flags | SOCK_CLOEXEC));
        return owned(Syscall.ACCEPT4, fd, "fd " + socket);
    }

    /**
     * shutdown(2).
     *
     * @param how 0 for receiving, 1 for sending, 2 for both
     */
    public static void shutdown(int socket, int how) throws ErrnoException {
        check(Syscall.SHUTDOWN, call(Syscall.SHUTDOWN, socket, how, 0), "fd " + socket);
    }

    /** setsockopt(2) of an option that is an int. */
    public static void setOption(int socket, int level, int option, int value)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment at = arena.allocateFrom(ValueLayout.JAVA_INT, value);
            long result = call(Syscall.SETSOCKOPT, socket, level, option, at.address(), 4, 0);
            check(Syscall.SETSOCKOPT, result, "fd " + socket + " option " + option);
        }
    }

    /**
     * setsockopt(2) of {@link #SO_LINGER}.
     *
     * @param seconds how long close waits; 0 resets the connection, less turns lingering off
     */
    public static void setLinger(int socket, int seconds) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment linger =
                    arena.allocateFrom(
                            ValueLayout.JAVA_INT, seconds < 0 ? 0 : 1, Math.max(0, seconds));
            long at = linger.address();
            check(
                    Syscall.SETSOCKOPT,
                    call(Syscall.SETSOCKOPT, socket, SOL_SOCKET, SO_LINGER, at, 8, 0),
                    "fd " + socket + " SO_LINGER");
        }
    }

    /** getsockopt(2) of {@link #SO_LINGER}: seconds, or -1 if it is off. */
    public static int linger(int socket) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment linger = arena.allocate(ValueLayout.JAVA_INT, 2);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, 8);
            long at = linger.address();
            check(
                    Syscall.GETSOCKOPT,
                    call(Syscall.GETSOCKOPT, socket, SOL_SOCKET, SO_LINGER, at, size.address(), 0),
                    "fd " + socket + " SO_LINGER");
            boolean on = linger.getAtIndex(ValueLayout.JAVA_INT, 0) != 0;
            return on ? linger.getAtIndex(ValueLayout.JAVA_INT, 1) : -1;
        }
    }

    /** getsockopt(2) of an option that is an int. */
    public static int option(int socket, int level, int option) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
            long result =
                    call(
                            Syscall.GETSOCKOPT,
                            socket,
                            level,
                            option,
                            value.address(),
                            size.address(),
                            0);
            check(Syscall.GETSOCKOPT, result, "fd " + socket + " option " + option);
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /**
     * send(2) to the connected peer, or to the kernel on a netlink socket.
     *
     * @param flags {@code MSG_} constants or 0
     * @return bytes sent
     */
    public static int send(int socket, MemorySegment data, int flags) throws ErrnoException {
        try (NativeCopy memory = new NativeCopy(data)) {
            int all = flags | MSG_NOSIGNAL;
            long sent =
                    restarting(
                            () ->
                                    call(
                                            Syscall.SENDTO,
                                            socket,
                                            memory.address(),
                                            memory.size(),
                                            all));
            return (int) check(Syscall.SENDTO, sent, "fd " + socket);
        }
    }

    /**
     * send(2) of native memory without waiting, whatever the descriptor's mode is.
     *
     * @param address of bytes that stay alive until this returns
     * @return bytes sent, or an error number negated; EAGAIN if there is no room
     */
    public static int sendNow(int socket, long address, int length) {
        int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
        return (int) restarting(() -> call(Syscall.SENDTO, socket, address, length, flags));
    }

    /**
     * recv(2).
     *
     * @param flags {@code MSG_} constants or 0
     * @return bytes received, 0 at the end of a stream; with {@link #MSG_TRUNC} the message's real
     *     length, which may be more than the room
     */
    public static int receive(int socket, MemorySegment data, int flags) throws ErrnoException {
        try (NativeCopy memory = new NativeCopy(data)) {
            long received =
                    restarting(
                            () ->
                                    call(
                                            Syscall.RECVFROM,
                                            socket,
                                            memory.address(),
                                            memory.size(),
                                            flags));
            check(Syscall.RECVFROM, received, "fd " + socket);
            memory.written(Math.min(received, memory.size()));
            return (int) received;
        }
    }

    /**
     * sendmsg(2) of a message the caller built; prefer {@link ScmRights#send}.
     *
     * @param message a native struct msghdr; see {@link SocketLayouts.Msghdr}
     * @param flags {@code MSG_} constants or 0
     * @return bytes sent, or an error number negated
     */
    public static int sendMessage(int socket, MemorySegment message, int flags) {
        int all = flags | MSG_NOSIGNAL;
        return (int) restarting(() -> call(Syscall.SENDMSG, socket, message.address(), all));
    }

    /**
     * recvmsg(2) into a message the caller built; prefer {@link ScmRights#receive}.
     *
     * @param message a native struct msghdr; see {@link SocketLayouts.Msghdr}
     * @param flags {@code MSG_} constants or 0; received descriptors are closed on exec
     * @return bytes received, or an error number negated
     */
    public static int receiveMessage(int socket, MemorySegment message, int flags) {
        int all = flags | MSG_CMSG_CLOEXEC;
        return (int) restarting(() -> call(Syscall.RECVMSG, socket, message.address(), all));
    }
}

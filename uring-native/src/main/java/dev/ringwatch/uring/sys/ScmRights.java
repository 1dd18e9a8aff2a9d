package dev.ringwatch.uring.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.DescriptorsLostException.Reason;
import dev.ringwatch.uring.sys.SocketLayouts.Cmsghdr;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes descriptors over a connected AF_UNIX socket.
 *
 * <p>What makes this harder than it looks, and is taken care of here: a stream needs at least one
 * byte of data or the kernel drops the descriptors in silence; received descriptors are closed on
 * exec; a cut message leaves descriptors behind that nobody knows of, so they are closed and the
 * loss is an exception; other control messages (credentials, SCM_INQ since 6.17, a pidfd) stand in
 * any order between them, so they are walked by level, type and length; at the end of a stream the
 * control area may hold blank credentials and is ignored.
 *
 * <p>Sources: unix(7), cmsg(3), net/core/scm.c. Safe for use by many threads.
 */
public final class ScmRights {
    /** Most descriptors in one message: SCM_MAX_FD in include/net/scm.h. */
    public static final int MAX_DESCRIPTORS = 253;

    private static final int SCM_RIGHTS = 1;
    private static final int SCM_PIDFD = 4;
    private static final int CREDENTIALS_BYTES = 12;
    private static final int OTHER_MESSAGES_BYTES = 256;

    /** Room for 253 descriptors, credentials, and the small messages a socket may be asked for. */
    static final int FULL_ROOM =
            (int)
                    (Cmsghdr.space(4L * MAX_DESCRIPTORS)
                            + Cmsghdr.space(CREDENTIALS_BYTES)
                            + OTHER_MESSAGES_BYTES);

    private ScmRights() {}

    /**
     * What one receive brought. The receiver owns the descriptors; {@link #close()} closes those
     * still open.
     *
     * @param bytes of data; 0 is the end of a stream, or an empty message
     * @param descriptors in the order they were sent; may be empty
     */
    public record Received(int bytes, List<OwnedFd> descriptors) implements AutoCloseable {
        /** Copies the list. */
        public Received {
            descriptors = List.copyOf(descriptors);
        }

        /** Closes every descriptor not closed or released meanwhile. */
        @Override
        public void close() throws ErrnoException {
            OwnedFd.closeAll(descriptors);
        }
    }

    /**
     * Sends descriptors with some data; the sender keeps its own.
     *
     * @param socket a connected AF_UNIX socket
     * @param data 1 byte or more, in a native or a heap segment
     * @param descriptors 0 to {@link #MAX_DESCRIPTORS} open descriptors
     * @return bytes sent, perhaps fewer than given; the descriptors go with the first
     * @throws IllegalArgumentException if there are too many descriptors or no data
     * @throws ErrnoException what sendmsg(2) says; among others EINVAL for a descriptor that may not
     *     be sent, such as a ring, and ETOOMANYREFS
     */
    public static int send(int socket, MemorySegment data, int... descriptors)
            throws ErrnoException {
        requireSendable(data, descriptors);
        try (Arena arena = Arena.ofConfined();
                NativeCopy memory = new NativeCopy(data)) {
            MemorySegment message = message(arena, memory);
            if (descriptors.length > 0) {
                setControl(message, encode(arena, descriptors));
            }
            int sent = Sockets.sendMessage(socket, message, 0);
            if (sent < 0) {
                throw refusal(-sent, socket, descriptors.length);
            }
            return sent;
        }
    }

    /**
     * Receives data and the descriptors that come with it, waiting as the socket does.
     *
     * @param socket a connected AF_UNIX socket
     * @param data room for the data, in a native or a heap segment
     * @return what came; close it, or take over its descriptors
     * @throws DescriptorsLostException if some did not arrive; those that did were closed
     * @throws ErrnoException what recvmsg(2) says
     */
    public static Received receive(int socket, MemorySegment data) throws IOException {
        return receive(socket, data, 0, FULL_ROOM);
    }

    /**
     * {@link #receive(int, MemorySegment)} with flags.
     *
     * @param flags {@link Sockets#MSG_DONTWAIT}, {@link Sockets#MSG_PEEK} or 0; a peek brings
     *     descriptors of its own and leaves those in the queue
     */
    public static Received receive(int socket, MemorySegment data, int flags) throws IOException {
        return receive(socket, data, flags, FULL_ROOM);
    }

    /** With a control buffer of so many bytes: tests cut messages with it. */
    static Received receive(int socket, MemorySegment data, int flags, int room)
            throws IOException {
        try (Arena arena = Arena.ofConfined();
                NativeCopy memory = new NativeCopy(data)) {
            MemorySegment message = message(arena, memory);
            MemorySegment control = arena.allocate(Math.max(room, 1), 8).asSlice(0, room);
            setControl(message, control);
            int bytes = Sockets.receiveMessage(socket, message, flags);
            if (bytes < 0) {
                throw new ErrnoException(Syscall.RECVMSG.call(), -bytes, "fd " + socket);
            }
            memory.written(bytes);
            return received(message, control, bytes);
        }
    }

    /**
     * The descriptors in a control area that the kernel filled, now owned by the caller.
     *
     * <p>A pidfd, which comes only to a socket that asked with SO_PASSPIDFD, is closed.
     *
     * @param control the filled part of the area, msg_controllen bytes
     * @throws ErrnoException if closing a pidfd fails
     */
    public static List<OwnedFd> descriptors(MemorySegment control) throws ErrnoException {
        List<OwnedFd> found = new ArrayList<>();
        long at = 0;
        while (at + Cmsghdr.DATA <= control.byteSize()) {
            long length = control.get(JAVA_LONG, at + Cmsghdr.LEN);
            if (length < Cmsghdr.DATA || length > control.byteSize() - at) {
                break; // cmsg(3): a header that does not fit ends the walk
            }
            collect(control.asSlice(at, length), found);
            at += Cmsghdr.align(length);
        }
        return found;
    }

    private static void collect(MemorySegment message, List<OwnedFd> found) throws ErrnoException {
        if (message.get(JAVA_INT, Cmsghdr.LEVEL) != Sockets.SOL_SOCKET) {
            return;
        }
        switch (message.get(JAVA_INT, Cmsghdr.TYPE)) {
            case SCM_RIGHTS -> ownAll(message, found);
            case SCM_PIDFD -> closePidfd(message);
            default -> {} // credentials, timestamps, SCM_INQ: no descriptors in them
        }
    }

    private static void ownAll(MemorySegment message, List<OwnedFd> found) {
        for (long at = Cmsghdr.DATA; at + 4 <= message.byteSize(); at += 4) {
            found.add(OwnedFd.own(message.get(JAVA_INT, at)));
        }
    }

    private static void closePidfd(MemorySegment message) throws ErrnoException {
        int pidfd = message.get(JAVA_INT, Cmsghdr.DATA);
        if (pidfd >= 0) { // the kernel puts an error number negated where it could not make one
            Fds.close(pidfd);
        }
    }

    private static Received received(MemorySegment message, MemorySegment control, int bytes)
            throws IOException {
        long filled = message.get(JAVA_LONG, Msghdr.CONTROLLEN);
        List<OwnedFd> found = descriptors(control.asSlice(0, filled));
        if ((message.get(JAVA_INT, Msghdr.FLAGS) & Sockets.MSG_CTRUNC) != 0) {
            OwnedFd.closeAll(found);
            throw new DescriptorsLostException(
                    reason(control.byteSize() - filled), bytes, found.size());
        }
        return new Received(bytes, found);
    }

    /** With room left for one more, it was not the room. */
    private static Reason reason(long roomLeft) {
        return roomLeft >= Cmsghdr.length(4) ? Reason.DESCRIPTOR_LIMIT : Reason.NO_ROOM;
    }

    private static MemorySegment message(Arena arena, NativeCopy data) {
        MemorySegment iovec = arena.allocate(Iovec.SIZE, 8);
        iovec.set(JAVA_LONG, Iovec.BASE, data.address());
        iovec.set(JAVA_LONG, Iovec.LEN, data.size());
        MemorySegment message = arena.allocate(Msghdr.SIZE, 8);
        message.set(JAVA_LONG, Msghdr.IOV, iovec.address());
        message.set(JAVA_LONG, Msghdr.IOVLEN, 1);
        return message;
    }

    private static void setControl(MemorySegment message, MemorySegment control) {
        message.set(JAVA_LONG, Msghdr.CONTROL, control.address());
        message.set(JAVA_LONG, Msghdr.CONTROLLEN, control.byteSize());
    }

    private static MemorySegment encode(Arena arena, int[] descriptors) {
        long bytes = 4L * descriptors.length;
        MemorySegment control = arena.allocate(Cmsghdr.space(bytes), 8);
        control.set(JAVA_LONG, Cmsghdr.LEN, Cmsghdr.length(bytes));
        control.set(JAVA_INT, Cmsghdr.LEVEL, Sockets.SOL_SOCKET);
        control.set(JAVA_INT, Cmsghdr.TYPE, SCM_RIGHTS);
        MemorySegment.copy(descriptors, 0, control, JAVA_INT, Cmsghdr.DATA, descriptors.length);
        return control;
    }

    private static void requireSendable(MemorySegment data, int[] descriptors) {
        if (descriptors.length > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    "one message carries at most 253 descriptors (SCM_MAX_FD), these are "
                            + descriptors.length
                            + "; send several messages");
        }
        if (data.byteSize() == 0) {
            throw new IllegalArgumentException(
                    "send at least one byte: without data a stream socket drops the descriptors");
        }
    }

    private static ErrnoException refusal(int code, int socket, int count) {
        String what = count + " descriptors over fd " + socket;
        String why =
                switch (Errno.of(code)) {
                    case ETOOMANYREFS ->
                            ": the user has more descriptors in flight than RLIMIT_NOFILE allows;"
                                    + " receive or close some, raise the limit (ulimit -n), or"
                                    + " grant CAP_SYS_RESOURCE";
                    case EINVAL ->
                            ": one of them may not be sent: an io_uring ring never may (kernel 6.7"
                                    + " and the stable kernels it was taken to)";
                    case EBADF -> ": one of them is not open";
                    case EPIPE -> ": the peer is closed";
                    default -> "";
                };
        return new ErrnoException(Syscall.SENDMSG.call(), code, what + why);
    }
}

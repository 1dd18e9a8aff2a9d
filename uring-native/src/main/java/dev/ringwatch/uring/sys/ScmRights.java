package dev.ringwatch.uring.sys;

import dev.ringwatch.uring.sys.SocketLayouts.Cmsghdr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

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
     * @param credentials of the sender, if the socket asked for them with SO_PASSCRED
     */
    public record Received(int bytes, List<OwnedFd> descriptors, Optional<Credentials> credentials)
            implements AutoCloseable {
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
        try (Arena arena = Arena.ofConfined();
                NativeCopy memory = new NativeCopy(data)) {
            RightsMessage message = RightsMessage.sending(arena, memory.segment(), descriptors);
            int sent = Sockets.sendMessage(socket, message.segment(), 0);
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
            RightsMessage message = RightsMessage.receiving(arena, memory.segment(), room);
            int bytes = Sockets.receiveMessage(socket, message.segment(), flags);
            if (bytes < 0) {
                throw new ErrnoException(Syscall.RECVMSG.call(), -bytes, "fd " + socket);
            }
            memory.written(bytes);
            return message.received(bytes);
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
        return ControlMessages.walk(control).descriptors();
    }

    /**
     * Why the kernel refused a message with descriptors.
     *
     * @param code the positive error number
     * @param socket over which
     * @param count how many descriptors
     */
    public static ErrnoException refusal(int code, int socket, int count) {
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

package dev.ringwatch.agent.proc;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An AF_UNIX socket, or an embryo: a connection that nobody has accepted.
 *
 * @param networkNamespace inode number of the namespace it was read in, empty if that is not known
 * @param inode number in sockfs; 0 for an embryo, which has no file
 * @param name what it is bound to, empty if it is not
 * @param peer its other end, unknown without sock_diag
 * @param pending of a listener, the numbers of the sockets whose connections it has not accepted;
 *     empty without sock_diag
 * @param shutdown bit 0 receiving, bit 1 sending is shut down; empty without sock_diag
 * @param queuedDescriptors descriptors in its receive queue ({@code scm_fds}, Linux 5.6); for a
 *     listener those in its embryos. Empty if no descriptor that may be read names the socket. The
 *     kernel's counter can stay too high, never too low.
 * @param source where it was read
 */
public record ProcUnixSocket(
        OptionalLong networkNamespace,
        long inode,
        SocketType type,
        State state,
        Optional<UnixName> name,
        UnixPeer peer,
        Optional<List<Long>> pending,
        OptionalInt shutdown,
        OptionalLong queuedDescriptors,
        Source source) {

    /** The socket's type. */
    public enum SocketType {
        STREAM,
        DGRAM,
        SEQPACKET,
        OTHER;

        static SocketType of(int number) {
            return switch (number) {
                case 1 -> STREAM;
                case 2 -> DGRAM;
                case 5 -> SEQPACKET;
                default -> OTHER;
            };
        }
    }

    /** Where the socket is in its life. */
    public enum State {
        UNCONNECTED,
        CONNECTED,
        LISTENING,
        /** A connection nobody has accepted. */
        EMBRYO,
        /** No file refers to it any more, its peer still does. */
        CLOSED,
        OTHER
    }

    /** Where a socket was read. */
    public enum Source {
        /** {@code net/unix}, in which a bound name with a newline can forge lines. */
        NET_UNIX,
        /** sock_diag(7). */
        SOCK_DIAG
    }

    public ProcUnixSocket {
        pending = pending.map(List::copyOf);
    }

    ProcUnixSocket withQueuedDescriptors(OptionalLong queued) {
        return new ProcUnixSocket(
                networkNamespace,
                inode,
                type,
                state,
                name,
                peer,
                pending,
                shutdown,
                queued,
                source);
    }
}

package dev.ringwatch.agent.proc;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Asks the kernel for the AF_UNIX sockets of the calling thread's network namespace, see
 * sock_diag(7).
 */
@FunctionalInterface
public interface UnixDiag {

    /** One dump of all sockets that have a file; embryos are not among them. */
    Answer dump();

    /** What the kernel said. */
    sealed interface Answer {
        /** Every socket. */
        record Sockets(List<UnixDiagSocket> sockets) implements Answer {
            public Sockets {
                sockets = List.copyOf(sockets);
            }
        }

        /**
         * Nothing that can be relied on.
         *
         * @param reason one line for people
         */
        record Unavailable(String reason) implements Answer {}
    }

    /**
     * One {@code unix_diag_msg} and its attributes.
     *
     * @param type as in socket(2)
     * @param state as in net/tcp_states.h: 1 established, 7 closed, 10 listening
     * @param inode number in sockfs, unsigned 32 bits
     * @param pending peers of the connections that wait in a listener, each the number of the socket
     *     that connects
     */
    record UnixDiagSocket(
            int type,
            int state,
            long inode,
            Optional<UnixName> name,
            UnixPeer peer,
            List<Long> pending,
            OptionalInt shutdown) {
        public UnixDiagSocket {
            pending = List.copyOf(pending);
        }
    }

    /** A source that is not there. */
    static UnixDiag none() {
        return () -> new Answer.Unavailable("sock_diag is not in use");
    }
}

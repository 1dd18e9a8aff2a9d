package dev.ringwatch.core.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A system call, or a thing that a process does: what {@link KernelModel#apply} takes.
 *
 * <p>All calls are such as never wait ({@code O_NONBLOCK}, {@code MSG_DONTWAIT}): where one would,
 * it is refused with {@code EAGAIN}. Descriptors are the lowest free ones, as in Linux.
 */
public sealed interface Syscall {
    /** In place of a descriptor: an empty slot. */
    int EMPTY = -1;

    /** In place of a descriptor: leave the slot as it is ({@code IORING_REGISTER_FILES_SKIP}). */
    int SKIP = -2;

    /** Enough room for all descriptors of a message. */
    int ALL = 253;

    /** The process that calls. */
    int pid();

    /** {@code dup}; gives the new descriptor. */
    record Dup(int pid, int fd) implements Syscall {}

    /** {@code close}. */
    record Close(int pid, int fd) implements Syscall {}

    /** {@code fcntl(F_SETFD)}: whether {@code execve} closes it. */
    record SetCloseOnExec(int pid, int fd, boolean on) implements Syscall {}

    /** {@code fork}; gives the child's process id. */
    record Fork(int pid) implements Syscall {}

    /** {@code execve}: closes what is to be closed, unmaps everything, ends the task's requests. */
    record Exec(int pid) implements Syscall {}

    /** The process ends. */
    record Exit(int pid) implements Syscall {}

    /** {@code setrlimit(RLIMIT_NOFILE)}, the soft limit. */
    record SetLimit(int pid, int descriptors) implements Syscall {}

    /** {@code setuid}; whether capabilities are kept. */
    record SetUser(int pid, int uid, boolean capable) implements Syscall {}

    /** {@code mmap} of a file; gives the mapping's number. */
    record Map(int pid, int fd) implements Syscall {}

    /** {@code munmap} of a mapping of the process. */
    record Unmap(int pid, int mapping) implements Syscall {}

    /** {@code open} of a regular file; gives the descriptor. */
    record Open(int pid) implements Syscall {}

    /** {@code pipe}; gives the end to read from and the end to write to. */
    record Pipe(int pid) implements Syscall {}

    /** {@code write} of bytes, without descriptors. */
    record Write(int pid, int fd, int bytes) implements Syscall {}

    /** {@code read}: of a socket, descriptors that came along are dropped. Gives the byte count. */
    record Read(int pid, int fd, int bytes) implements Syscall {}

    /** {@code socket(AF_UNIX)}; gives the descriptor. */
    record Socket(int pid, SocketType type) implements Syscall {}

    /** {@code socketpair(AF_UNIX)}; gives both descriptors. */
    record SocketPair(int pid, SocketType type) implements Syscall {}

    /** {@code bind} to an abstract name. */
    record Bind(int pid, int fd, String address) implements Syscall {}

    /** {@code listen}. */
    record Listen(int pid, int fd, int backlog) implements Syscall {}

    /**
     * {@code connect} to an abstract name.
     *
     * @param split whether the last part, by which a listener learns of the connection, is left to
     *     a piece of {@link Work}: others can run in between
     */
    record Connect(int pid, int fd, String address, boolean split) implements Syscall {}

    /** {@code accept}; gives the descriptor. */
    record Accept(int pid, int fd) implements Syscall {}

    /**
     * {@code sendmsg}; gives the byte count.
     *
     * @param fds the descriptors passed along; empty for none
     * @param oob whether the last byte is out of band ({@code MSG_OOB})
     * @param to a datagram's receiver, or null for the peer
     */
    record Send(int pid, int fd, List<Integer> fds, int bytes, boolean oob, @Nullable String to)
            implements Syscall {
        /** Copies the list. */
        public Send {
            fds = List.copyOf(fds);
        }

        /** One byte to the peer, with descriptors. */
        public static Send of(int pid, int fd, Integer... fds) {
            return new Send(pid, fd, List.of(fds), 1, false, null);
        }
    }

    /**
     * {@code recvmsg}; gives the byte count, 1 if descriptors were lost ({@code MSG_CTRUNC}) else 0,
     * and the descriptors received.
     *
     * @param room for how many descriptors
     * @param bytes at most
     * @param peek {@code MSG_PEEK}
     * @param oob {@code MSG_OOB}
     */
    record Receive(int pid, int fd, int room, int bytes, boolean peek, boolean oob)
            implements Syscall {
        /** All descriptors and one byte. */
        public static Receive of(int pid, int fd) {
            return new Receive(pid, fd, ALL, 1, false, false);
        }
    }

    /** {@code shutdown}. */
    record Shutdown(int pid, int fd, boolean read, boolean write) implements Syscall {}

    /** {@code io_uring_setup}; gives the descriptor. */
    record SetupRing(int pid) implements Syscall {}

    /** {@code IORING_REGISTER_FILES}, with {@link #EMPTY} for empty slots. */
    record RegisterFiles(int pid, int ring, List<Integer> fds) implements Syscall {
        /** Copies the list. */
        public RegisterFiles {
            fds = List.copyOf(fds);
        }
    }

    /** {@code IORING_REGISTER_FILES_UPDATE}; gives how many slots were done. */
    record UpdateFiles(int pid, int ring, int offset, List<Integer> fds) implements Syscall {
        /** Copies the list. */
        public UpdateFiles {
            fds = List.copyOf(fds);
        }
    }

    /** {@code IORING_UNREGISTER_FILES}. */
    record UnregisterFiles(int pid, int ring) implements Syscall {}

    /** {@code IORING_REGISTER_RING_FDS} of one ring with the task; gives its index. */
    record RegisterRing(int pid, int ring) implements Syscall {}

    /** {@code IORING_UNREGISTER_RING_FDS}. */
    record UnregisterRing(int pid, int index) implements Syscall {}

    /** Submits a request; gives its number, by which it can be cancelled and completes. */
    record Submit(int pid, int ring, Request request) implements Syscall {}

    /**
     * Takes the oldest completion from the ring's queue; gives the request's number and its result.
     * {@code EAGAIN} where there is none.
     */
    record Reap(int pid, int ring) implements Syscall {}
}

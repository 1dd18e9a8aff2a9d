package dev.ringwatch.uring.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.SocketLayouts.Cmsghdr;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What came with a message, told apart by level, type and length: the kernel puts them in any order.
 *
 * @param descriptors owned by whoever walked
 * @param credentials of the sender, if the socket asked for them
 */
record ControlMessages(List<OwnedFd> descriptors, Optional<Credentials> credentials) {
    static final int SCM_RIGHTS = 1;

    private static final int SCM_CREDENTIALS = 2;
    private static final int SCM_PIDFD = 4;
    private static final int UCRED_SIZE = 12;

    /**
     * Walks the filled part of a control area. A pidfd is closed: nobody asks for it here.
     *
     * @throws ErrnoException if closing a pidfd fails
     */
    static ControlMessages walk(MemorySegment control) throws ErrnoException {
        List<OwnedFd> descriptors = new ArrayList<>();
        Optional<Credentials> credentials = Optional.empty();
        long at = 0;
        while (at + Cmsghdr.DATA <= control.byteSize()) {
            long length = control.get(JAVA_LONG, at + Cmsghdr.LEN);
            if (length < Cmsghdr.DATA || length > control.byteSize() - at) {
                break; // cmsg(3): a header that does not fit ends the walk
            }
            MemorySegment message = control.asSlice(at, length);
            if (message.get(JAVA_INT, Cmsghdr.LEVEL) == Sockets.SOL_SOCKET) {
                switch (message.get(JAVA_INT, Cmsghdr.TYPE)) {
                    case SCM_RIGHTS -> ownAll(message, descriptors);
                    case SCM_CREDENTIALS -> credentials = credentials(message);
                    case SCM_PIDFD -> closePidfd(message);
                    default -> {} // timestamps, SCM_INQ: nothing to own in them
                }
            }
            at += Cmsghdr.align(length);
        }
        return new ControlMessages(descriptors, credentials);
    }

    private static void ownAll(MemorySegment message, List<OwnedFd> found) {
        for (long at = Cmsghdr.DATA; at + 4 <= message.byteSize(); at += 4) {
            found.add(OwnedFd.own(message.get(JAVA_INT, at)));
        }
    }

    private static Optional<Credentials> credentials(MemorySegment message) {
        if (message.byteSize() < Cmsghdr.length(UCRED_SIZE)) {
            return Optional.empty();
        }
        return Optional.of(
                new Credentials(
                        message.get(JAVA_INT, Cmsghdr.DATA),
                        message.get(JAVA_INT, Cmsghdr.DATA + 4),
                        message.get(JAVA_INT, Cmsghdr.DATA + 8)));
    }

    private static void closePidfd(MemorySegment message) throws ErrnoException {
        int pidfd = message.get(JAVA_INT, Cmsghdr.DATA);
        if (pidfd >= 0) { // the kernel puts an error number negated where it could not make one
            Fds.close(pidfd);
        }
    }
}

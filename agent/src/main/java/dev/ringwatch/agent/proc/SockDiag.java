package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.UnixDiagMessages.Progress;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks through a NETLINK_SOCK_DIAG socket, opened and closed with each dump. Needs no privilege;
 * needs the kernel's CONFIG_UNIX_DIAG.
 *
 * <p>Never waits: the kernel prepares each part of a dump before it hands out the one before
 * (net/netlink/af_netlink.c, {@code netlink_recvmsg}). Safe for use by many threads.
 */
public final class SockDiag implements UnixDiag {
    private static final int NETLINK_SOCK_DIAG = 4;
    private static final int ENOENT = 2;

    /** The kernel fills at most 32 KiB at once, whatever the room. */
    private static final int ROOM = 64 << 10;

    /** How often a dump that the kernel calls inconsistent is made again. */
    private static final int ATTEMPTS = 3;

    private final AtomicInteger sequence = new AtomicInteger();

    /** A source for the namespace of whichever thread asks. */
    public SockDiag() {}

    @Override
    public Answer dump() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Answer> answer = attempt();
            if (answer.isPresent()) {
                return answer.get();
            }
        }
        return new Answer.Unavailable("sock_diag: the sockets changed during each dump");
    }

    /** Empty if the dump was inconsistent. */
    private Optional<Answer> attempt() {
        try (OwnedFd socket = Sockets.netlink(NETLINK_SOCK_DIAG)) {
            return ask(socket.number());
        } catch (ErrnoException e) {
            return Optional.of(new Answer.Unavailable("sock_diag: " + e.getMessage()));
        } catch (MalformedDiagException e) {
            return Optional.of(new Answer.Unavailable("sock_diag: malformed " + e.getMessage()));
        }
    }

    private Optional<Answer> ask(int socket) throws ErrnoException {
        int number = sequence.incrementAndGet();
        MemorySegment request = MemorySegment.ofBuffer(UnixDiagMessages.dumpRequest(number));
        Sockets.send(socket, request, 0);
        List<UnixDiagSocket> sockets = new ArrayList<>();
        byte[] room = new byte[ROOM];
        boolean soFar = true;
        while (true) {
            int flags = Sockets.MSG_DONTWAIT | Sockets.MSG_TRUNC;
            int received = Sockets.receive(socket, MemorySegment.ofArray(room), flags);
            if (received > ROOM) {
                throw new MalformedDiagException("datagram of " + received + " bytes");
            }
            Progress progress =
                    UnixDiagMessages.read(ByteBuffer.wrap(room, 0, received), number, sockets);
            switch (progress) {
                case Progress.More(boolean consistent) -> soFar &= consistent;
                case Progress.Done(boolean consistent) -> {
                    return soFar && consistent
                            ? Optional.of(new Answer.Sockets(sockets))
                            : Optional.empty();
                }
                case Progress.Refused(int errno) -> {
                    return Optional.of(new Answer.Unavailable(refusal(errno)));
                }
            }
        }
    }

    private static String refusal(int errno) {
        return errno == ENOENT
                ? "sock_diag: this kernel has no unix_diag (CONFIG_UNIX_DIAG, module unix_diag)"
                : "sock_diag: the kernel refused with errno " + errno;
    }
}

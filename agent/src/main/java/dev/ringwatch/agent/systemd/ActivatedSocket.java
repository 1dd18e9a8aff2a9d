package dev.ringwatch.agent.systemd;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A listening stream socket that the service manager has opened. Source: sd_listen_fds(3).
 *
 * @param socket closed on exec from now on
 * @param name what the manager calls it
 * @param address where it listens
 */
public record ActivatedSocket(OwnedFd socket, String name, SocketAddress address) {
    private static final int FIRST = 3;
    private static final int SO_ACCEPTCONN = 30;

    /**
     * Takes those that are meant for this process over; to be called once.
     *
     * @throws IllegalArgumentException with one line, if one of them cannot be served
     */
    public static List<ActivatedSocket> take(Map<String, String> environment, long pid) {
        String count = environment.getOrDefault("LISTEN_FDS", "0");
        if (!environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(pid))
                || !count.matches("[0-9]{1,4}")) {
            return List.of();
        }
        String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
        List<ActivatedSocket> all = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(count); i++) {
            String name = i < names.length && !names[i].isEmpty() ? names[i] : "unknown";
            try {
                all.add(take(FIRST + i, name));
            } catch (ErrnoException e) {
                throw new IllegalArgumentException(
                        "the service manager's socket " + name + ": " + e.getMessage(), e);
            }
        }
        return all;
    }

    /** A copy that is closed on exec takes the place of the original. */
    private static ActivatedSocket take(int inherited, String name) throws ErrnoException {
        if (Sockets.option(inherited, Sockets.SOL_SOCKET, Sockets.SO_TYPE) != Sockets.SOCK_STREAM
                || Sockets.option(inherited, Sockets.SOL_SOCKET, SO_ACCEPTCONN) == 0) {
            throw new IllegalArgumentException(
                    "the service manager's socket "
                            + name
                            + " is no listening stream socket: use ListenStream=");
        }
        OwnedFd own = Fds.dup(inherited);
        Fds.close(inherited);
        Fds.setNonBlocking(own.number(), true);
        return new ActivatedSocket(own, name, Sockets.localAddress(own.number()));
    }
}

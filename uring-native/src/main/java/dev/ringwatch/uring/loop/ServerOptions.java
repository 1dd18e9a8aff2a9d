package dev.ringwatch.uring.loop;

import java.net.SocketOption;
import java.util.HashMap;
import java.util.Map;

/**
 * What a server listens with. Immutable; each {@code with} method returns a changed copy.
 *
 * @param backlog connections that wait to be accepted, 1 or more; the kernel takes
 *     net.core.somaxconn at most
 * @param maxConnections the most connections whose handlers run; with so many, further ones wait in
 *     the backlog
 * @param options of the listening socket and of those accepted, such as TCP_NODELAY
 */
public record ServerOptions(int backlog, int maxConnections, Map<SocketOption<?>, Object> options) {
    /** Refuses what makes no sense. */
    public ServerOptions {
        if (backlog < 1 || maxConnections < 1) {
            throw new IllegalArgumentException(
                    "a backlog and a limit of connections are 1 or more, not "
                            + backlog
                            + " and "
                            + maxConnections);
        }
        options = Map.copyOf(options);
    }

    /**
     * A backlog of 4096, which is the kernel's own limit, and no limit of connections but that of
     * descriptors.
     */
    public static ServerOptions defaults() {
        return new ServerOptions(4096, Integer.MAX_VALUE, Map.of());
    }

    /** With another backlog. */
    public ServerOptions withBacklog(int connections) {
        return new ServerOptions(connections, maxConnections, options);
    }

    /** With a limit of connections. */
    public ServerOptions withMaxConnections(int connections) {
        return new ServerOptions(backlog, connections, options);
    }

    /** With an option of {@link java.net.StandardSocketOptions}. */
    public <T> ServerOptions with(SocketOption<T> option, T value) {
        Map<SocketOption<?>, Object> more = new HashMap<>(options);
        more.put(option, value);
        return new ServerOptions(backlog, maxConnections, more);
    }
}

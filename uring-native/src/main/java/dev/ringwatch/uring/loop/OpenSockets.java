package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The sockets and servers that are open, and what is counted of them. Any thread. */
final class OpenSockets {
    private static final System.Logger LOG = System.getLogger(Uring.class.getName());

    private final Set<UringSocket> sockets = ConcurrentHashMap.newKeySet();
    private final Set<UringServer> servers = ConcurrentHashMap.newKeySet();
    private final SocketCounters counters = new SocketCounters();
    private volatile boolean closed;

    SocketCounters counters() {
        return counters;
    }

    /**
     * Refuses new sockets and servers after the end.
     *
     * @throws IllegalStateException if it has come
     */
    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the Uring is closed");
        }
    }

    void opened(UringSocket socket) {
        sockets.add(socket);
        counters.open.increment();
    }

    void closed(UringSocket socket) {
        if (sockets.remove(socket)) {
            counters.open.decrement();
        }
    }

    void opened(UringServer server) {
        servers.add(server);
    }

    void closed(UringServer server) {
        servers.remove(server);
    }

    /** A close that nobody waits for failed. */
    void closeFailed(IOException e) {
        LOG.log(System.Logger.Level.WARNING, "closing a socket", e);
    }

    /**
     * Closes what is open, servers, then sockets, and lets no more be opened.
     *
     * @throws IOException the first failure; the others are suppressed in it
     */
    void closeAll() throws IOException {
        IOException failures = new IOException("closing sockets");
        closed = true;
        List.copyOf(servers).forEach(server -> close(server, failures));
        // One that was being made as this began may come late. One that is closing stays among them
        // until its last user has left, who may need this very thread.
        while (sockets.stream().anyMatch(UringSocket::isOpen)) {
            List.copyOf(sockets).forEach(socket -> close(socket, failures));
        }
        if (failures.getSuppressed().length > 0) {
            throw failures;
        }
    }

    private static void close(AutoCloseable each, Exception failures) {
        try {
            each.close();
        } catch (Exception e) {
            failures.addSuppressed(e);
        }
    }
}

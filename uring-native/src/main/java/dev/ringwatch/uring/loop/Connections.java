package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The connections of a server whose handlers run, and its limit of them. Any thread. */
final class Connections {
    private static final System.Logger LOG = System.getLogger(UringServer.class.getName());

    private final String server;
    private final int limit;
    private final ConnectionHandler handler;
    private final SocketCounters counters;
    private final Set<UringSocket> running = new HashSet<>();
    private boolean limited;

    Connections(String server, int limit, ConnectionHandler handler, SocketCounters counters) {
        this.server = server;
        this.limit = limit;
        this.handler = handler;
        this.counters = counters;
    }

    synchronized int count() {
        return running.size();
    }

    /** Whether one more may be accepted; the first refusal of an episode is logged and counted. */
    synchronized boolean mayAccept() {
        if (running.size() < limit) {
            return true;
        }
        if (!limited) {
            limited = true;
            counters.limitEpisodes.increment();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} has its {1} connections and accepts no more until one ends; raise"
                            + " maxConnections if that is too few",
                    server,
                    limit);
        }
        return false;
    }

    /**
     * Serves a connection on a virtual thread of its own.
     *
     * @param ended runs when it is closed
     */
    void serve(UringSocket socket, Runnable ended) {
        counters.accepted.increment();
        synchronized (this) {
            running.add(socket);
        }
        Thread.ofVirtual().name(server).start(() -> run(socket, ended));
    }

    /** Waits until no handler runs, so long at most; whether none does. */
    synchronized boolean awaitNone(Duration time) throws IOException {
        Deadline deadline = Deadline.in(time);
        while (!running.isEmpty() && !deadline.passed()) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1_000_000, deadline.left()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return running.isEmpty();
    }

    /** Closes those that are left; how many. */
    int closeAll() throws IOException {
        List<UringSocket> left;
        synchronized (this) {
            left = List.copyOf(running);
        }
        for (UringSocket socket : left) {
            socket.close();
        }
        return left.size();
    }

    private void run(UringSocket socket, Runnable ended) {
        try (socket) {
            handler.handle(socket);
        } catch (Throwable e) {
            counters.handlerFailures.increment();
            report(e);
        } finally {
            end(socket);
            ended.run();
        }
    }

    /** What peers do is news in one line; anything else is the handler's own and comes whole. */
    private void report(Throwable e) {
        if (e instanceof IOException) {
            LOG.log(System.Logger.Level.INFO, "a connection of {0} broke: {1}", server, e);
        } else {
            LOG.log(System.Logger.Level.WARNING, "a handler of " + server + " threw", e);
        }
    }

    private synchronized void end(UringSocket socket) {
        running.remove(socket);
        limited &= running.size() > limit / 2;
        notifyAll();
    }
}

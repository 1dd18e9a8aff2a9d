package dev.ringwatch.agent.serve;

import dev.ringwatch.agent.serve.RequestReader.Refused;
import dev.ringwatch.agent.serve.RequestReader.Understood;
import io.netty.handler.codec.http.HttpRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Takes each request from the event loop to its route and the reply back. Refusals are made on the
 * calling thread, since they cost nothing; routes run on a thread each. Safe for any thread.
 *
 * <p>No virtual threads: a route may wait for a thread that has capabilities, which on waking it
 * could make a carrier thread that has them too. Requests are few, and bounded.
 */
final class Dispatcher {
    private static final Logger LOG = System.getLogger(Dispatcher.class.getName());

    private final Routes routes;
    private final Security security;
    private final LimitCounts counts;
    private final RequestReader reader;
    private final int most;
    private final Semaphore running;
    private final Semaphore checking;
    private final ExecutorService workers =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofPlatform().daemon().name("ringwatch-http-", 0).factory());

    Dispatcher(Routes routes, Security security, Limits limits, LimitCounts counts) {
        this.routes = routes;
        this.security = security;
        this.counts = counts;
        this.reader = new RequestReader(limits, counts);
        this.most = limits.concurrentRequests();
        this.running = new Semaphore(most);
        this.checking = new Semaphore(limits.passwordChecks());
    }

    /** Replies exactly once, on this thread or on a worker. */
    void dispatch(HttpRequest head, Peer peer, Consumer<Reply> replies) {
        switch (reader.read(head, peer.onUnixSocket())) {
            case Refused(Reply reply) -> replies.accept(reply);
            case Understood(Request request) -> admit(request, peer, replies);
        }
    }

    /** Requests that a route works on. */
    int running() {
        return most - running.availablePermits();
    }

    /** Interrupts the routes that still run; their replies have nowhere to go. */
    void interrupt() {
        workers.shutdownNow();
    }

    private void admit(Request request, Peer peer, Consumer<Reply> replies) {
        if (!peer.onUnixSocket() && !security.allows()) {
            counts.hit(Limit.REQUEST_RATE);
            replies.accept(Reply.refuse(429, "too many requests").with("Retry-After", "1"));
        } else if (peer.onUnixSocket() || routes.hasToken(request) || !security.hasUsers()) {
            find(request, peer, false, replies);
        } else {
            Optional<Login> login = Login.of(request);
            if (login.isEmpty()) {
                replies.accept(unauthorized());
            } else {
                check(login.get(), request, peer, replies);
            }
        }
    }

    /** Who was here a short time ago is not asked twice; others are checked on a worker. */
    private void check(Login login, Request request, Peer peer, Consumer<Reply> replies) {
        Optional<Boolean> remembered = security.remembers(login.user(), login.password());
        if (remembered.isPresent()) {
            checked(remembered.get(), request, peer, replies);
        } else if (!checking.tryAcquire()) {
            counts.hit(Limit.PASSWORD_CHECKS);
            replies.accept(busy("too many passwords to check at once"));
        } else {
            try {
                workers.execute(() -> checkNow(login, request, peer, replies));
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                checking.release();
                replies.accept(noThread(e));
            }
        }
    }

    private void checkNow(Login login, Request request, Peer peer, Consumer<Reply> replies) {
        boolean known;
        try {
            known = security.knows(login.user(), login.password());
        } catch (RuntimeException | Error e) {
            replies.accept(failed(request, e));
            return;
        } finally {
            checking.release();
        }
        checked(known, request, peer, replies);
    }

    private void checked(boolean known, Request request, Peer peer, Consumer<Reply> replies) {
        if (known) {
            find(request, peer, true, replies);
        } else {
            replies.accept(unauthorized());
        }
    }

    private static Reply unauthorized() {
        return neverStored(
                Reply.refuse(401, "a user and a password are needed")
                        .with("WWW-Authenticate", "Basic realm=\"ringwatch\""));
    }

    /**
     * Finds the route.
     *
     * @param known whether the user has given the password
     */
    private void find(Request request, Peer peer, boolean known, Consumer<Reply> replies) {
        Optional<Routes.Entry> entry = routes.find(request.path());
        if (entry.isEmpty()) {
            replies.accept(Reply.refuse(404, "nothing here"));
        } else if (entry.get().isPrivate()
                && !known
                && !peer.certified()
                && !routes.admits(request)) {
            refuse(entry.get(), request, replies);
        } else if (entry.get().door().isPresent()
                && !peer.onUnixSocket()
                && request.parameter(Request.TOKEN).isPresent()) {
            replies.accept(neverStored(routes.withoutToken(request, peer.encrypted())));
        } else {
            start(entry.get(), request.withoutCredentials(), replies);
        }
    }

    private void refuse(Routes.Entry entry, Request request, Consumer<Reply> replies) {
        if (entry.door().isEmpty()) {
            replies.accept(neverStored(Reply.refuse(403, routes.refusal())));
            return;
        }
        Door door = entry.door().get();
        boolean refused = Routes.presentsToken(request);
        start(
                new Routes.Entry(
                        r -> door.answer(r, refused), Routes.Visibility.PRIVATE, Optional.empty()),
                request.withoutCredentials(),
                replies);
    }

    private void start(Routes.Entry entry, Request request, Consumer<Reply> replies) {
        if (!running.tryAcquire()) {
            counts.hit(Limit.CONCURRENT_REQUESTS);
            replies.accept(busy("too many requests at once"));
            return;
        }
        try {
            workers.execute(() -> replies.accept(run(entry, request)));
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            running.release();
            replies.accept(noThread(e));
        }
    }

    private Reply run(Routes.Entry entry, Request request) {
        Reply reply = answerOrError(entry.route(), request);
        running.release();
        return entry.isPrivate() ? neverStored(reply) : reply;
    }

    /** Errors too are answered: a client that waits for ever explains nothing. */
    private Reply answerOrError(Route route, Request request) {
        try {
            return new Reply(Compression.apply(request, route.answer(request)), false);
        } catch (Throwable e) {
            return workers.isShutdown() ? interrupted(request, e) : failed(request, e);
        }
    }

    private static Reply failed(Request request, Throwable cause) {
        LOG.log(Level.ERROR, "no answer for " + request.path(), cause);
        return Reply.refuse(500, "internal error; the agent's log has the reason");
    }

    private static Reply interrupted(Request request, Throwable cause) {
        LOG.log(Level.INFO, "no answer for " + request.path() + ", the server closes: " + cause);
        return busy("shutting down").andClose();
    }

    private static Reply neverStored(Reply reply) {
        return reply.with("Cache-Control", "no-store");
    }

    /** An OutOfMemoryError also says that the system lets the process make no more threads. */
    private static Reply noThread(Throwable cause) {
        boolean closing = cause instanceof RejectedExecutionException;
        return busy(closing ? "shutting down" : "no thread to spare").andClose();
    }

    static Reply busy(String reason) {
        return Reply.refuse(503, reason).with("Retry-After", "1");
    }
}

package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;

/**
 * A source of items as a publisher: each subscriber has a source and a virtual thread of its own,
 * on which its methods are called, and which takes an item when one is asked for.
 *
 * @param <T> what comes
 */
final class Pump<T> implements Flow.Publisher<T>, AutoCloseable {
    /** Where items come from. One thread at a time, but for close. */
    interface Source<T> extends AutoCloseable {
        /** The next item, or empty at the end. An interrupt ends the waiting. */
        Optional<T> next() throws IOException, InterruptedException;

        /** Ends what is under way, and waits for that. */
        @Override
        void close() throws IOException;
    }

    /** Makes a source. */
    @FunctionalInterface
    interface Opening<T> {
        Source<T> open() throws IOException;
    }

    private final String name;
    private final Opening<T> opening;
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * A publisher.
     *
     * @param name of its threads
     */
    Pump(String name, Opening<T> opening) {
        this.name = name;
        this.opening = opening;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Subscription subscription = new Subscription(subscriber);
        subscriptions.add(subscription);
        if (closed) { // whoever closes looks at the subscriptions after he says so
            subscription.end();
        }
        subscription.thread.start();
    }

    /** Completes every subscription, and waits for their sources' ends. */
    @Override
    public void close() {
        closed = true;
        for (Subscription subscription : subscriptions) {
            subscription.end();
        }
        boolean interrupted = false;
        for (Subscription subscription : subscriptions) {
            interrupted |= subscription.awaitEnd();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private enum State {
        OPEN,
        ENDING,
        CANCELLED
    }

    private final class Subscription implements Flow.Subscription {
        private final Flow.Subscriber<? super T> subscriber;
        private final Thread thread = Thread.ofVirtual().name(name).unstarted(this::run);
        private State state = State.OPEN;
        private long demand;
        private boolean badRequest;

        Subscription(Flow.Subscriber<? super T> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public synchronized void request(long items) {
            badRequest |= items <= 0;
            demand = items > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + items;
            notifyAll();
        }

        @Override
        public void cancel() {
            stop(State.CANCELLED);
        }

        void end() {
            stop(State.ENDING);
        }

        private synchronized void stop(State why) {
            if (state == State.OPEN) {
                state = why;
            }
            notifyAll();
            thread.interrupt();
        }

        /** Whether the waiting thread was interrupted meanwhile. */
        boolean awaitEnd() {
            boolean interrupted = false;
            while (thread != Thread.currentThread()) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true; // the kernel may still fill the source's memory
                }
            }
            return interrupted;
        }

        private void run() {
            try {
                subscriber.onSubscribe(this);
                pump();
            } catch (IOException | InterruptedException | RuntimeException e) {
                finish(Optional.of(e));
            } finally {
                subscriptions.remove(this);
            }
        }

        private void pump() throws IOException, InterruptedException {
            try (Source<T> source = opening.open()) {
                while (awaitDemand()) {
                    Optional<T> item = source.next();
                    if (item.isEmpty()) {
                        break;
                    }
                    show(item.get());
                }
            }
            finish(Optional.empty());
        }

        private void show(T item) {
            if (now() != State.CANCELLED) {
                subscriber.onNext(item);
            }
        }

        /** Waits until an item is asked for; false if none will be. */
        private synchronized boolean awaitDemand() throws InterruptedException {
            while (demand == 0 && !badRequest && state == State.OPEN) {
                wait();
            }
            if (badRequest) {
                throw new IllegalArgumentException("request 1 item or more");
            }
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            return state == State.OPEN;
        }

        private synchronized State now() {
            return state;
        }

        private void finish(Optional<Exception> why) {
            switch (now()) {
                case CANCELLED -> {} // nobody listens
                case ENDING -> subscriber.onComplete();
                case OPEN -> why.ifPresentOrElse(subscriber::onError, subscriber::onComplete);
            }
        }
    }
}

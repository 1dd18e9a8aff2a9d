package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a socket receives, as a stream: it reads when, and only when, something is asked for. */
final class SocketStream implements Flow.Publisher<ByteBuffer> {
    private static final int ITEM = 16 * 1024;

    private final UringSocket socket;
    private final AtomicBoolean subscribed = new AtomicBoolean();

    SocketStream(UringSocket socket) {
        this.socket = socket;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        Subscription subscription = new Subscription(subscriber);
        if (subscribed.compareAndSet(false, true)) {
            subscriber.onSubscribe(subscription);
            Thread.ofVirtual().name("received").start(subscription::run);
        } else {
            subscriber.onSubscribe(new Nothing());
            subscriber.onError(
                    new IllegalStateException("what a socket receives has one subscriber"));
        }
    }

    /** A subscription that was refused. */
    private record Nothing() implements Flow.Subscription {
        @Override
        public void request(long items) {}

        @Override
        public void cancel() {}
    }

    private final class Subscription implements Flow.Subscription {
        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private final Semaphore changed = new Semaphore(0);
        private long demand;
        private boolean cancelled;
        private boolean badRequest;

        Subscription(Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long items) {
            synchronized (this) {
                badRequest |= items <= 0;
                demand = items > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + items;
            }
            changed.release();
        }

        @Override
        public void cancel() {
            synchronized (this) {
                cancelled = true;
            }
            subscribed.set(false);
            changed.release();
        }

        private void run() {
            try {
                while (wanted()) {
                    ByteBuffer item = ByteBuffer.allocate(ITEM);
                    if (socket.read(item) < 0) {
                        end();
                        return;
                    }
                    show(item);
                }
            } catch (IOException | RuntimeException e) {
                fail(e);
            }
        }

        /** Waits for demand; false if nobody listens any more. */
        private boolean wanted() {
            while (true) {
                synchronized (this) {
                    if (cancelled) {
                        return false;
                    }
                    if (badRequest) {
                        throw new IllegalArgumentException("request 1 item or more");
                    }
                    if (demand > 0) {
                        demand -= demand == Long.MAX_VALUE ? 0 : 1;
                        return true;
                    }
                }
                changed.acquireUninterruptibly();
            }
        }

        private void show(ByteBuffer item) {
            if (listens()) {
                subscriber.onNext(item.flip());
            }
        }

        private void end() {
            if (listens()) {
                subscribed.set(false);
                subscriber.onComplete();
            }
        }

        private void fail(Throwable why) {
            if (listens()) {
                subscribed.set(false);
                subscriber.onError(why);
            }
        }

        private synchronized boolean listens() {
            return !cancelled;
        }
    }
}

package dev.ringwatch.uring.resource;

import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A ticket of which is kept what it is of, since when, and perhaps where that was opened. */
final class Followed implements Ticket {
    private final ResourceTracker tracker;
    private final ResourceKind kind;
    private final String description;
    private final Optional<Throwable> opened;
    private final Runnable onClose;
    private final long since = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile Optional<Cleaner.Cleanable> watch = Optional.empty();

    Followed(
            ResourceTracker tracker,
            ResourceKind kind,
            String description,
            boolean withStack,
            Runnable onClose) {
        this.tracker = tracker;
        this.kind = kind;
        this.description = description;
        this.onClose = onClose;
        opened = withStack ? Optional.of(new Throwable("opened here")) : Optional.empty();
    }

    /** Has the end of the owner noticed. */
    void watch(Cleaner cleaner, Object owner) {
        watch = Optional.of(cleaner.register(owner, this::ownerLost));
    }

    @Override
    public void close() {
        if (ended.compareAndSet(false, true)) {
            onClose.run();
            tracker.ended(this);
            watch.ifPresent(Cleaner.Cleanable::clean); // runs ownerLost, which finds it ended
        }
    }

    OpenResource resource() {
        Duration age = Duration.ofNanos(System.nanoTime() - since);
        return new OpenResource(kind, description, age, opened);
    }

    private void ownerLost() {
        if (ended.compareAndSet(false, true)) {
            tracker.ended(this);
            tracker.leaked(resource());
        }
    }
}

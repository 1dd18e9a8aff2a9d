package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Looks again and again in a thread of its own, for a command that shows the last look. */
final class Watch implements AutoCloseable {
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().daemon().name("ringwatch-watch").unstarted(task));
    private final Tracker tracker = new Tracker(Thresholds.DEFAULT);
    private final Observer observer;
    private final ScheduledFuture<?> looking;
    private volatile Tracked last;

    private Watch(SourceOption source, Duration interval) throws InterruptedException {
        try {
            observer = thread.submit(() -> source.open()).get();
            last = thread.submit(() -> look()).get();
            looking =
                    thread.scheduleWithFixedDelay(
                            () -> last = look(),
                            interval.toNanos(),
                            interval.toNanos(),
                            TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            thread.shutdown();
            throw cause(e);
        }
    }

    /** Opens the source and looks once. */
    static Watch start(SourceOption source, Duration interval) throws InterruptedException {
        return new Watch(source, interval);
    }

    private Tracked look() {
        return tracker.accept(SourceOption.observe(observer));
    }

    /** What was seen last; throws why, once a look failed. */
    Tracked last() {
        if (looking.isDone()) {
            try {
                looking.get();
            } catch (ExecutionException e) {
                throw cause(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CliException("interrupted");
            }
        }
        return last;
    }

    private static RuntimeException cause(ExecutionException e) {
        return e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e);
    }

    @Override
    public void close() {
        looking.cancel(false);
        thread.execute(observer::close);
        thread.close();
    }
}

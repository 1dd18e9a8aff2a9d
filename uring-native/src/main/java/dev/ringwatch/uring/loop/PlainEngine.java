package dev.ringwatch.uring.loop;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * Jobs as plain system calls on platform threads, one for each call under way: a downcall on a
 * virtual thread would hold its carrier, and a channel of the JDK is closed by an interrupt.
 */
final class PlainEngine implements Engine, AutoCloseable {
    private final ExecutorService threads =
            Executors.newCachedThreadPool(
                    Thread.ofPlatform().daemon().name("uring-plain-", 0).factory());

    @Override
    public void begin(Job job) {
        try {
            threads.execute(job::runPlainly);
        } catch (RejectedExecutionException e) {
            throw new RejectedExecutionException("the files and sockets are closing", e);
        }
    }

    @Override
    public void cancel(Job job) {
        job.wakePlainly();
    }

    @Override
    public void requireWaitable() {}

    /** Takes no more jobs; those under way go on. */
    @Override
    public void close() {
        threads.shutdown();
    }
}

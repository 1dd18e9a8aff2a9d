package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;

/** Something that must be done on a loop's thread, and whose result another thread waits for. */
final class LoopTask {
    private LoopTask() {}

    /** What is done. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does it on the loop's thread and waits.
     *
     * @throws IOException what it throws; ECANCELED if the loop closes
     */
    static <T> T call(RingLoop loop, Work<T> work) throws IOException {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        if (loop.inLoop()) {
            return work.run();
        }
        // It goes with a nop, which a loop that closes refuses: a task would be dropped in silence.
        Job job =
                Job.onRing(
                        "task",
                        entry -> {
                            entry.nop(); // first: the work may claim entries, which moves the
                            // writer
                            complete(outcome, work);
                        });
        new RingEngine(loop).run(job);
        job.result("of " + loop.options().name(), Job.Patience.FOREVER);
        return result(outcome);
    }

    /**
     * Does it, unless the loop closes: what is given up here the end of its ring gives up.
     *
     * @throws IOException what the work throws
     */
    static void callUnlessClosing(RingLoop loop, Work<?> work) throws IOException {
        if (loop.isClosing()) {
            return;
        }
        try {
            call(loop, work);
        } catch (RejectedExecutionException e) {
            if (!loop.isClosing()) {
                throw e;
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ECANCELED || !loop.isClosing()) {
                throw e;
            }
        }
    }

    private static <T> void complete(CompletableFuture<T> outcome, Work<T> work) {
        try {
            outcome.complete(work.run());
        } catch (IOException | RuntimeException e) {
            outcome.completeExceptionally(e);
        }
    }

    private static <T> T result(CompletableFuture<T> outcome) throws IOException {
        try {
            return outcome.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException unchecked -> throw unchecked;
                case null, default -> throw e;
            }
        }
    }
}

package dev.ringwatch.uring.loop;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Blocking calls made one after the other, each on a virtual thread of its own that begins when the
 * one before has ended. Any thread.
 */
final class AsyncCalls {
    private CompletableFuture<Integer> last = CompletableFuture.completedFuture(0);

    synchronized CompletableFuture<Integer> call(Callable<Integer> task) {
        last = last.handleAsync((done, failure) -> run(task), Thread::startVirtualThread);
        return last.copy(); // whoever completes his copy does not let the next begin
    }

    private static Integer run(Callable<Integer> task) {
        try {
            return task.call();
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }
}

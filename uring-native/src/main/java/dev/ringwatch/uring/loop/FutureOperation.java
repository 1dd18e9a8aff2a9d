package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.ErrnoException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** An operation whose one completion ends a future. */
final class FutureOperation extends LoopOperation {
    private final String name;
    private final Consumer<SubmissionEntry> write;
    private final CompletableFuture<Integer> future = new CompletableFuture<>();

    FutureOperation(String name, Consumer<SubmissionEntry> write) {
        this.name = name;
        this.write = write;
    }

    CompletableFuture<Integer> future() {
        return future;
    }

    @Override
    protected void write(SubmissionEntry entry, MemorySegment room) {
        write.accept(entry);
    }

    @Override
    protected void completed(int result, int flags) {
        if (result < 0) {
            future.completeExceptionally(new ErrnoException(name, -result, "on a ring"));
        } else {
            future.complete(result);
        }
    }

    @Override
    protected void abandoned() {
        future.completeExceptionally(
                new IllegalStateException(
                        name + " was still in the kernel when its loop ended; so is its memory"));
    }

    @Override
    protected String description() {
        return name;
    }
}

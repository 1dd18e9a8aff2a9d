package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An operation that tells what became of it. */
class Told extends LoopOperation {
    private final Consumer<SubmissionEntry> write;
    private final BlockingQueue<Integer> results = new LinkedBlockingQueue<>();

    Told(Consumer<SubmissionEntry> write) {
        this.write = write;
    }

    @Override
    protected void write(SubmissionEntry entry, MemorySegment room) {
        write.accept(entry);
    }

    @Override
    protected void completed(int result, int flags) {
        results.add(result);
    }

    int result() throws InterruptedException {
        Integer result = results.poll(10, TimeUnit.SECONDS);
        if (result == null) {
            throw new AssertionError("no completion");
        }
        return result;
    }
}

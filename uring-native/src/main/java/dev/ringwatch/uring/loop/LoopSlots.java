package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/**
 * What goes into slots, out of them and between them. The kernel chooses the slots, and the file
 * table hears of each on the loop's thread, before anybody else does.
 */
final class LoopSlots {
    private LoopSlots() {}

    static CompletableFuture<Integer> adopt(RingLoop loop, int descriptor) {
        // The kernel writes the slot it chose over the descriptor.
        MemorySegment chosen = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, descriptor);
        Job job =
                Job.onRing(
                                "files_update",
                                entry ->
                                        entry.updateFiles(
                                                chosen.address(), 1, SubmissionEntry.ANY_SLOT))
                        .keeping(chosen)
                        .noting(count -> loop.files().claimed(slot(chosen)));
        return begin(
                loop, job, "fd " + descriptor, count -> slot(chosen), slot -> empty(loop, slot));
    }

    private static int slot(MemorySegment chosen) {
        return chosen.get(ValueLayout.JAVA_INT, 0);
    }

    static CompletableFuture<OwnedFd> install(RingLoop loop, int slot) {
        Job job = Job.onRing("fixed_fd_install", entry -> entry.installSlot(slot));
        return begin(loop, job, "slot " + slot, OwnedFd::own, LoopSlots::close);
    }

    static CompletableFuture<Void> close(RingLoop loop, int slot) {
        return begin(loop, closing(loop, slot), "slot " + slot, success -> 0, success -> {})
                .thenAccept(success -> {});
    }

    static Job closing(RingLoop loop, int slot) {
        return Job.onRing("close", entry -> entry.closeSlot(slot))
                .noting(success -> loop.files().closed(slot));
    }

    static CompletableFuture<Integer> handOver(RingLoop loop, int slot, RingLoop other) {
        int ring = other.ringDescriptor();
        Job job =
                Job.onRing(
                        "msg_ring",
                        entry ->
                                entry.messageFile(ring, slot, SubmissionEntry.ANY_SLOT, 0)
                                        .quietly());
        CompletableFuture<Integer> future = new CompletableFuture<>();
        String detail = "slot " + slot + " to " + other;
        begin(loop, job, detail, there -> claim(other, there, future), future);
        return future;
    }

    /** Tells the other loop of its slot; if it closes, the slot goes with its ring. */
    private static void claim(RingLoop other, int slot, CompletableFuture<Integer> future) {
        Job note =
                Job.onRing("nop", SubmissionEntry::nop)
                        .noting(success -> other.files().claimed(slot));
        begin(
                other,
                note,
                "slot " + slot + " of " + other,
                success -> deliver(future, slot, there -> empty(other, there)),
                future);
    }

    private static <T> CompletableFuture<T> begin(
            RingLoop loop, Job job, String detail, IntFunction<T> then, Consumer<T> undo) {
        CompletableFuture<T> future = new CompletableFuture<>();
        begin(loop, job, detail, result -> deliver(future, then.apply(result), undo), future);
        return future;
    }

    /** Begins a job whose success is for somebody, and whose failure is the future's. */
    private static void begin(
            RingLoop loop, Job job, String detail, IntConsumer done, CompletableFuture<?> future) {
        job.whenDone(() -> ended(job, detail, done, future));
        try {
            loop.submit(job);
        } catch (RejectedExecutionException e) {
            future.completeExceptionally(e);
        }
    }

    private static void ended(
            Job job, String detail, IntConsumer done, CompletableFuture<?> future) {
        int result;
        try {
            result = job.result(detail, Job.Patience.FOREVER);
        } catch (IOException | RuntimeException e) {
            future.completeExceptionally(e);
            return;
        }
        done.accept(result);
    }

    /** Whoever cancelled the future, or gave it a time limit, does not take what came. */
    private static <T> void deliver(CompletableFuture<T> future, T value, Consumer<T> undo) {
        if (!future.complete(value)) {
            undo.accept(value);
        }
    }

    /** On the loop's thread. */
    private static void empty(RingLoop loop, int slot) {
        if (!loop.isClosing()) { // else it goes with the ring
            loop.submit(closing(loop, slot));
        }
    }

    private static void close(OwnedFd descriptor) {
        try {
            descriptor.close();
        } catch (ErrnoException e) {
            throw new UncheckedIOException(e);
        }
    }
}

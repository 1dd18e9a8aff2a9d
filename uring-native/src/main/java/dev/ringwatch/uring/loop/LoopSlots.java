package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
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
        return begin(loop, job, "fd " + descriptor, count -> slot(chosen));
    }

    private static int slot(MemorySegment chosen) {
        return chosen.get(ValueLayout.JAVA_INT, 0);
    }

    static CompletableFuture<OwnedFd> install(RingLoop loop, int slot) {
        Job job = Job.onRing("fixed_fd_install", entry -> entry.installSlot(slot));
        return begin(loop, job, "slot " + slot, OwnedFd::own);
    }

    static CompletableFuture<Void> close(RingLoop loop, int slot) {
        return begin(loop, closing(loop, slot), "slot " + slot, success -> 0)
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
        return begin(loop, job, "slot " + slot + " to " + other, there -> there)
                .thenCompose(there -> claimed(other, there));
    }

    /** Tells the other loop of its slot; if it closes, the slot goes with its ring. */
    private static CompletableFuture<Integer> claimed(RingLoop other, int slot) {
        Job note =
                Job.onRing("nop", SubmissionEntry::nop)
                        .noting(success -> other.files().claimed(slot));
        return begin(other, note, "slot " + slot + " of " + other, success -> slot);
    }

    private static <T> CompletableFuture<T> begin(
            RingLoop loop, Job job, String detail, IntFunction<T> then) {
        CompletableFuture<T> future = new CompletableFuture<>();
        job.whenDone(
                () -> {
                    try {
                        future.complete(then.apply(job.result(detail, Job.Patience.FOREVER)));
                    } catch (IOException | RuntimeException e) {
                        future.completeExceptionally(e);
                    }
                });
        try {
            loop.submit(job);
        } catch (RejectedExecutionException e) {
            future.completeExceptionally(e);
        }
        return future;
    }
}

package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A call of a channel that waits on a virtual thread of its own, so that its caller may give up:
 * blocking channels have no timeouts.
 */
final class PendingCall {
    private final CompletableFuture<Integer> future = new CompletableFuture<>();

    private PendingCall() {}

    static PendingCall start(Callable<Integer> call) {
        PendingCall pending = new PendingCall();
        Thread.ofVirtual()
                .name("channel")
                .start(
                        () -> {
                            try {
                                pending.future.complete(call.call());
                            } catch (Throwable e) {
                                pending.future.completeExceptionally(e);
                            }
                        });
        return pending;
    }

    /**
     * Waits for the call's end; whether it came.
     *
     * @param channel is closed if the caller is interrupted
     */
    boolean await(Deadline deadline, Channel channel) throws IOException {
        try {
            future.get(deadline.left(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true; // result() throws it
        } catch (InterruptedException e) {
            channel.close();
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
    }

    /** What the call returned, or what it threw; after {@link #await}. */
    int result() throws IOException {
        return switch (future.state()) {
            case SUCCESS -> future.resultNow();
            case FAILED, CANCELLED, RUNNING -> throw failure(future.exceptionNow());
        };
    }

    private static IOException failure(Throwable why) {
        return switch (why) {
            case IOException io -> io;
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> new IOException(why);
        };
    }
}

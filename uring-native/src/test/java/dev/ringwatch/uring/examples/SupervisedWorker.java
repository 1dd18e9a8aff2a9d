package dev.ringwatch.uring.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.loop.DescriptorChannel;
import dev.ringwatch.uring.loop.LoopOperation;
import dev.ringwatch.uring.loop.RingGroup;
import dev.ringwatch.uring.loop.RingLoop;
import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringFile;
import dev.ringwatch.uring.loop.UringOptions;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights.Received;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;

/**
 * Accepts for a {@link Supervisor}: takes the listening socket from it, and stops when it says so.
 *
 * <p>One multishot accept, of which each completion is a connection. It is stopped by cancelling
 * that operation: shutting the socket down would end it for the next worker too.
 */
public final class SupervisedWorker {
    private final Uring uring;
    private final byte[] answer;
    private final Phaser served = new Phaser(1);

    private SupervisedWorker(Uring uring, String number) {
        this.uring = uring;
        answer = ("worker " + number + "\n").getBytes(UTF_8);
    }

    /** Runs until the supervisor closes the connection. */
    public static void main(String[] args)
            throws IOException, InterruptedException, ExecutionException {
        OwnedFd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        Sockets.connect(socket.number(), new UnixAddress.Path(args[1]));
        UringOptions options = UringOptions.defaults().with(UringOptions.Choice.IO_URING);
        try (Uring uring = Uring.open(options);
                DescriptorChannel control = uring.descriptorChannel(socket);
                Received given = control.receive(ByteBuffer.allocate(16))) {
            new SupervisedWorker(uring, args[0]).run(control, given.descriptors().getFirst());
        }
    }

    private void run(DescriptorChannel control, OwnedFd listening)
            throws IOException, InterruptedException, ExecutionException {
        RingLoop loop = uring.rings().map(RingGroup::next).orElseThrow();
        Accept accept = new Accept(loop, listening.number());
        loop.submit(accept);
        control.send(ByteBuffer.wrap("ready".getBytes(UTF_8)));
        awaitStop(control);
        accept.stop();
        served.arriveAndAwaitAdvance();
    }

    private static void awaitStop(DescriptorChannel control) throws IOException {
        try (Received more = control.receive(ByteBuffer.allocate(16))) {
            if (more.bytes() > 0) {
                throw new IOException("the supervisor said something that is not known here");
            }
        }
    }

    private final class Accept extends LoopOperation {
        private final RingLoop loop;
        private final int listening;
        private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

        /** The loop's thread. */
        private boolean stopping;

        Accept(RingLoop loop, int listening) {
            this.loop = loop;
            this.listening = listening;
        }

        @Override
        protected void write(SubmissionEntry entry, MemorySegment room) {
            entry.acceptMultishot(listening, Sockets.SOCK_CLOEXEC);
        }

        @Override
        protected void completed(int result, int flags) {
            if (result >= 0) {
                OwnedFd connection = OwnedFd.own(result);
                served.register();
                Thread.startVirtualThread(() -> serve(connection));
            }
            if (Completion.isLast(flags)) {
                last(result);
            }
        }

        private void last(int result) {
            if (stopping && (result >= 0 || result == -Errno.ECANCELED.code())) {
                ended.complete(true);
            } else if (result >= 0) {
                loop.submit(this); // the kernel may end it at any time
            } else {
                ended.completeExceptionally(
                        new ErrnoException("accept", -result, "fd " + listening));
            }
        }

        /** Stops, and waits until nothing more will be accepted. */
        void stop() throws InterruptedException, ExecutionException {
            loop.execute(
                    () -> {
                        stopping = true;
                        loop.cancel(this);
                    });
            ended.get();
        }
    }

    private void serve(OwnedFd connection) {
        try (UringFile socket = uring.files().of(connection)) {
            socket.write(ByteBuffer.wrap(answer));
        } catch (IOException e) {
            System.err.println("a connection broke off: " + e.getMessage());
        } finally {
            served.arriveAndDeregister();
        }
    }
}

package dev.ringwatch.uring.loop;

import static dev.ringwatch.uring.sys.Sys.call;

import dev.ringwatch.uring.loop.Job.Patience;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.RightsMessage;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.ScmRights.Received;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.List;

/**
 * Passes descriptors, with data, over a connected AF_UNIX socket.
 *
 * <p>A call parks its virtual thread. Where a trial at {@link Uring#open} passed one, descriptors go
 * through operations of a ring, elsewhere by plain calls: {@link Uring#descriptorPassing()}.
 *
 * <p>An interrupt cancels with {@link java.io.InterruptedIOException} and leaves the interrupt status
 * set; a time limit cancels with {@link OperationTimeoutException}. Either way the call waits for the
 * last completion, and a message that came all the same is returned: its descriptors have an owner.
 *
 * <p>Safe for use by many threads; a thread receives what no other does. Source: unix(7).
 */
public final class DescriptorChannel implements AutoCloseable {
    private final Handle handle;

    /** Takes over a connected socket. */
    DescriptorChannel(Engine engine, OwnedFd socket) {
        handle = new Handle(engine, new Handle.Name.Descriptor(socket));
    }

    /**
     * Has credentials come with each message from now on, or not: SO_PASSCRED.
     *
     * @throws IOException what setsockopt(2) says
     */
    public void wantCredentials(boolean wanted) throws IOException {
        Sockets.setOption(handle.number(), Sockets.SOL_SOCKET, Sockets.SO_PASSCRED, wanted ? 1 : 0);
    }

    /**
     * Sends data and descriptors. The sender keeps its own, which must stay open meanwhile.
     *
     * @param data 1 byte or more; its position advances by what was sent
     * @param descriptors 0 to 253, which go with the first byte
     * @return bytes sent, perhaps fewer than there are
     * @throws IllegalArgumentException if there are too many descriptors or no data
     * @throws ErrnoException what sendmsg(2) says; among others EINVAL for a descriptor that may not
     *     be sent, such as a ring, and ETOOMANYREFS
     */
    public int send(ByteBuffer data, int... descriptors) throws IOException {
        return send(data, Patience.UNTIL_INTERRUPT, descriptors);
    }

    /** {@link #send(ByteBuffer, int...)} of owned descriptors. */
    public int send(ByteBuffer data, List<OwnedFd> descriptors) throws IOException {
        int[] numbers = descriptors.stream().mapToInt(OwnedFd::number).toArray();
        return send(data, Patience.UNTIL_INTERRUPT, numbers);
    }

    /** {@link #send(ByteBuffer, int...)} within a time. */
    public int send(ByteBuffer data, Duration limit, int... descriptors) throws IOException {
        return send(data, Patience.of(limit, true), descriptors);
    }

    /**
     * Receives data and the descriptors that come with it.
     *
     * @param into 1 byte of room or more; its position advances by what came
     * @return what came, 0 bytes at the end; close it, or take over its descriptors
     * @throws dev.ringwatch.uring.sys.DescriptorsLostException if some did not arrive; those that
     *     did were closed
     * @throws ErrnoException what recvmsg(2) says
     */
    public Received receive(ByteBuffer into) throws IOException {
        return receive(into, Patience.UNTIL_INTERRUPT);
    }

    /** {@link #receive(ByteBuffer)} within a time. */
    public Received receive(ByteBuffer into, Duration limit) throws IOException {
        return receive(into, Patience.of(limit, true));
    }

    private int send(ByteBuffer data, Patience patience, int... descriptors) throws IOException {
        int socket = handle.number();
        try (Scratch scratch = new Scratch()) {
            MemorySegment lent = scratch.lendFilled(data);
            RightsMessage message = RightsMessage.sending(scratch.allocator(), lent, descriptors);
            long at = message.segment().address();
            int flags = RightsMessage.SEND_FLAGS | Sockets.MSG_DONTWAIT;
            Job job =
                    handle.attempts(
                            () -> scratch.of(sendJob(socket, at, flags).keeping(data)),
                            ReadyCall.OUT,
                            patience);
            int sent = result(job, patience, socket, descriptors.length);
            data.position(data.position() + sent);
            return sent;
        }
    }

    private static Job sendJob(int socket, long message, int flags) {
        return new Job(
                "sendmsg",
                entry -> entry.sendMessage(socket, message, flags),
                new ReadyCall(
                        socket,
                        ReadyCall.OUT,
                        () -> call(Syscall.SENDMSG, socket, message, flags)));
    }

    private static Job receiveJob(int socket, long message) {
        int flags = RightsMessage.RECEIVE_FLAGS;
        int plainly = flags | Sockets.MSG_DONTWAIT;
        return new Job(
                "recvmsg",
                entry -> entry.receiveMessage(socket, message, flags),
                new ReadyCall(
                        socket,
                        ReadyCall.IN,
                        () -> call(Syscall.RECVMSG, socket, message, plainly)));
    }

    private static int result(Job job, Patience patience, int socket, int descriptors)
            throws IOException {
        try {
            return job.result(() -> "over fd " + socket, patience);
        } catch (ErrnoException e) {
            throw ScmRights.refusal(e.code(), socket, descriptors);
        }
    }

    private Received receive(ByteBuffer into, Patience patience) throws IOException {
        if (into.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        if (!into.hasRemaining()) {
            throw new IllegalArgumentException(
                    "receive with room for 1 byte or more: without room no end can be told");
        }
        int socket = handle.number();
        try (Scratch scratch = new Scratch()) {
            MemorySegment lent = scratch.lend(into);
            RightsMessage message = RightsMessage.receiving(scratch.allocator(), lent);
            long at = message.segment().address();
            Job job =
                    handle.attempts(
                            () -> scratch.of(receiveJob(socket, at).keeping(into)),
                            ReadyCall.IN,
                            patience);
            int bytes = job.result(() -> "fd " + socket, patience);
            Received received = message.received(bytes);
            Scratch.take(lent, into, bytes);
            return received;
        }
    }

    /** Cancels the calls under way, waits for them, and closes the socket. */
    @Override
    public void close() throws IOException {
        handle.close();
    }

    @Override
    public String toString() {
        return "DescriptorChannel[" + handle.name() + "]";
    }
}

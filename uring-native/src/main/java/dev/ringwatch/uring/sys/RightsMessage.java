package dev.ringwatch.uring.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.DescriptorsLostException.Reason;
import dev.ringwatch.uring.sys.ScmRights.Received;
import dev.ringwatch.uring.sys.SocketLayouts.Cmsghdr;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/**
 * The struct msghdr of one sendmsg(2) or recvmsg(2) with descriptors, for a plain call or an
 * operation of a ring. Its memory, and that of the data, live until the call or operation is over.
 */
public final class RightsMessage {
    /** What a send needs: an error for a closed peer, and no signal. */
    public static final int SEND_FLAGS = Sockets.MSG_NOSIGNAL;

    /** What a receive needs: descriptors that are closed on exec. */
    public static final int RECEIVE_FLAGS = Sockets.MSG_CMSG_CLOEXEC;

    private final MemorySegment message;
    private final MemorySegment control;

    private RightsMessage(MemorySegment message, MemorySegment control) {
        this.message = message;
        this.control = control;
    }

    /**
     * A message to send.
     *
     * @param data native, 1 byte or more
     * @param descriptors 0 to {@link ScmRights#MAX_DESCRIPTORS}
     * @throws IllegalArgumentException if there are too many descriptors or no data
     */
    public static RightsMessage sending(
            SegmentAllocator allocator, MemorySegment data, int... descriptors) {
        requireSendable(data, descriptors);
        MemorySegment control =
                descriptors.length == 0 ? MemorySegment.NULL : encode(allocator, descriptors);
        return of(allocator, data, control);
    }

    /**
     * Room for a message with all that may come with it.
     *
     * @param data native
     */
    public static RightsMessage receiving(SegmentAllocator allocator, MemorySegment data) {
        return receiving(allocator, data, ScmRights.FULL_ROOM);
    }

    /** With a control area of so many bytes: tests cut messages with it. */
    static RightsMessage receiving(SegmentAllocator allocator, MemorySegment data, int room) {
        return of(allocator, data, allocator.allocate(Math.max(room, 1), 8).asSlice(0, room));
    }

    private static RightsMessage of(
            SegmentAllocator allocator, MemorySegment data, MemorySegment control) {
        MemorySegment iovec = allocator.allocate(Iovec.SIZE, 8);
        iovec.set(JAVA_LONG, Iovec.BASE, data.address());
        iovec.set(JAVA_LONG, Iovec.LEN, data.byteSize());
        MemorySegment message = allocator.allocate(Msghdr.SIZE, 8).fill((byte) 0);
        message.set(JAVA_LONG, Msghdr.IOV, iovec.address());
        message.set(JAVA_LONG, Msghdr.IOVLEN, 1);
        message.set(JAVA_LONG, Msghdr.CONTROL, control.address());
        message.set(JAVA_LONG, Msghdr.CONTROLLEN, control.byteSize());
        return new RightsMessage(message, control);
    }

    /** The struct msghdr. */
    public MemorySegment segment() {
        return message;
    }

    /**
     * What came, once the kernel has filled the message in.
     *
     * @param bytes the call's or completion's result, 0 or more
     * @throws DescriptorsLostException if descriptors did not all arrive; those that did were closed
     */
    public Received received(int bytes) throws IOException {
        long filled = message.get(JAVA_LONG, Msghdr.CONTROLLEN);
        ControlMessages found = ControlMessages.walk(control.asSlice(0, filled));
        if ((message.get(JAVA_INT, Msghdr.FLAGS) & Sockets.MSG_CTRUNC) != 0) {
            OwnedFd.closeAll(found.descriptors());
            throw new DescriptorsLostException(
                    reason(control.byteSize() - filled), bytes, found.descriptors().size());
        }
        // At the end of a stream the kernel fills in blank credentials, of nobody.
        Optional<Credentials> sender = bytes == 0 ? Optional.empty() : found.credentials();
        return new Received(bytes, found.descriptors(), sender);
    }

    /** With room left for one more, it was not the room. */
    private static Reason reason(long roomLeft) {
        return roomLeft >= Cmsghdr.length(4) ? Reason.DESCRIPTOR_LIMIT : Reason.NO_ROOM;
    }

    private static MemorySegment encode(SegmentAllocator allocator, int[] descriptors) {
        long bytes = 4L * descriptors.length;
        MemorySegment control = allocator.allocate(Cmsghdr.space(bytes), 8);
        control.set(JAVA_LONG, Cmsghdr.LEN, Cmsghdr.length(bytes));
        control.set(JAVA_INT, Cmsghdr.LEVEL, Sockets.SOL_SOCKET);
        control.set(JAVA_INT, Cmsghdr.TYPE, ControlMessages.SCM_RIGHTS);
        MemorySegment.copy(descriptors, 0, control, JAVA_INT, Cmsghdr.DATA, descriptors.length);
        return control;
    }

    private static void requireSendable(MemorySegment data, int[] descriptors) {
        if (descriptors.length > ScmRights.MAX_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    "one message carries at most 253 descriptors (SCM_MAX_FD), these are "
                            + descriptors.length
                            + "; send several messages");
        }
        if (data.byteSize() == 0) {
            throw new IllegalArgumentException(
                    "send at least one byte: without data a stream socket drops the descriptors");
        }
    }
}

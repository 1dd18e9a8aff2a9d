package dev.ringwatch.uring.bench;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketLayouts.Cmsghdr;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Our raw loop passing descriptors: {@code RawPassing DESCRIPTORS}. Sixteen messages of so many go
 * out with one enter, come in with a second, and what they brought is closed with a third.
 */
final class RawPassing implements Completion.Visitor {
    private static final int MESSAGES = 16;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** User data of what brings nothing; a receive has its message's number, 0 or more. */
    private static final long SILENT = 1 << 20;

    private final IoUring ring;
    private final int each;
    private final MemorySegment outgoing;
    private final MemorySegment[] incoming = new MemorySegment[MESSAGES];
    private final MemorySegment[] control = new MemorySegment[MESSAGES];
    private int closed;

    private RawPassing(IoUring ring, Arena arena, int each, int passed) {
        this.ring = ring;
        this.each = each;
        outgoing = message(arena, rights(arena, each, passed));
        for (int i = 0; i < MESSAGES; i++) {
            control[i] = rights(arena, each, passed);
            incoming[i] = message(arena, control[i]);
        }
    }

    public static void main(String[] arguments) throws IOException {
        int each = Integer.parseInt(arguments[0]);
        var pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (Arena arena = Arena.ofConfined();
                OwnedFd sender = pair.get(0);
                OwnedFd receiver = pair.get(1);
                OwnedFd passed = Fds.eventFd(0, 0);
                IoUring ring = IoUring.open(RawRing.options(MESSAGES * Math.max(each, 1)))) {
            ring.registerDescriptor();
            RawPassing passing = new RawPassing(ring, arena, each, passed.number());
            int from = sender.number();
            int to = receiver.number();
            Control.runs(work -> passing.turn(work, from, to));
        }
    }

    private void turn(Control.Work work, int from, int to) throws IOException {
        for (int i = 0; i < MESSAGES; i++) {
            ring.next(SILENT).sendMessage(from, outgoing.address(), MSG_NOSIGNAL);
        }
        finish(MESSAGES);
        for (int i = 0; i < MESSAGES; i++) {
            incoming[i].set(JAVA_LONG, Msghdr.CONTROLLEN, control[i].byteSize());
            ring.next(i).receiveMessage(to, incoming[i].address(), MSG_CMSG_CLOEXEC);
        }
        closed = 0;
        finish(MESSAGES);
        finish(0);
        if (closed != MESSAGES * each) {
            throw new IOException("descriptors lost");
        }
        work.operations += closed;
        work.enters += 3;
    }

    private void finish(int completions) throws IOException {
        ring.submitAndWait(completions);
        ring.drain(Integer.MAX_VALUE, this);
    }

    @Override
    public void completed(long userData, int result, int flags) {
        if (result < 0) {
            throw new BenchException("a message or a close failed: " + Errno.of(-result));
        }
        if (userData < SILENT) {
            closeAll(control[(int) userData], incoming[(int) userData]);
        }
    }

    /** There is no other control message: the pair asks for none. */
    private void closeAll(MemorySegment rights, MemorySegment message) {
        if ((message.get(JAVA_INT, Msghdr.FLAGS) & Sockets.MSG_CTRUNC) != 0) {
            throw new BenchException("descriptors did not arrive");
        }
        long end = rights.get(JAVA_LONG, Cmsghdr.LEN);
        for (long at = Cmsghdr.DATA; at < end; at += 4) {
            ring.next(SILENT).close(rights.get(JAVA_INT, at)).skipSuccess();
            closed++;
        }
    }

    private static MemorySegment rights(Arena arena, int each, int passed) {
        MemorySegment rights = arena.allocate(Cmsghdr.space(4L * each), 8);
        rights.set(JAVA_LONG, Cmsghdr.LEN, Cmsghdr.length(4L * each));
        rights.set(JAVA_INT, Cmsghdr.LEVEL, Sockets.SOL_SOCKET);
        rights.set(JAVA_INT, Cmsghdr.TYPE, SCM_RIGHTS);
        for (int i = 0; i < each; i++) {
            rights.set(JAVA_INT, Cmsghdr.DATA + 4L * i, passed);
        }
        return rights;
    }

    /** One byte of data, without which a stream would drop the descriptors. */
    private static MemorySegment message(Arena arena, MemorySegment control) {
        MemorySegment iovec = arena.allocate(Iovec.SIZE, 8);
        iovec.set(JAVA_LONG, Iovec.BASE, arena.allocate(1).address());
        iovec.set(JAVA_LONG, Iovec.LEN, 1);
        MemorySegment message = arena.allocate(Msghdr.SIZE, 8);
        message.set(JAVA_LONG, Msghdr.IOV, iovec.address());
        message.set(JAVA_LONG, Msghdr.IOVLEN, 1);
        message.set(JAVA_LONG, Msghdr.CONTROL, control.address());
        message.set(JAVA_LONG, Msghdr.CONTROLLEN, control.byteSize());
        return message;
    }
}

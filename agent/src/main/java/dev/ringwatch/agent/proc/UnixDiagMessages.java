package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.UnixDiag.UnixDiagSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The messages of sock_diag(7) for AF_UNIX: pure functions over buffers in native byte order.
 *
 * <p>Layouts: linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h. A buffer that does not hold what
 * its lengths promise is refused with {@link MalformedDiagException}; unknown attributes are skipped.
 */
public final class UnixDiagMessages {
    private static final int AF_UNIX = 1;
    private static final short SOCK_DIAG_BY_FAMILY = 20;

    private static final int NLMSG_HEADER = 16;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLMSG_OVERRUN = 4;
    private static final short NLM_F_REQUEST = 0x1;
    private static final short NLM_F_DUMP = 0x300;
    private static final int NLM_F_DUMP_INTR = 0x10;

    private static final int REQUEST_BYTES = 24;
    private static final int MESSAGE_BYTES = 16;

    private static final int SHOW_NAME = 1;
    private static final int SHOW_PEER = 4;
    private static final int SHOW_ICONS = 8;

    private static final int ATTRIBUTE_HEADER = 4;
    private static final int ATTRIBUTE_TYPE_MASK = 0x3fff;
    private static final int NAME = 0;
    private static final int PEER = 2;
    private static final int ICONS = 3;
    private static final int SHUTDOWN = 6;

    private UnixDiagMessages() {}

    /** How a buffer of answers ended. */
    public sealed interface Progress {
        /**
         * More buffers follow.
         *
         * @param consistent false if the dump may have missed sockets so far
         */
        record More(boolean consistent) implements Progress {}

        /**
         * The last message has been read.
         *
         * @param consistent false if sockets came or went in a way that the dump may have missed
         *     some (NLM_F_DUMP_INTR)
         */
        record Done(boolean consistent) implements Progress {}

        /**
         * The kernel refused.
         *
         * @param errno a positive error number; 2 (ENOENT) where the kernel has no unix_diag
         */
        record Refused(int errno) implements Progress {}
    }

    /** A request for every AF_UNIX socket, with names, peers and pending connections. */
    public static ByteBuffer dumpRequest(int sequence) {
        ByteBuffer b =
                ByteBuffer.allocate(NLMSG_HEADER + REQUEST_BYTES).order(ByteOrder.nativeOrder());
        b.putInt(b.capacity());
        b.putShort(SOCK_DIAG_BY_FAMILY);
        b.putShort((short) (NLM_F_REQUEST | NLM_F_DUMP));
        b.putInt(sequence);
        b.putInt(0);
        b.put((byte) AF_UNIX).put((byte) 0).putShort((short) 0);
        b.putInt(-1); // every state
        b.putInt(0);
        b.putInt(SHOW_NAME | SHOW_PEER | SHOW_ICONS);
        b.putInt(-1).putInt(-1); // INET_DIAG_NOCOOKIE
        return b.flip();
    }

    /**
     * Reads one datagram of answers from position to limit and adds its sockets.
     *
     * @param sequence of the request; messages that answer another request are skipped
     */
    public static Progress read(ByteBuffer datagram, int sequence, List<UnixDiagSocket> into) {
        ByteBuffer b = datagram.slice().order(ByteOrder.nativeOrder());
        boolean interrupted = false;
        while (b.remaining() >= NLMSG_HEADER) {
            int start = b.position();
            int length = b.getInt(start);
            if (length < NLMSG_HEADER || length > b.remaining()) {
                throw new MalformedDiagException("netlink message of " + length + " bytes");
            }
            int type = Short.toUnsignedInt(b.getShort(start + 4));
            interrupted |= (b.getShort(start + 6) & NLM_F_DUMP_INTR) != 0;
            if (b.getInt(start + 8) == sequence) {
                switch (type) {
                    case NLMSG_DONE -> {
                        return new Progress.Done(!interrupted);
                    }
                    case NLMSG_ERROR -> {
                        return new Progress.Refused(errno(b, start, length));
                    }
                    case NLMSG_OVERRUN -> throw new MalformedDiagException("netlink overrun");
                    case SOCK_DIAG_BY_FAMILY -> socket(b, start, length).ifPresent(into::add);
                    default -> {
                        // NLMSG_NOOP and what later kernels may add say nothing about sockets
                    }
                }
            }
            b.position(Math.min(b.limit(), start + aligned(length)));
        }
        return new Progress.More(!interrupted);
    }

    private static int errno(ByteBuffer b, int start, int length) {
        if (length < NLMSG_HEADER + 4) {
            throw new MalformedDiagException("netlink error of " + length + " bytes");
        }
        return -b.getInt(start + NLMSG_HEADER);
    }

    private static Optional<UnixDiagSocket> socket(ByteBuffer b, int start, int length) {
        if (length < NLMSG_HEADER + MESSAGE_BYTES) {
            throw new MalformedDiagException("unix_diag_msg of " + length + " bytes");
        }
        int at = start + NLMSG_HEADER;
        if (b.get(at) != AF_UNIX) {
            return Optional.empty();
        }
        Attributes a = new Attributes();
        a.read(b, at + MESSAGE_BYTES, start + length);
        return Optional.of(
                new UnixDiagSocket(
                        Byte.toUnsignedInt(b.get(at + 1)),
                        Byte.toUnsignedInt(b.get(at + 2)),
                        Integer.toUnsignedLong(b.getInt(at + 4)),
                        a.name,
                        a.peer,
                        a.pending,
                        a.shutdown));
    }

    private static int aligned(int length) {
        return (length + 3) & ~3;
    }

    /** The attributes of one socket. */
    private static final class Attributes {
        private Optional<UnixName> name = Optional.empty();
        private UnixPeer peer = new UnixPeer.None();
        private final List<Long> pending = new ArrayList<>();
        private OptionalInt shutdown = OptionalInt.empty();

        void read(ByteBuffer b, int from, int to) {
            int at = from;
            while (to - at >= ATTRIBUTE_HEADER) {
                int length = Short.toUnsignedInt(b.getShort(at));
                if (length < ATTRIBUTE_HEADER || length > to - at) {
                    throw new MalformedDiagException("unix_diag attribute of " + length + " bytes");
                }
                int type = b.getShort(at + 2) & ATTRIBUTE_TYPE_MASK;
                one(type, b.slice(at + ATTRIBUTE_HEADER, length - ATTRIBUTE_HEADER));
                at += aligned(length);
            }
        }

        private void one(int type, ByteBuffer value) {
            value.order(ByteOrder.nativeOrder());
            switch (type) {
                case NAME -> name = name(value);
                case PEER -> peer = peer(Integer.toUnsignedLong(word(value)));
                case ICONS -> icons(value);
                case SHUTDOWN -> {
                    if (value.hasRemaining()) {
                        shutdown = OptionalInt.of(value.get());
                    }
                }
                default -> {
                    // an attribute nobody asked for
                }
            }
        }

        private void icons(ByteBuffer value) {
            while (value.remaining() >= 4) {
                pending.add(Integer.toUnsignedLong(value.getInt()));
            }
        }

        private static int word(ByteBuffer value) {
            if (value.remaining() < 4) {
                throw new MalformedDiagException(
                        "unix_diag peer of " + value.remaining() + " bytes");
            }
            return value.getInt();
        }

        private static UnixPeer peer(long inode) {
            return inode == 0 ? new UnixPeer.WithoutFile() : new UnixPeer.Connected(inode);
        }

        /** A path comes with a closing NUL, an abstract name with a leading one. */
        private static Optional<UnixName> name(ByteBuffer value) {
            byte[] bytes = new byte[value.remaining()];
            value.get(bytes);
            if (bytes.length == 0) {
                return Optional.empty();
            }
            if (bytes[0] == 0) {
                String text = ProcFiles.text(bytes, 1, bytes.length);
                return Optional.of(new UnixName(UnixName.Kind.ABSTRACT, text));
            }
            int end = 0;
            while (end < bytes.length && bytes[end] != 0) {
                end++;
            }
            return Optional.of(new UnixName(UnixName.Kind.PATH, ProcFiles.text(bytes, 0, end)));
        }
    }
}

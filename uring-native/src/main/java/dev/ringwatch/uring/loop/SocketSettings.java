package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Sockets;
import java.net.SocketOption;
import java.net.StandardSocketOptions;

/** Options of the JDK as the kernel has them, socket(7) and tcp(7). */
final class SocketSettings {
    private SocketSettings() {}

    /** Sets an option; the caller sees to it that the value is of the option's type. */
    static void set(int fd, SocketOption<?> option, Object value) throws ErrnoException {
        if (option.equals(StandardSocketOptions.SO_LINGER)) {
            Sockets.setLinger(fd, (Integer) value);
        } else {
            int number = value instanceof Boolean on ? (on ? 1 : 0) : (Integer) value;
            Sockets.setOption(fd, level(option), number(option), number);
        }
    }

    static <T> T get(int fd, SocketOption<T> option) throws ErrnoException {
        if (option.equals(StandardSocketOptions.SO_LINGER)) {
            return option.type().cast(Sockets.linger(fd));
        }
        int value = Sockets.option(fd, level(option), number(option));
        if (option.type() == Boolean.class) {
            return option.type().cast(value != 0);
        }
        return option.type().cast(isBufferSize(option) ? value / 2 : value);
    }

    /** The kernel doubles these for its own use, socket(7). */
    private static boolean isBufferSize(SocketOption<?> option) {
        return option.equals(StandardSocketOptions.SO_SNDBUF)
                || option.equals(StandardSocketOptions.SO_RCVBUF);
    }

    private static int level(SocketOption<?> option) {
        return option.equals(StandardSocketOptions.TCP_NODELAY)
                ? Sockets.IPPROTO_TCP
                : Sockets.SOL_SOCKET;
    }

    private static int number(SocketOption<?> option) {
        return switch (option.name()) {
            case "TCP_NODELAY" -> Sockets.TCP_NODELAY;
            case "SO_KEEPALIVE" -> Sockets.SO_KEEPALIVE;
            case "SO_SNDBUF" -> Sockets.SO_SNDBUF;
            case "SO_RCVBUF" -> Sockets.SO_RCVBUF;
            case "SO_REUSEADDR" -> Sockets.SO_REUSEADDR;
            case "SO_REUSEPORT" -> Sockets.SO_REUSEPORT;
            default ->
                    throw new UnsupportedOperationException(
                            option.name() + " is not an option of a stream socket here");
        };
    }
}

package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;

/** The kernel's errors as the exceptions that users of Java's sockets know. */
final class SocketErrors {
    private SocketErrors() {}

    /** The exception for an error of a call; its cause, or itself, is an {@link ErrnoException}. */
    static IOException of(String call, int code, String detail) {
        return of(new ErrnoException(call, code, detail));
    }

    static IOException of(ErrnoException error) {
        String text = String.valueOf(error.getMessage());
        return switch (error.errno()) {
            case ECONNREFUSED -> caused(new ConnectException(text), error);
            case ETIMEDOUT -> caused(new ConnectException(text), error);
            case EHOSTUNREACH, ENETUNREACH -> caused(new NoRouteToHostException(text), error);
            case EADDRINUSE, EADDRNOTAVAIL -> caused(new BindException(text), error);
            case ECONNRESET, EPIPE, ENOTCONN -> caused(new SocketException(text), error);
            default -> error;
        };
    }

    /** What to call when a stream broke: the name of a refused loop is of no use to a reader. */
    static boolean isCancelled(int result) {
        return result == -Errno.ECANCELED.code();
    }

    private static IOException caused(IOException exception, ErrnoException cause) {
        exception.initCause(cause);
        return exception;
    }
}

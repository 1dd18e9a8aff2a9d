package dev.ringwatch.uring.sys;

import java.io.IOException;

/**
 * A system call that failed: which call, with which error number, on what.
 *
 * <p>The text reads {@code io_uring_setup: EPERM (operation not permitted): <detail>}.
 */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final int code;
    private final String detail;

    /**
     * Names a failure.
     *
     * @param call the system call, as in its manual page
     * @param code the positive error number
     * @param detail on what, and the cause and cure where they are known; may be empty
     */
    public ErrnoException(String call, int code, String detail) {
        super(text(call, code, detail));
        this.call = call;
        this.code = code;
        this.detail = detail;
    }

    /** The system call, as in its manual page. */
    public String call() {
        return call;
    }

    /** The positive error number, also when it has no name here. */
    public int code() {
        return code;
    }

    /** The error by name. */
    public Errno errno() {
        return Errno.of(code);
    }

    /** On what the call was made, and cause and cure where they are known; may be empty. */
    public String detail() {
        return detail;
    }

    private static String text(String call, int code, String detail) {
        String error = call + ": " + name(code);
        return detail.isEmpty() ? error : error + ": " + detail;
    }

    private static String name(int code) {
        Errno errno = Errno.of(code);
        return errno == Errno.UNNAMED ? "errno " + code : errno + " (" + errno.meaning() + ")";
    }
}

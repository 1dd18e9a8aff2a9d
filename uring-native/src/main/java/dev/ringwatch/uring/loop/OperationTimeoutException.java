package dev.ringwatch.uring.loop;

import java.io.InterruptedIOException;
import java.time.Duration;

/**
 * An operation was cancelled because its time was up. Nothing of it is under way any more, and its
 * memory is the caller's again.
 */
public final class OperationTimeoutException extends InterruptedIOException {
    private static final long serialVersionUID = 1L;

    OperationTimeoutException(String what, Duration limit) {
        super(what + ": cancelled, it did not complete within " + limit);
    }
}

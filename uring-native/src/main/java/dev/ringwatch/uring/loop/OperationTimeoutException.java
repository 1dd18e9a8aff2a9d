package dev.ringwatch.uring.loop;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * An operation was cancelled because its time was up. Nothing of it is under way any more, and its
 * memory is the caller's again. It is a {@link SocketTimeoutException}, of files too, so that one
 * catch takes every time limit.
 */
public final class OperationTimeoutException extends SocketTimeoutException {
    private static final long serialVersionUID = 1L;

    OperationTimeoutException(String what, Duration limit) {
        super(what + ": cancelled, it did not complete within " + limit);
    }
}

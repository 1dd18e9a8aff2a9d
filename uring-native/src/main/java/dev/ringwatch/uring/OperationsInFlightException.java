package dev.ringwatch.uring;

import java.io.IOException;

/**
 * A ring was closed while operations were still in flight at the deadline.
 *
 * <p>The ring is closed. The kernel may still read and write the memory those operations named, so
 * it must not be freed or used again.
 */
public final class OperationsInFlightException extends IOException {
    private static final long serialVersionUID = 1;

    private final long operations;

    OperationsInFlightException(long operations) {
        super(
                operations
                        + " operations were still in flight when the ring was closed; the kernel"
                        + " may still use their memory");
        this.operations = operations;
    }

    /** How many. */
    public long operations() {
        return operations;
    }
}

package dev.ringwatch.uring;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A ring was closed while operations were still in flight at the deadline.
 *
 * <p>The ring is closed. The kernel may still read and write the memory those operations named, so
 * it must not be freed or used again.
 */
public final class OperationsInFlightException extends IOException {
    private static final long serialVersionUID = 1;

    private final long operations;

    @SuppressWarnings("serial") // of strings, and serializable
    private final List<String> stillOpen;

    OperationsInFlightException(long operations, List<String> stillOpen) {
        super(
                operations
                        + " operations were still in flight when the ring was closed; the kernel"
                        + " may still use their memory"
                        + (stillOpen.isEmpty() ? "" : "; open too: " + stillOpen));
        this.operations = operations;
        this.stillOpen = List.copyOf(stillOpen);
    }

    /**
     * The same, with names for the operations.
     *
     * @param names what each was
     */
    public OperationsInFlightException naming(List<String> names) {
        List<String> all = new ArrayList<>(names);
        all.addAll(stillOpen);
        OperationsInFlightException named = new OperationsInFlightException(operations, all);
        named.initCause(this);
        return named;
    }

    /** How many. */
    public long operations() {
        return operations;
    }

    /** The operations, as far as they have names, and leases and slots that the ring still had. */
    public List<String> stillOpen() {
        return stillOpen;
    }
}

package dev.ringwatch.core.kernel;

import org.jspecify.annotations.Nullable;

/**
 * That {@code predecessor} is in flight towards {@code successor}: the arrow points the opposite way
 * of the reference, which the successor's queue has on the predecessor.
 *
 * @param predecessor the socket that was sent
 * @param successor the socket that would receive it
 */
record Edge(UnixSocket predecessor, UnixSocket successor) {
    /** Where the edge leads: an embryo's listener stands for it. Null where that is not in flight. */
    @Nullable Vertex next() {
        UnixSocket listener = successor.listener();
        return listener == null ? successor.vertex : listener.vertex;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other; // one for each entry of a list
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}

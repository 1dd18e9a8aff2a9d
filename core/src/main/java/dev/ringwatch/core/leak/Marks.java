package dev.ringwatch.core.leak;

import dev.ringwatch.core.graph.ReferenceGraph;

/** Tells whether an owner met a file before, for many owners one after the other, without clearing. */
final class Marks {
    private final int[] lastOwner;

    Marks(ReferenceGraph graph) {
        lastOwner = new int[graph.fileCount()];
    }

    /** True if {@code file} was not marked, or was last marked by another owner. */
    boolean mark(int file, int owner) {
        boolean first = lastOwner[file] != owner + 1;
        lastOwner[file] = owner + 1;
        return first;
    }
}

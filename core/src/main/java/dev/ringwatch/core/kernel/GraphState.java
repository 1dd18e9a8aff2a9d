package dev.ringwatch.core.kernel;

/** What the collector of components knows of the graph of sockets in flight. */
public enum GraphState {
    /** No component has a cycle: a run has nothing to do. */
    NOT_CYCLIC,
    /** A packet came or went that may have closed a cycle: a run walks the graph anew. */
    MAYBE_CYCLIC,
    /** There are cycles and nothing changed since they were found: a run judges them again. */
    CYCLIC
}

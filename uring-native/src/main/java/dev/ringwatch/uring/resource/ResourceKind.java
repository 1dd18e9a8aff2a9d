package dev.ringwatch.uring.resource;

/** Kinds of what must be closed. */
public enum ResourceKind {
    /** A ring. */
    RING,

    /** An operation submitted, until its last completion is taken. */
    OPERATION,

    /** A buffer that the program holds. */
    LEASE,

    /** A slot of a ring's table that holds something. */
    SLOT,

    /** A descriptor with an owner. */
    DESCRIPTOR,

    /** A group of buffers. */
    BUFFER_RING
}

package dev.ringwatch.uring;

/** What a slot of a table is in. */
public enum SlotState {
    /** Nothing in it, and no operation uses what was in it. */
    FREE,

    /** Nothing in it yet; set aside for an operation that will fill it. */
    RESERVED,

    /** Something in it. */
    USED,

    /** Nothing in it, but operations still use what was. */
    DRAINING
}

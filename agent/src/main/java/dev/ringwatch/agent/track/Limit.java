package dev.ringwatch.agent.track;

/** What a finding of the kind {@link FindingKind#NEAR_LIMIT} is near to. */
public enum Limit {
    /** The descriptors in flight of a user. */
    IN_FLIGHT,
    /** The memory locked for a user. */
    LOCKED_MEMORY,
    /** The slots of a ring's file table. */
    FILE_TABLE
}

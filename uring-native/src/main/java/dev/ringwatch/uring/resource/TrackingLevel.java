package dev.ringwatch.uring.resource;

/** How much is kept of each open resource. The numbers of open ones are kept at every level. */
public enum TrackingLevel {
    /** Nothing. */
    OFF,

    /**
     * What it is and since when; of one in {@value ResourceTracker#SAMPLE} also where it was opened.
     * Of what is opened with every message, leases and slots, one in {@value ResourceTracker#SAMPLE}
     * at all.
     */
    SIMPLE,

    /** Of each what it is, since when, and where it was opened. */
    FULL
}

package dev.ringwatch.core.kernel;

/** A run of the collector under way, in steps between which others may act. */
interface CollectorRun {
    /** Takes a step; false if there is none left. */
    boolean step();

    /**
     * Whether it holds the collector's lock: then no packet with sockets comes or goes, and whoever
     * tries waits until the run has let go.
     */
    boolean locked();
}

package dev.ringwatch.core.leak;

/**
 * What is known of the kernel's AF_UNIX collector and the sockets of one graph. Files are indices
 * into that graph; only AF_UNIX sockets are asked about.
 */
@FunctionalInterface
public interface CollectorView {
    /** What is not known. */
    int UNKNOWN = -1;

    /**
     * How many completed runs of the collector, each over everything in flight and begun after the
     * socket was seen with nobody who reaches it and as many references as now, it has been seen to
     * outlive; 0 when that is not known.
     */
    int runs(int socket);

    /**
     * The number by which the collector tells a socket's component ({@code unix_vertex.scc_index}),
     * or {@link #UNKNOWN}. Those of one graph must have been valid at one moment.
     */
    default int componentIndex(int socket) {
        return UNKNOWN;
    }

    /**
     * How many queued descriptors refer to the socket by the collector's own count ({@code
     * unix_vertex.out_degree}), or {@link #UNKNOWN}.
     */
    default int inFlight(int socket) {
        return UNKNOWN;
    }
}

package dev.ringwatch.agent.bpf;

/** What a kernel lets the snapshot programs see; the bits are those of {@code enum feature}. */
public enum BpfFeature {
    /** Rings are recognised, by the address of {@code io_uring_release}. */
    RING_FILES(1),
    /** Sockets are recognised, by the address of {@code sock_close}. */
    SOCKET_FILES(2),
    /** Packets that carry files are recognised, by the address of their destructor. */
    PACKETS(4),
    /** The collector finds components, and its list of sockets in flight can be walked. */
    VERTICES(8),
    /** Ring tables are made of counted nodes. */
    NODES(16),
    /** The kernel counts the requests in flight of a ring. */
    REQUESTS(32),
    /** The collector's index of each socket's component can be read. */
    COMPONENT_INDICES(64);

    private final int bit;

    BpfFeature(int bit) {
        this.bit = bit;
    }

    boolean in(int features) {
        return (features & bit) != 0;
    }
}

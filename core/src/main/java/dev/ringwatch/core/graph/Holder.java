package dev.ringwatch.core.graph;

/**
 * What owns one reference of an open file.
 *
 * <p>The first three hold from outside the graph (a process is behind them); the last three are
 * references that one open file has on another. Files are given by their index in the {@link
 * ReferenceGraph} that the holder came from.
 */
public sealed interface Holder {

    /** A slot of a process's descriptor table. */
    record DescriptorSlot(int pid, int fd) implements Holder {}

    /** A memory mapping of the file: a mapped ring has up to two, each a reference of its own. */
    record MemoryMapping(int pid) implements Holder {}

    /** A ring descriptor registered with a task by {@code IORING_REGISTER_RING_FDS}. */
    record TaskRegistration(int pid, int tid, int slot) implements Holder {}

    /**
     * An entry of a packet in a socket's receive queue: a descriptor in flight.
     *
     * @param socket the socket that would receive; for a connection nobody accepted, its listener
     * @param packet ordinal of the packet among those observed on this socket, from 0
     */
    record QueuedPacket(int socket, int packet) implements Holder {}

    /** An occupied slot of a ring's file table. */
    record RingSlot(int ring, int slot) implements Holder {}

    /**
     * A request in flight of a ring.
     *
     * @param opcode the request's {@code IORING_OP_*} number, or {@link #UNKNOWN_OPCODE}
     */
    record PendingRequest(int ring, int opcode) implements Holder {
        /** The opcode of a request that is known to be there and not which. */
        public static final int UNKNOWN_OPCODE = -1;
    }
}

package dev.ringwatch.core.kernel;

/** The three types of AF_UNIX sockets. */
public enum SocketType {
    /** {@code SOCK_STREAM}. */
    STREAM,
    /** {@code SOCK_DGRAM}. */
    DGRAM,
    /** {@code SOCK_SEQPACKET}. */
    SEQPACKET;

    /** Whether sockets of this type listen, accept and end together. */
    public boolean connects() {
        return this != DGRAM;
    }
}

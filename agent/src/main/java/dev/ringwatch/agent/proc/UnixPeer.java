package dev.ringwatch.agent.proc;

/** The other end of an AF_UNIX socket, from {@code UNIX_DIAG_PEER}. */
public sealed interface UnixPeer {

    /** Connected to the socket with this number in sockfs. */
    record Connected(long inode) implements UnixPeer {}

    /**
     * Connected to a socket that has no file: a connection nobody has accepted yet, or one whose
     * other end has been closed. A closed stream or seqpacket peer has shut both directions down.
     */
    record WithoutFile() implements UnixPeer {}

    /** Not connected. */
    record None() implements UnixPeer {}

    /** The source does not tell. */
    record Unknown() implements UnixPeer {}
}

package dev.ringwatch.core.graph;

/** What an open file is, as far as holding other files goes. */
public enum FileKind {
    /** An AF_UNIX socket: its receive queue can hold files. */
    UNIX_SOCKET,
    /** An io_uring instance: its file table and its requests can hold files. */
    RING,
    /** A socket of another family. */
    SOCKET,
    /** Any other open file: it holds nothing that this project follows. */
    OTHER
}

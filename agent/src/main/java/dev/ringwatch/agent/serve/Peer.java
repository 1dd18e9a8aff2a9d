package dev.ringwatch.agent.serve;

/**
 * Who is at the other end of a connection.
 *
 * @param onUnixSocket whether it came over a unix socket, so from who may open that file
 * @param encrypted whether the connection is
 * @param certified whether it has shown a certificate that was verified
 */
record Peer(boolean onUnixSocket, boolean encrypted, boolean certified) {}

package dev.ringwatch.uring.loop;

/**
 * What the sockets and servers of a {@link Uring} did since it was opened, and have now.
 *
 * @param open sockets open now
 * @param accepted connections accepted
 * @param connected connections made
 * @param limitEpisodes times a server stopped accepting because its limit of connections was reached
 * @param descriptorEpisodes times a server could not accept for want of descriptors or memory
 * @param handlerFailures handlers that threw
 * @param handshakeFailures TLS handshakes that servers could not make
 * @param bytesIn bytes read by callers
 * @param bytesOut bytes the kernel took
 * @param starvedEpisodes times a socket found no receive buffer left
 * @param zeroCopySends sends without the kernel's copy
 * @param ringSends sends that found no room and were completed by a ring
 * @param receiveRearms times receiving was started again: after a pause, for want of a buffer, or
 *     because the kernel ended it
 * @param receivePauses times receiving was stopped because nobody read
 */
public record SocketStatistics(
        long open,
        long accepted,
        long connected,
        long limitEpisodes,
        long descriptorEpisodes,
        long handlerFailures,
        long handshakeFailures,
        long bytesIn,
        long bytesOut,
        long starvedEpisodes,
        long zeroCopySends,
        long ringSends,
        long receiveRearms,
        long receivePauses) {}

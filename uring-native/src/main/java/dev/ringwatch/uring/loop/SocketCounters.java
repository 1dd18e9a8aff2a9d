package dev.ringwatch.uring.loop;

import java.util.concurrent.atomic.LongAdder;

/** Counts of sockets and servers, written by many threads. */
final class SocketCounters {
    final LongAdder open = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder connected = new LongAdder();
    final LongAdder limitEpisodes = new LongAdder();
    final LongAdder descriptorEpisodes = new LongAdder();
    final LongAdder handlerFailures = new LongAdder();
    final LongAdder handshakeFailures = new LongAdder();
    final LongAdder bytesIn = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    final LongAdder starvedEpisodes = new LongAdder();
    final LongAdder zeroCopySends = new LongAdder();
    final LongAdder ringSends = new LongAdder();
    final LongAdder receiveRearms = new LongAdder();
    final LongAdder receivePauses = new LongAdder();

    SocketStatistics statistics() {
        return new SocketStatistics(
                open.sum(),
                accepted.sum(),
                connected.sum(),
                limitEpisodes.sum(),
                descriptorEpisodes.sum(),
                handlerFailures.sum(),
                handshakeFailures.sum(),
                bytesIn.sum(),
                bytesOut.sum(),
                starvedEpisodes.sum(),
                zeroCopySends.sum(),
                ringSends.sum(),
                receiveRearms.sum(),
                receivePauses.sum());
    }
}

package dev.ringwatch.uring.meters;

import dev.ringwatch.uring.loop.Backend;
import dev.ringwatch.uring.loop.SocketStatistics;
import dev.ringwatch.uring.loop.Uring;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/**
 * Meters of sockets and servers, on whatever backend, and which backend that is: a gauge for each
 * that could be, 1 for the one that is.
 *
 * <p>Why it runs is in {@link Uring#backend()} and in the log: it is a sentence, and a sentence as a
 * tag would make a new series with each wording.
 */
public final class UringMeters implements MeterBinder {
    private final Uring uring;
    private final Tags tags;

    /** Of this one. */
    public UringMeters(Uring uring) {
        this(uring, Tags.empty());
    }

    /** Of this one, with more tags on every series. */
    public UringMeters(Uring uring, Tags tags) {
        this.uring = uring;
        this.tags = tags;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Backend.Kind kind : Backend.Kind.values()) {
            Gauge.builder("ringwatch.ring.backend", uring, each -> runs(each, kind))
                    .description("1 for what sockets and files run on")
                    .tags(tags.and("backend", kind.label()))
                    .register(registry);
        }
        new Binding(registry, uring, tags).sockets();
    }

    private static double runs(Uring uring, Backend.Kind kind) {
        return uring.backend().kind() == kind ? 1 : 0;
    }

    private record Binding(MeterRegistry registry, Uring uring, Tags tags) {
        void sockets() {
            Gauge.builder(
                            "ringwatch.ring.sockets.open",
                            uring,
                            each -> each.socketStatistics().open())
                    .description("Sockets open")
                    .tags(tags)
                    .register(registry);
            counter("accepted", "Connections accepted", SocketStatistics::accepted);
            counter("connected", "Connections made", SocketStatistics::connected);
            counter(
                    "limit.episodes",
                    "Times a server stopped accepting at its limit of connections",
                    SocketStatistics::limitEpisodes);
            counter(
                    "descriptor.episodes",
                    "Times a server could not accept for want of descriptors or memory",
                    SocketStatistics::descriptorEpisodes);
            counter("handler.failures", "Handlers that threw", SocketStatistics::handlerFailures);
            counter("bytes.in", "Bytes read by callers", SocketStatistics::bytesIn);
            counter("bytes.out", "Bytes the kernel took", SocketStatistics::bytesOut);
            counter(
                    "starved.episodes",
                    "Times a socket found no receive buffer left",
                    SocketStatistics::starvedEpisodes);
            counter(
                    "sends.zerocopy",
                    "Sends without the kernel's copy",
                    SocketStatistics::zeroCopySends);
            counter(
                    "sends.ring",
                    "Sends that found no room and were completed by a ring",
                    SocketStatistics::ringSends);
            counter(
                    "receive.rearms",
                    "Times receiving began anew",
                    SocketStatistics::receiveRearms);
            counter(
                    "receive.pauses",
                    "Times receiving was stopped because nobody read",
                    SocketStatistics::receivePauses);
        }

        private void counter(
                String name, String description, ToDoubleFunction<SocketStatistics> figure) {
            FunctionCounter.builder(
                            "ringwatch.ring.sockets." + name,
                            uring,
                            each -> figure.applyAsDouble(each.socketStatistics()))
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }
    }
}

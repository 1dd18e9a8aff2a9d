package dev.ringwatch.uring.meters;

import dev.ringwatch.uring.loop.Backend;
import dev.ringwatch.uring.loop.Uring;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Which backend sockets and files run on: a gauge for each that could, 1 for the one that does.
 *
 * <p>The reason is in {@link Uring#backend()} and in the log: it is a sentence, and a sentence as a
 * tag would make a new series with each wording.
 */
public final class UringMeters implements MeterBinder {
    private final Uring uring;

    /** Of this one. */
    public UringMeters(Uring uring) {
        this.uring = uring;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Backend.Kind kind : Backend.Kind.values()) {
            Gauge.builder("ringwatch.ring.backend", uring, each -> runs(each, kind))
                    .description("1 for what sockets and files run on")
                    .tag("backend", kind.label())
                    .register(registry);
        }
    }

    private static double runs(Uring uring, Backend.Kind kind) {
        return uring.backend().kind() == kind ? 1 : 0;
    }
}

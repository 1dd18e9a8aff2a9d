package dev.ringwatch.uring.meters;

import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;

/**
 * Meters of what is open and what leaked, tagged {@code kind}: rings, operations, leases, slots,
 * descriptors, groups of buffers. They are the whole process's, so bind them once.
 */
public final class ResourceMeters implements MeterBinder {
    private final ResourceTracker tracker;

    /** Of everything in this process. */
    public ResourceMeters() {
        this(ResourceTracker.global());
    }

    /** Of what one tracker follows. */
    public ResourceMeters(ResourceTracker tracker) {
        this.tracker = tracker;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (ResourceKind kind : ResourceKind.values()) {
            Tags tags = Tags.of("kind", kind.name().toLowerCase(Locale.ROOT));
            Gauge.builder("ringwatch.ring.resources.open", tracker, each -> each.open(kind))
                    .description("Resources opened and not closed")
                    .tags(tags)
                    .register(registry);
            FunctionCounter.builder(
                            "ringwatch.ring.resources.leaked", tracker, each -> each.leaked(kind))
                    .description("Resources that went out of reach without being closed")
                    .tags(tags)
                    .register(registry);
        }
    }
}

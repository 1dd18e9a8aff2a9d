package dev.ringwatch.uring.meters;

import dev.ringwatch.uring.loop.LoopStatistics;
import dev.ringwatch.uring.loop.RingLoop;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Meters of loops, one series a loop, tagged {@code ring} with its name.
 *
 * <p>Bind them before the loops start, so that a counter's first increase is seen as one:
 *
 * <pre>{@code
 * Uring.open(options, loops -> new RingMeters(loops).bindTo(registry));
 * }</pre>
 *
 * <p>Reading them costs the loops nothing. Any thread.
 */
public final class RingMeters implements MeterBinder {
    private final List<RingLoop> loops;
    private final Tags tags;

    /** Of these loops. */
    public RingMeters(List<RingLoop> loops) {
        this(loops, Tags.empty());
    }

    /** Of these loops, with more tags on every series. */
    public RingMeters(List<RingLoop> loops, Tags tags) {
        this.loops = List.copyOf(loops);
        this.tags = tags;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (RingLoop loop : loops) {
            Binding binding = new Binding(registry, loop, tags.and("ring", loop.options().name()));
            binding.work();
            binding.limits();
            binding.holdings();
        }
    }

    private record Binding(MeterRegistry registry, RingLoop loop, Tags tags) {
        void work() {
            counter("submissions", "Operations handed to the kernel", LoopStatistics::submitted);
            counter("completions", "Completions taken", LoopStatistics::completions);
            counter("enters", "io_uring_enter calls", LoopStatistics::enters);
            counter("turns", "Times the loop went round", LoopStatistics::turns);
            counter("wakeups", "Times a sleeping loop was woken", LoopStatistics::wakeups);
            counter("cancellations", "Cancellations asked for", LoopStatistics::cancellations);
        }

        void limits() {
            counter(
                    "overflow.episodes",
                    "Times completions began to wait in the kernel because their queue was full",
                    LoopStatistics::overflowEpisodes);
            counter(
                    "completions.dropped",
                    "Completions the kernel lost for want of memory",
                    LoopStatistics::lostCompletions);
            counter(
                    "enters.busy",
                    "Enters refused until completions were taken (EBUSY)",
                    LoopStatistics::pushedBack);
            counter(
                    "enters.nomemory",
                    "Enters that found no memory for a request (EAGAIN)",
                    LoopStatistics::outOfMemory);
            counter(
                    "limit.waits",
                    "Operations that waited because the most were in flight",
                    LoopStatistics::limitWaits);
            counter("callback.failures", "Callbacks that threw", LoopStatistics::failures);
            counter(
                    "completions.stray",
                    "Completions for operations that nobody knows any more",
                    LoopStatistics::stray);
            counter(
                    "abandoned",
                    "Operations still the kernel's when the loop ended",
                    LoopStatistics::abandoned);
        }

        void holdings() {
            gauge("inflight", "Operations in the kernel", LoopStatistics::inFlight);
            gauge("waiting", "Operations that wait for room", LoopStatistics::waiting);
            gauge(
                    "slots.used",
                    "Slots of the file table that hold a file",
                    LoopStatistics::slotsUsed);
            buffers("kernel", LoopStatistics::buffersInKernel);
            buffers("program", LoopStatistics::buffersLeased);
        }

        private void counter(
                String name, String description, ToDoubleFunction<LoopStatistics> figure) {
            FunctionCounter.builder(
                            "ringwatch.ring." + name,
                            loop,
                            each -> figure.applyAsDouble(each.statistics()))
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }

        private void gauge(
                String name, String description, ToDoubleFunction<LoopStatistics> figure) {
            Gauge.builder(
                            "ringwatch.ring." + name,
                            loop,
                            each -> figure.applyAsDouble(each.statistics()))
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }

        private void buffers(String owner, ToDoubleFunction<LoopStatistics> figure) {
            Gauge.builder(
                            "ringwatch.ring.buffers",
                            loop,
                            each -> figure.applyAsDouble(each.statistics()))
                    .description("Receive buffers by who has them")
                    .tags(tags.and("owner", owner))
                    .register(registry);
        }
    }
}

package dev.ringwatch.agent.metrics;

import io.prometheus.metrics.model.registry.MetricType;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Gives the Prometheus registry every family of the catalogue at once. */
public final class RingwatchCollector implements MultiCollector {
    private final Supplier<MetricSnapshots> scrape;

    /**
     * @param scrape renders the last observation; must not throw
     */
    public RingwatchCollector(Supplier<MetricSnapshots> scrape) {
        this.scrape = scrape;
    }

    @Override
    public MetricSnapshots collect() {
        return scrape.get();
    }

    /** Without these, a scrape that names the metrics it wants would come back empty. */
    @Override
    public List<MetricFamilyDescriptor> getMetricFamilyDescriptors() {
        return Arrays.stream(MetricCatalogue.values()).map(RingwatchCollector::describe).toList();
    }

    private static MetricFamilyDescriptor describe(MetricCatalogue metric) {
        MetricType type =
                switch (metric.type()) {
                    case GAUGE -> MetricType.GAUGE;
                    case COUNTER -> MetricType.COUNTER;
                    case HISTOGRAM -> MetricType.HISTOGRAM;
                    case INFO -> MetricType.INFO;
                };
        MetricMetadata metadata = new MetricMetadata(Series.baseName(metric), metric.help());
        return MetricFamilyDescriptor.of(type, metadata, metric.labels());
    }
}

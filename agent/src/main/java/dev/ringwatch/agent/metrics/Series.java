package dev.ringwatch.agent.metrics;

import dev.ringwatch.agent.observe.Activity;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;

/**
 * The values of one scrape, merged by label set: two values for the same labels would turn the
 * whole scrape into an error.
 */
final class Series {
    private static final double NANOS = 1e9;

    private final Map<MetricCatalogue, Map<Labels, Double>> values =
            new EnumMap<>(MetricCatalogue.class);
    private final Map<MetricCatalogue, Activity.Durations> histograms =
            new EnumMap<>(MetricCatalogue.class);

    private final Map<MetricCatalogue, Map<Labels, Exemplar>> exemplars =
            new EnumMap<>(MetricCatalogue.class);

    /** Adds to what the metric has for these labels. */
    void add(MetricCatalogue metric, double value, String... labels) {
        merge(metric, value, Double::sum, labels);
    }

    /** Where the last increase of a counter came from; shown in OpenMetrics only. */
    void exemplar(MetricCatalogue metric, Exemplar exemplar, String... labels) {
        exemplars
                .computeIfAbsent(metric, m -> new HashMap<>())
                .put(Labels.of(metric.labels().toArray(String[]::new), labels), exemplar);
    }

    void set(MetricCatalogue metric, boolean value, String... labels) {
        merge(metric, value ? 1 : 0, Math::max, labels);
    }

    /** The whole of a histogram, which has no labels. */
    void histogram(MetricCatalogue metric, Activity.Durations durations) {
        if (metric.type() != MetricCatalogue.Type.HISTOGRAM || !metric.labels().isEmpty()) {
            throw new IllegalArgumentException(metric.metricName() + " is no such histogram");
        }
        histograms.put(metric, durations);
    }

    /** Every metric that has a value, as the Prometheus client wants it. */
    MetricSnapshots snapshots() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        values.forEach(
                (metric, byLabels) ->
                        all.metricSnapshot(
                                snapshot(
                                        metric,
                                        byLabels,
                                        exemplars.getOrDefault(metric, Map.of()))));
        histograms.forEach((metric, durations) -> all.metricSnapshot(snapshot(metric, durations)));
        return all.build();
    }

    /** The name without the suffix that the exposition format adds by itself. */
    static String baseName(MetricCatalogue metric) {
        String name = metric.metricName();
        return switch (metric.type()) {
            case GAUGE, HISTOGRAM -> name;
            case COUNTER -> name.substring(0, name.length() - "_total".length());
            case INFO -> name.substring(0, name.length() - "_info".length());
        };
    }

    private void merge(
            MetricCatalogue metric, double value, DoubleBinaryOperator how, String... labels) {
        List<String> names = metric.labels();
        if (names.size() != labels.length) {
            throw new IllegalArgumentException(
                    metric.metricName() + " has the labels " + names + ", not " + labels.length);
        }
        Labels key = Labels.of(names.toArray(String[]::new), labels);
        values.computeIfAbsent(metric, m -> new TreeMap<>()).merge(key, value, how::applyAsDouble);
    }

    private static MetricSnapshot snapshot(MetricCatalogue metric, Activity.Durations durations) {
        List<Double> bounds = new ArrayList<>();
        durations.bounds().forEach(bound -> bounds.add(bound.toNanos() / NANOS));
        bounds.add(Double.POSITIVE_INFINITY);
        return HistogramSnapshot.builder()
                .name(baseName(metric))
                .help(metric.help())
                .dataPoint(
                        HistogramSnapshot.HistogramDataPointSnapshot.builder()
                                .classicHistogramBuckets(
                                        ClassicHistogramBuckets.of(bounds, durations.counts()))
                                .sum(durations.sum().toNanos() / NANOS)
                                .build())
                .build();
    }

    private static MetricSnapshot snapshot(
            MetricCatalogue metric, Map<Labels, Double> byLabels, Map<Labels, Exemplar> exemplars) {
        String name = baseName(metric);
        return switch (metric.type()) {
            case GAUGE -> {
                GaugeSnapshot.Builder b = GaugeSnapshot.builder().name(name).help(metric.help());
                byLabels.forEach(
                        (labels, value) ->
                                b.dataPoint(
                                        GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                                .labels(labels)
                                                .value(value)
                                                .build()));
                yield b.build();
            }
            case COUNTER -> {
                CounterSnapshot.Builder b =
                        CounterSnapshot.builder().name(name).help(metric.help());
                byLabels.forEach(
                        (labels, value) ->
                                b.dataPoint(
                                        CounterSnapshot.CounterDataPointSnapshot.builder()
                                                .labels(labels)
                                                .value(value)
                                                .exemplar(exemplars.get(labels))
                                                .build()));
                yield b.build();
            }
            case HISTOGRAM -> throw new IllegalArgumentException(name + " is added as a whole");
            case INFO -> {
                InfoSnapshot.Builder b = InfoSnapshot.builder().name(name).help(metric.help());
                byLabels.keySet()
                        .forEach(
                                labels ->
                                        b.dataPoint(
                                                InfoSnapshot.InfoDataPointSnapshot.builder()
                                                        .labels(labels)
                                                        .build()));
                yield b.build();
            }
        };
    }
}

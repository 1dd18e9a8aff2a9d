package dev.ringwatch.agent.serve;

import io.prometheus.metrics.exporter.common.PrometheusScrapeHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;

/**
 * A registry's exposition in the format that the client's {@code Accept} names: text 0.0.4,
 * OpenMetrics or protobuf, filtered by {@code name[]}. Each request collects anew, on its thread.
 */
public final class MetricsRoute implements Route {
    private final PrometheusScrapeHandler handler;

    public MetricsRoute(PrometheusRegistry registry) {
        this.handler = new PrometheusScrapeHandler(registry);
    }

    @Override
    public Response answer(Request request) throws IOException {
        ScrapeExchange exchange = new ScrapeExchange(request);
        handler.handleRequest(exchange);
        return exchange.response();
    }
}

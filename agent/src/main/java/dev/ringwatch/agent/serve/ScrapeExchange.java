package dev.ringwatch.agent.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.metrics.exporter.common.PrometheusHttpExchange;
import io.prometheus.metrics.exporter.common.PrometheusHttpRequest;
import io.prometheus.metrics.exporter.common.PrometheusHttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One scrape, as the Prometheus client wants to see it: asks like a GET that takes no compression,
 * since the server compresses all routes' answers alike. Belongs to one thread.
 */
final class ScrapeExchange
        implements PrometheusHttpExchange, PrometheusHttpRequest, PrometheusHttpResponse {
    private final Request request;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int status = 200;

    ScrapeExchange(Request request) {
        this.request = request;
    }

    /** What the client made of it, once its handler has returned. */
    Response response() {
        String contentType = headers.getOrDefault("Content-Type", "text/plain; charset=utf-8");
        return Response.of(status, contentType, body.toByteArray()).with("Vary", "Accept");
    }

    @Override
    public PrometheusHttpRequest getRequest() {
        return this;
    }

    @Override
    public PrometheusHttpResponse getResponse() {
        return this;
    }

    @Override
    public void handleException(IOException e) throws IOException {
        throw e;
    }

    @Override
    public void handleException(RuntimeException e) {
        throw e;
    }

    @Override
    public void close() {
        // The body is in memory and sent by the server.
    }

    @Override
    public String getQueryString() {
        return request.query().entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(v -> pair(entry.getKey(), v)))
                .collect(Collectors.joining("&"));
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
        List<String> values = request.query().get(name);
        return values == null ? null : values.toArray(String[]::new);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return Collections.enumeration(
                name.equalsIgnoreCase("Accept-Encoding")
                        ? List.of()
                        : request.headers().getOrDefault(name, List.of()));
    }

    @Override
    public String getMethod() {
        return "GET";
    }

    @Override
    public String getRequestPath() {
        return request.path();
    }

    @Override
    public void setHeader(String name, String value) {
        headers.put(name, value);
    }

    @Override
    public OutputStream sendHeadersAndGetBody(int statusCode, int contentLength) {
        status = statusCode;
        return body;
    }

    private static String pair(String name, String value) {
        return URLEncoder.encode(name, UTF_8) + "=" + URLEncoder.encode(value, UTF_8);
    }
}

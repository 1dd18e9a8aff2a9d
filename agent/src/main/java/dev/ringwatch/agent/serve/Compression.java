package dev.ringwatch.agent.serve;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** Gzip for the answers that gain by it, on the thread that made them. RFC 9110, 12.5.3. */
final class Compression {
    /** Below this the head of the response outweighs what is saved. */
    static final int LEAST_BYTES = 1024;

    private static final List<String> COMPRESSIBLE =
            List.of(
                    "text/",
                    "application/json",
                    "application/openmetrics-text",
                    "application/vnd.google.protobuf",
                    "image/svg+xml");

    private Compression() {}

    static Response apply(Request request, Response response) throws IOException {
        if (!isCompressible(response)) {
            return response;
        }
        Response varying = response.with("Vary", vary(response));
        return accepts(request.headers().getOrDefault("Accept-Encoding", List.of()))
                ? varying.withBody(gzip(response.body())).with("Content-Encoding", "gzip")
                : varying;
    }

    private static boolean isCompressible(Response response) {
        return response.body().length >= LEAST_BYTES
                && !response.headers().containsKey("Content-Encoding")
                && COMPRESSIBLE.stream().anyMatch(response.contentType()::startsWith);
    }

    private static String vary(Response response) {
        String others = response.headers().get("Vary");
        return others == null ? "Accept-Encoding" : others + ", Accept-Encoding";
    }

    /** Gzip named with a weight above zero; or not named, and a star that has one. */
    static boolean accepts(List<String> headers) {
        boolean star = false;
        for (String coding : String.join(",", headers).toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = coding.split(";", 2);
            boolean wanted = parts.length == 1 || !isZero(parts[1]);
            switch (parts[0].strip()) {
                case "gzip", "x-gzip" -> {
                    return wanted;
                }
                case "*" -> star = wanted;
                default -> {}
            }
        }
        return star;
    }

    private static boolean isZero(String weight) {
        return weight.strip().matches("q\\s*=\\s*0(\\.0{0,3})?");
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        }
        return out.toByteArray();
    }
}

package dev.ringwatch.agent.serve;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a route answers: a status, a content type, more headers and the whole body. Immutable as long
 * as nobody changes the array that it was made of. Length, date, connection, compression and
 * security headers are the server's.
 */
public final class Response {
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final int LOWEST_STATUS = 200;
    private static final int HIGHEST_STATUS = 599;

    private final int status;
    private final String contentType;
    private final byte[] body;
    private final Map<String, String> headers;

    private Response(int status, String contentType, byte[] body, Map<String, String> headers) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.headers = Collections.unmodifiableMap(headers);
    }

    /**
     * A response with these bytes.
     *
     * @param status 200 to 599
     * @param contentType with its charset, for text
     * @param body not copied; not to be changed afterwards
     * @throws IllegalArgumentException if the status or the content type cannot be sent
     */
    public static Response of(int status, String contentType, byte[] body) {
        if (status < LOWEST_STATUS || status > HIGHEST_STATUS) {
            throw new IllegalArgumentException(status + ": not a final HTTP status");
        }
        return new Response(status, printable(contentType), body, Map.of());
    }

    /** A line of plain text; its line feed is added. */
    public static Response line(int status, String line) {
        return of(status, PLAIN, (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** A JSON document in UTF-8. */
    public static Response json(byte[] document) {
        return of(200, "application/json", document);
    }

    /**
     * The same response with one more header; a header of the same name is replaced.
     *
     * @throws IllegalArgumentException if name or value cannot be sent in one line
     */
    public Response with(String name, String value) {
        if (!name.matches("[A-Za-z0-9-]+")) {
            throw new IllegalArgumentException("not a header's name: " + name);
        }
        Map<String, String> more = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        more.putAll(headers);
        more.put(name, printable(value));
        return new Response(status, contentType, body, more);
    }

    /** The same response with another form of its body. */
    Response withBody(byte[] other) {
        return new Response(status, contentType, other, headers);
    }

    public int status() {
        return status;
    }

    public String contentType() {
        return contentType;
    }

    /** The body itself, not a copy. */
    public byte[] body() {
        return body;
    }

    /** The headers beyond the content type. */
    public Map<String, String> headers() {
        return headers;
    }

    private static String printable(String value) {
        if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new IllegalArgumentException("a header's value is printable ASCII: " + value);
        }
        return value;
    }
}

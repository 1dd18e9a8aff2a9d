package dev.ringwatch.agent.serve;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Turns what the codec read into a request for a route, or into the refusal that it deserves. */
final class RequestReader {
    private static final String SCHEME_END = "://";

    /** What became of a request's head. */
    sealed interface Reading {}

    record Understood(Request request) implements Reading {}

    record Refused(Reply reply) implements Reading {}

    private final Limits limits;
    private final LimitCounts counts;

    RequestReader(Limits limits, LimitCounts counts) {
        this.limits = limits;
        this.counts = counts;
    }

    /** The order matters: nothing of a head that the codec could not decode is trusted. */
    Reading read(HttpRequest head, boolean onUnixSocket) {
        if (head.decoderResult().isFailure()) {
            return new Refused(undecodable(head.decoderResult().cause()).andClose());
        }
        if (!isHttp1(head.protocolVersion())) {
            return refused(505, "HTTP/1.1 or HTTP/1.0");
        }
        if (!isRead(head.method())) {
            return new Refused(notAllowed(hasBody(head)));
        }
        if (hasBody(head)) {
            counts.hit(Limit.BODY);
            return refused(413, "a request here has no body");
        }
        if (!namesOneHost(head)) {
            return refused(400, "an HTTP/1.1 request has one Host header");
        }
        return target(head, onUnixSocket);
    }

    private Reply undecodable(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line -> {
                counts.hit(Limit.REQUEST_LINE);
                yield Reply.refuse(
                        414, "the request line is over " + limits.requestLineBytes() + " bytes");
            }
            case TooLongHttpHeaderException header -> {
                counts.hit(Limit.HEADERS);
                yield Reply.refuse(431, "the headers are over " + limits.headerBytes() + " bytes");
            }
            default -> Reply.refuse(400, "not an HTTP request");
        };
    }

    private static Reply notAllowed(boolean hasBody) {
        Reply reply = Reply.refuse(405, "GET and HEAD only").with("Allow", "GET, HEAD");
        return hasBody ? reply.andClose() : reply;
    }

    private static Reading target(HttpRequest head, boolean onUnixSocket) {
        String target = originForm(head.uri());
        if (!target.startsWith("/")) {
            return refused(400, "a request's target starts with a slash");
        }
        try {
            QueryStringDecoder uri = decoder(target);
            return new Understood(
                    new Request(uri.path(), uri.parameters(), headers(head), onUnixSocket));
        } catch (IllegalArgumentException e) {
            return refused(400, "the request's target is not well percent-encoded");
        }
    }

    /** A parameter takes two bytes at least, so the line's length bounds their number. */
    private static QueryStringDecoder decoder(String target) {
        return new QueryStringDecoder(
                target, StandardCharsets.UTF_8, true, target.length() + 1, true);
    }

    /** A server must take the absolute form too: RFC 9112, 3.2.2. */
    private static String originForm(String target) {
        int scheme = target.startsWith("/") ? -1 : target.indexOf(SCHEME_END);
        if (scheme < 0) {
            return target;
        }
        int path = target.indexOf('/', scheme + SCHEME_END.length());
        return path < 0 ? "/" : target.substring(path);
    }

    private static boolean isHttp1(HttpVersion version) {
        return version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0);
    }

    private static boolean isRead(HttpMethod method) {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    private static boolean hasBody(HttpRequest head) {
        return head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                || head.headers().getAll(HttpHeaderNames.CONTENT_LENGTH).stream()
                        .anyMatch(length -> !length.strip().equals("0"));
    }

    private static boolean namesOneHost(HttpRequest head) {
        int hosts = head.headers().getAll(HttpHeaderNames.HOST).size();
        return hosts == 1 || (hosts == 0 && head.protocolVersion().equals(HttpVersion.HTTP_1_0));
    }

    private static Map<String, List<String>> headers(HttpRequest head) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Map.Entry<String, String> header : head.headers()) {
            headers.computeIfAbsent(header.getKey(), name -> new ArrayList<>())
                    .add(header.getValue());
        }
        return headers;
    }

    private static Reading refused(int status, String reason) {
        return new Refused(Reply.refuse(status, reason).andClose());
    }
}

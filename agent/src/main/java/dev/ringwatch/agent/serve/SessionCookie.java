package dev.ringwatch.agent.serve;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.QueryStringEncoder;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.CookieHeaderNames.SameSite;
import io.netty.handler.codec.http.cookie.DefaultCookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.netty.handler.codec.http.cookie.ServerCookieEncoder;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The token as a browser keeps it: in a cookie (RFC 6265), until it is closed, for this host alone,
 * out of reach of scripts and not sent with what other sites link to.
 *
 * <p>Cookies are told apart by host and name but not by port, so the port is in the name: agents on
 * several ports of one host, forwarded ones among them, do not sign each other out.
 */
final class SessionCookie {
    private static final String PREFIX = "ringwatch-";
    private static final Pattern PORT = Pattern.compile(".*:(\\d{1,5})");

    private SessionCookie() {}

    /** The tokens that a request presents in cookies: of this server, and of others on its host. */
    static Stream<String> tokens(Request request) {
        return cookies(request).filter(c -> c.name().startsWith(PREFIX)).map(Cookie::value);
    }

    /** Whether one of them was given for the port that the browser sees. */
    static boolean isIn(Request request) {
        String own = name(request);
        return cookies(request).anyMatch(cookie -> cookie.name().equals(own));
    }

    private static Stream<Cookie> cookies(Request request) {
        return request.headers().getOrDefault(Request.COOKIE, List.of()).stream()
                .flatMap(header -> ServerCookieDecoder.LAX.decodeAll(header).stream());
    }

    /**
     * What a request with the token in its address is answered: the cookie, and the same address
     * without, so that the token stays neither there nor in what is made of it.
     */
    static Reply exchange(Request request, String token, boolean encrypted) {
        DefaultCookie cookie = new DefaultCookie(name(request), token);
        cookie.setPath("/");
        cookie.setHttpOnly(true);
        cookie.setSecure(encrypted);
        cookie.setSameSite(SameSite.Strict);
        return redirect(request)
                .with(
                        HttpHeaderNames.SET_COOKIE.toString(),
                        ServerCookieEncoder.STRICT.encode(cookie));
    }

    /** To the same address without a token. */
    static Reply redirect(Request request) {
        return new Reply(
                Response.line(303, "303: without the token")
                        .with(HttpHeaderNames.LOCATION.toString(), address(request)),
                false);
    }

    private static String name(Request request) {
        Matcher port = PORT.matcher(request.header("Host").orElse(""));
        return PREFIX + (port.matches() ? port.group(1) : "default");
    }

    /** A path with two slashes in front would lead to another host. */
    private static String address(Request request) {
        String path = request.path().replaceFirst("^/+", "/");
        try {
            QueryStringEncoder address =
                    new QueryStringEncoder(new URI(null, null, path, null).toASCIIString());
            for (Map.Entry<String, List<String>> parameter :
                    request.withoutCredentials().query().entrySet()) {
                parameter.getValue().forEach(v -> address.addParam(parameter.getKey(), v));
            }
            return address.toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }
}

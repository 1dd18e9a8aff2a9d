package dev.ringwatch.agent.serve;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A GET request as a route sees it. Immutable. Credentials are taken out before a route gets it.
 *
 * @param path decoded, starts with a slash
 * @param query decoded parameters, each with its values in order
 * @param headers by name, in any case
 * @param onUnixSocket whether it came over a unix socket, so from who may open that file
 */
public record Request(
        String path,
        Map<String, List<String>> query,
        Map<String, List<String>> headers,
        boolean onUnixSocket) {

    static final String AUTHORIZATION = "Authorization";
    static final String COOKIE = "Cookie";
    static final String TOKEN = "token";

    public Request {
        query = copy(query, new TreeMap<>());
        headers = copy(headers, new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
    }

    /** The first value of a query parameter. */
    public Optional<String> parameter(String name) {
        return first(query, name);
    }

    /** The first value of a header; the name's case does not matter. */
    public Optional<String> header(String name) {
        return first(headers, name);
    }

    /** The same request, without what could let its reader in elsewhere. */
    Request withoutCredentials() {
        return new Request(
                path,
                without(query, TOKEN),
                without(without(headers, AUTHORIZATION), COOKIE),
                onUnixSocket);
    }

    private static Optional<String> first(Map<String, List<String>> from, String name) {
        return from.getOrDefault(name, List.of()).stream().findFirst();
    }

    private static Map<String, List<String>> without(Map<String, List<String>> from, String name) {
        Map<String, List<String>> rest = new TreeMap<>(from);
        rest.keySet().removeIf(name::equalsIgnoreCase);
        return rest;
    }

    private static Map<String, List<String>> copy(
            Map<String, List<String>> from, Map<String, List<String>> into) {
        from.forEach(
                (name, values) ->
                        into.computeIfAbsent(name, key -> new ArrayList<>()).addAll(values));
        into.replaceAll((name, values) -> List.copyOf(values));
        return Collections.unmodifiableMap(into);
    }
}

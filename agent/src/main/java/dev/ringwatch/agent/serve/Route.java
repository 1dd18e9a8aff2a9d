package dev.ringwatch.agent.serve;

/** Answers the requests for a path or for all paths under a prefix. */
@FunctionalInterface
public interface Route {

    /**
     * Answers one request. Called on a thread of its own, many at once, so it may block and
     * must be safe for concurrent calls; interrupted when the server closes before it returns. A
     * HEAD request arrives like a GET, the server leaves the body out. Compression is the server's.
     *
     * @throws Exception anything: the client gets a plain 500, the log the stack trace
     */
    Response answer(Request request) throws Exception;
}

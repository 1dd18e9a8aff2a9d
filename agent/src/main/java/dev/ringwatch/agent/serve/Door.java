package dev.ringwatch.agent.serve;

/** Answers, in place of a page, who may not see it: what to do to be let in. */
@FunctionalInterface
public interface Door {

    /**
     * Answers one request; called like a {@link Route}.
     *
     * @param refused whether it presented a token, and not this server's
     * @throws Exception anything: the client gets a plain 500, the log the stack trace
     */
    Response answer(Request request, boolean refused) throws Exception;
}

package dev.ringwatch.uring.loop;

/** Serves one connection of a {@link UringServer}. */
@FunctionalInterface
public interface ConnectionHandler {
    /**
     * Serves it, on a virtual thread of its own. The socket is closed when this returns.
     *
     * @throws Exception ends this connection only; it is logged and counted
     */
    void handle(UringSocket socket) throws Exception;
}

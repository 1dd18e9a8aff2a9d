package dev.ringwatch.uring.resource;

/** Told of what can no longer be closed. */
@FunctionalInterface
public interface LeakListener {
    /**
     * The resource is out of the program's reach and was not closed. Called once for each, on the
     * tracker's own thread.
     */
    void leaked(OpenResource resource);
}

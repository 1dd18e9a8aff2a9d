package dev.ringwatch.uring.resource;

/** Stands for an open resource with a {@link ResourceTracker}. Any thread. */
public interface Ticket extends AutoCloseable {
    /** Of what is not followed. */
    Ticket NONE = () -> {};

    /** The resource was closed; called once. */
    @Override
    void close();
}

package dev.ringwatch.core.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel calls {@code struct file}: one for each open, counted by its references.
 *
 * <p>All references are alike: nothing in the count says which of them are in flight.
 */
public final class OpenFile {
    private final int id;
    private final Object body;
    private String label;
    private int references;
    private boolean released;

    /** Requests that wait for this file to become readable, in the order in which they are woken. */
    final List<PendingRequest> waiting = new ArrayList<>(0);

    OpenFile(int id, Object body, String label) {
        this.id = id;
        this.body = body;
        this.label = label;
    }

    /** The body of a regular file, which has nothing to tell. */
    static final class Regular {}

    /** Its number, in the order of opening. */
    public int id() {
        return id;
    }

    /** A short name for people. */
    public String label() {
        return label;
    }

    void label(String name) {
        label = name;
    }

    /** How many references there are: {@code f_count}. */
    public int references() {
        return references;
    }

    /** Whether the last reference was dropped and the file released. */
    public boolean released() {
        return released;
    }

    /** The AF_UNIX socket behind it, or null ({@code unix_get_socket}). */
    public @org.jspecify.annotations.Nullable UnixSocket socket() {
        return body instanceof UnixSocket socket ? socket : null;
    }

    /** The ring behind it, or null. */
    public @org.jspecify.annotations.Nullable Ring ring() {
        return body instanceof Ring ring ? ring : null;
    }

    /** What it is, in a word for people. */
    public String kind() {
        return switch (body) {
            case UnixSocket _ -> "socket";
            case Ring _ -> "ring";
            case PipeEnd _ -> "pipe";
            default -> "file";
        };
    }

    /** The pipe's end behind it, or null. */
    @org.jspecify.annotations.Nullable
    PipeEnd pipe() {
        return body instanceof PipeEnd end ? end : null;
    }

    /** Whether it has nothing that could be waited for. */
    boolean neverWakes() {
        return body instanceof Regular;
    }

    void get() {
        if (released) {
            throw new IllegalStateException(label + " is used after it was released");
        }
        references++;
    }

    /** Drops a reference; true if it was the last. */
    boolean put() {
        if (references == 0) {
            throw new IllegalStateException(label + " has no reference left to drop");
        }
        references--;
        return references == 0;
    }

    void markReleased() {
        released = true;
    }

    @Override
    public String toString() {
        return label;
    }
}

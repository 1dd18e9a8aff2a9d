package dev.ringwatch.core.kernel;

import org.jspecify.annotations.Nullable;

/** A request in flight: {@code io_kiocb}. */
public final class PendingRequest {
    private final int id;
    private final Ring ring;
    private final Request operation;

    /** The task that submitted it, whose end may cancel it. */
    final Task submitter;

    /** The file it works on, once looked up. */
    @Nullable OpenFile file;

    /** The node it uses, if its file came from a slot; then it owns no reference of its own. */
    Ring.@Nullable Node node;

    /** The packet that owns its reference, in the era where requests are in flight. */
    @Nullable Packet packet;

    PendingRequest(int id, Ring ring, Request operation, Task submitter) {
        this.id = id;
        this.ring = ring;
        this.operation = operation;
        this.submitter = submitter;
    }

    /** Its number: {@code user_data}. */
    public int id() {
        return id;
    }

    /** The ring it was submitted to. */
    public Ring ring() {
        return ring;
    }

    /** What it does. */
    public Request operation() {
        return operation;
    }

    /** The file it works on; null before it was looked up. */
    public @Nullable OpenFile file() {
        return file;
    }

    /** Whether it owns a reference to its file, and not the slot that it came from. */
    public boolean ownsReference() {
        return file != null && node == null;
    }
}

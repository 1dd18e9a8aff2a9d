package dev.ringwatch.agent.serve;

import java.io.IOException;

/**
 * The server could not listen. The message is one line for a person: the address, what is wrong and
 * what to change.
 */
public final class ListenException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean inUse;

    ListenException(String line) {
        super(line);
        inUse = false;
    }

    ListenException(String line, Throwable cause) {
        this(line, cause, false);
    }

    ListenException(String line, Throwable cause, boolean inUse) {
        super(line, cause);
        this.inUse = inUse;
    }

    /** Whether somebody listens there already; it may be an agent that runs. */
    public boolean inUse() {
        return inUse;
    }
}

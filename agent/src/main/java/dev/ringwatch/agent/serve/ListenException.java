package dev.ringwatch.agent.serve;

import java.io.IOException;

/**
 * The server could not listen. The message is one line for a person: the address, what is wrong and
 * what to change.
 */
public final class ListenException extends IOException {
    private static final long serialVersionUID = 1L;

    ListenException(String line) {
        super(line);
    }

    ListenException(String line, Throwable cause) {
        super(line, cause);
    }
}

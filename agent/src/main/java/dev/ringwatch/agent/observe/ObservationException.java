package dev.ringwatch.agent.observe;

/** No source could be read: one line that can be shown to a person. */
public final class ObservationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String line;

    ObservationException(String message, Throwable cause) {
        super(message, cause);
        line = message;
    }

    /** The whole message. */
    public String line() {
        return line;
    }
}

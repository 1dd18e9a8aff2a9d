package dev.ringwatch.agent.why;

/** What was asked about is not there, or can't be looked at: one line that says so. */
public final class NoSuchTargetException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String line;

    NoSuchTargetException(String line) {
        super(line);
        this.line = line;
    }

    /** The whole message. */
    public String line() {
        return line;
    }
}

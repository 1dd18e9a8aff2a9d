package dev.ringwatch.agent.web;

/** A web configuration, or a file that it names, that cannot be used; one line says why. */
public final class WebConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String line;

    WebConfigException(String line) {
        super(line);
        this.line = line;
    }

    WebConfigException(String line, Throwable cause) {
        super(line, cause);
        this.line = line;
    }

    /** The line. */
    public String line() {
        return line;
    }
}

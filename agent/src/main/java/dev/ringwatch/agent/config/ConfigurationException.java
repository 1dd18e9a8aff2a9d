package dev.ringwatch.agent.config;

/** A configuration that cannot be used, in one line that names the file, the place and what is wrong. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String line;

    ConfigurationException(String line) {
        super(line);
        this.line = line;
    }

    /** The line. */
    public String line() {
        return line;
    }
}

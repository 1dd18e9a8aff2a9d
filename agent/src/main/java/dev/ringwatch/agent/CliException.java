package dev.ringwatch.agent;

/** Ends a command with exit status 2 and one line on stderr. */
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String line;

    /**
     * @param line what is wrong and what to do about it
     */
    CliException(String line) {
        super(line);
        this.line = line;
    }

    String line() {
        return line;
    }
}

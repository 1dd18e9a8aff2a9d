package dev.ringwatch.agent.observe;

import java.util.List;

/** No source could be read: one line that can be shown to a person. */
public final class ObservationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String line;
    private final transient List<SourceReport> reports;

    ObservationException(String message, List<SourceReport> reports, Throwable cause) {
        super(message, cause);
        line = message;
        this.reports = List.copyOf(reports);
    }

    /** How each source that was asked did. */
    public List<SourceReport> reports() {
        return reports;
    }

    /** The whole message. */
    public String line() {
        return line;
    }
}

package dev.ringwatch.core.scenario;

/** A scenario's text says something that is not in the language. */
public final class ScenarioSyntaxException extends Exception {
    private static final long serialVersionUID = 1;

    private final int line;
    private final int column;
    private final String expected;

    /**
     * @param source the name of the text
     * @param line from 1
     * @param column where the offending word begins, from 1
     * @param expected what could have stood there
     * @param found what stands there, or an empty text where that says nothing more
     */
    ScenarioSyntaxException(String source, int line, int column, String expected, String found) {
        super(
                "%s:%d:%d: expected %s%s"
                        .formatted(
                                source,
                                line,
                                column,
                                expected,
                                found.isEmpty() ? "" : ", found " + found));
        this.line = line;
        this.column = column;
        this.expected = expected;
    }

    /** The line, from 1. */
    public int line() {
        return line;
    }

    /** Where in the line the offending word begins, from 1. */
    public int column() {
        return column;
    }

    /** What could have stood there. */
    public String expected() {
        return expected;
    }
}

package dev.ringwatch.uring.bench;

/** Ends the benchmark with one line for the user. */
final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BenchException(String line) {
        super(line);
    }

    BenchException(String line, Throwable cause) {
        super(line, cause);
    }
}

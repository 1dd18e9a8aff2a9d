package dev.ringwatch.agent.fleet;

/** Prometheus is not there, or does not do what it was asked; the message is one line. */
public final class PrometheusException extends Exception {
    private static final long serialVersionUID = 1L;

    PrometheusException(String line) {
        super(line);
    }

    PrometheusException(String line, Throwable cause) {
        super(line, cause);
    }
}

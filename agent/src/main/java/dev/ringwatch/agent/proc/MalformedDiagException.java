package dev.ringwatch.agent.proc;

/** An answer of sock_diag that does not hold what its lengths promise. */
public final class MalformedDiagException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MalformedDiagException(String message) {
        super(message);
    }
}

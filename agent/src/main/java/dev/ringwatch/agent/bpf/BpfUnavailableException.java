package dev.ringwatch.agent.bpf;

/** Why eBPF can't be used here, with the cure: one line that can be shown to a person. */
public final class BpfUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is lacking. */
    public enum Lack {
        /** The library libbpf.so.1. */
        LIBRARY,
        /** A capability. */
        CAPABILITY,
        /** The kernel's own type information. */
        BTF,
        /** Addresses of kernel functions. */
        SYMBOLS,
        /** The kernel's verifier, or another part of it, refused a program. */
        REFUSED,
        /** The self-check did not see what it had just made. */
        SELF_CHECK
    }

    private final Lack lack;
    private final String line;

    BpfUnavailableException(Lack lack, String message) {
        super(message);
        this.lack = lack;
        this.line = message;
    }

    BpfUnavailableException(Lack lack, String message, Throwable cause) {
        super(message, cause);
        this.lack = lack;
        this.line = message;
    }

    /** The whole message. */
    public String line() {
        return line;
    }

    public Lack lack() {
        return lack;
    }
}

package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import java.util.List;

/** Says what an errno of libbpf means, and what to do about it. */
final class BpfRefusal {
    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int ESRCH = 3;
    private static final int ENOMEM = 12;
    private static final int EACCES = 13;
    private static final int EINVAL = 22;
    private static final int E2BIG = 7;

    private BpfRefusal() {}

    static BpfUnavailableException explain(String call, int errno, List<String> said) {
        return switch (errno) {
            case EPERM ->
                    new BpfUnavailableException(
                            Lack.CAPABILITY,
                            call
                                    + ": not permitted: give the process CAP_BPF and CAP_PERFMON, or"
                                    + " run it as root"
                                    + last(said));
            case ENOENT, ESRCH ->
                    new BpfUnavailableException(
                            Lack.BTF,
                            call
                                    + ": the kernel's type information was not found: a kernel built"
                                    + " with CONFIG_DEBUG_INFO_BTF=y is needed"
                                    + last(said));
            case ENOMEM ->
                    new BpfUnavailableException(
                            Lack.REFUSED,
                            call + ": out of memory: lower the limits on map sizes" + last(said));
            case EACCES, EINVAL, E2BIG ->
                    new BpfUnavailableException(
                            Lack.REFUSED,
                            call + ": the kernel's verifier refused the program" + last(said));
            default ->
                    new BpfUnavailableException(
                            Lack.REFUSED, call + ": errno " + errno + last(said));
        };
    }

    /** The last line that says more than that it failed. */
    private static String last(List<String> said) {
        return said.reversed().stream()
                .filter(line -> !line.contains("failed to load"))
                .findFirst()
                .map(line -> " (" + line + ")")
                .orElse("");
    }
}

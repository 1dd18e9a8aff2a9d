package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a thread must be allowed to do before it is worth asking libbpf anything. */
public final class Privileges {
    /** The capabilities that observing with eBPF needs, each with its reason. */
    public enum Need {
        /** To load programs and create maps. */
        CAP_BPF(39, "load programs and create maps"),
        /** To read kernel memory from a program and attach it. */
        CAP_PERFMON(38, "read kernel memory from a program"),
        /** To see the addresses of kernel functions. */
        CAP_SYSLOG(34, "see the addresses of kernel functions");

        private final int bit;
        private final String reason;

        Need(int bit, String reason) {
            this.bit = bit;
            this.reason = reason;
        }

        /** What the agent does with it. */
        public String reason() {
            return reason;
        }
    }

    private static final int CAP_SYS_ADMIN = 21;
    private static final Path LOCKDOWN = Path.of("/sys/kernel/security/lockdown");
    private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");

    private Privileges() {}

    static void check() throws BpfUnavailableException {
        if (lockedDown()) {
            throw new BpfUnavailableException(
                    Lack.REFUSED,
                    "kernel lockdown is in confidentiality mode, which forbids reading kernel memory"
                            + " with eBPF: boot with lockdown=integrity or without it");
        }
        List<Need> missing = missing();
        if (!missing.isEmpty()) {
            throw new BpfUnavailableException(
                    Lack.CAPABILITY,
                    "the process lacks "
                            + String.join(", ", missing.stream().map(Enum::name).toList())
                            + ": run it as root, or give it these capabilities");
        }
        if (!Files.isReadable(BTF)) {
            throw new BpfUnavailableException(
                    Lack.BTF,
                    BTF
                            + " cannot be read: a kernel built with CONFIG_DEBUG_INFO_BTF=y is"
                            + " needed");
        }
    }

    /** Those that the calling thread does not have in effect. */
    public static List<Need> missing() throws BpfUnavailableException {
        long effective = effective();
        List<Need> missing = new ArrayList<>();
        for (Need need : Need.values()) {
            boolean admin = need != Need.CAP_SYSLOG && (effective & 1L << CAP_SYS_ADMIN) != 0;
            if ((effective & 1L << need.bit) == 0 && !admin) {
                missing.add(need);
            }
        }
        return missing;
    }

    /** Whether the kernel refuses to let anyone read its memory. */
    public static boolean lockedDown() {
        try {
            return Files.readString(LOCKDOWN).contains("[confidentiality]");
        } catch (IOException e) {
            return false; // not mounted, or a kernel without lockdown
        }
    }

    private static long effective() throws BpfUnavailableException {
        Path status = Path.of("/proc/thread-self/status");
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("CapEff:")) {
                    return Long.parseUnsignedLong(line.substring(7).strip(), 16);
                }
            }
        } catch (IOException e) {
            throw new BpfUnavailableException(
                    Lack.CAPABILITY, status + " cannot be read: mount /proc", e);
        }
        throw new BpfUnavailableException(Lack.CAPABILITY, status + " has no line CapEff");
    }
}

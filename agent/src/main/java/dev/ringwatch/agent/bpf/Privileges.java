package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import dev.ringwatch.agent.privilege.Capability;
import dev.ringwatch.agent.privilege.CapabilitySet;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a thread must be allowed to do before it is worth asking libbpf anything. */
public final class Privileges {
    /** The capabilities that observing with eBPF needs. */
    public static final List<Capability> NEEDED =
            List.of(Capability.CAP_BPF, Capability.CAP_PERFMON, Capability.CAP_SYSLOG);

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
        List<Capability> missing = missing();
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
    public static List<Capability> missing() throws BpfUnavailableException {
        CapabilitySet own;
        try {
            own = CapabilitySet.ofThisThread();
        } catch (ErrnoException e) {
            throw new BpfUnavailableException(
                    Lack.CAPABILITY, "capabilities cannot be read: " + e.getMessage(), e);
        }
        boolean admin = own.has(Capability.CAP_SYS_ADMIN);
        return NEEDED.stream()
                .filter(c -> !own.has(c) && !(admin && c != Capability.CAP_SYSLOG))
                .toList();
    }

    /** What a thread with these must keep to go on observing with eBPF. */
    public static Set<Capability> kept(CapabilitySet own) {
        Set<Capability> kept = EnumSet.copyOf(NEEDED);
        if (!own.has(Capability.CAP_BPF) || !own.has(Capability.CAP_PERFMON)) {
            kept.add(Capability.CAP_SYS_ADMIN); // stands for both, as before Linux 5.8
        }
        return kept;
    }

    /** Whether the kernel refuses to let anyone read its memory. */
    public static boolean lockedDown() {
        try {
            return Files.readString(LOCKDOWN).contains("[confidentiality]");
        } catch (IOException e) {
            return false; // not mounted, or a kernel without lockdown
        }
    }
}

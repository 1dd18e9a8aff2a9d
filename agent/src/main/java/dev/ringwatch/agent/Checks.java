package dev.ringwatch.agent;

import dev.ringwatch.agent.bpf.BpfFeature;
import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.EventOptions;
import dev.ringwatch.agent.bpf.Privileges;
import dev.ringwatch.agent.bpf.StackFeature;
import dev.ringwatch.agent.observe.Attribution;
import dev.ringwatch.agent.observe.EraProbe;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ObservationException;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.PidNamespace;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.privilege.Capability;
import dev.ringwatch.agent.privilege.CapabilitySet;
import dev.ringwatch.uring.RingSupport;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What the agent needs or can use, each tried here and now; nothing is concluded from a version. */
final class Checks {
    private final List<Check> checks = new ArrayList<>();

    private Checks() {}

    /**
     * One thing that was tried.
     *
     * @param cure what to do about it, where it is lacking and can be mended
     */
    record Check(String name, boolean ok, String detail, Optional<String> cure) {}

    static List<Check> all() throws IOException {
        Checks all = new Checks();
        all.kernel();
        all.perfEvents();
        all.library();
        all.privileges();
        all.user();
        all.observation();
        all.stacks();
        all.pidNamespace();
        all.uring();
        all.rules();
        all.epoll();
        return List.copyOf(all.checks);
    }

    private void well(String name, String detail) {
        checks.add(new Check(name, true, detail, Optional.empty()));
    }

    private void lack(String name, String detail, String cure) {
        checks.add(new Check(name, false, detail, Optional.of(cure)));
    }

    private void kernel() throws IOException {
        well("kernel", Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        if (Privileges.lockedDown()) {
            lack("lockdown", "confidentiality mode", "boot with lockdown=integrity or without it");
        } else {
            well("lockdown", "does not forbid reading kernel memory");
        }
        Path btf = Path.of("/sys/kernel/btf/vmlinux");
        if (Files.isReadable(btf)) {
            well("type information", btf + " can be read");
        } else {
            lack(
                    "type information",
                    btf + " cannot be read",
                    "use a kernel built with CONFIG_DEBUG_INFO_BTF=y");
        }
    }

    /** Some distributions refuse perf_event_open to all but CAP_SYS_ADMIN at 3 and above. */
    private void perfEvents() throws IOException {
        Path setting = Path.of("/proc/sys/kernel/perf_event_paranoid");
        String value = Files.exists(setting) ? Files.readString(setting).strip() : "absent";
        well(
                "perf events",
                "kernel.perf_event_paranoid is "
                        + value
                        + "; no matter: programs are attached without perf_event_open");
    }

    private void library() {
        try {
            well("libbpf", "version " + BpfSnapshots.library());
        } catch (BpfUnavailableException e) {
            lack("libbpf", e.line(), "apt-get install libbpf1, or libbpf of version 1.0 or later");
        }
    }

    /** Whose the agent would be; only root can choose. */
    private void user() {
        try {
            well(
                    "user",
                    switch (RunAs.choose(Optional.empty())) {
                        case RunAs.Become become ->
                                "run becomes " + become.user().name() + " when it has started";
                        case RunAs.Stay stay ->
                                stay.why().isEmpty()
                                        ? "run stays the user it is"
                                        : "run stays root, without capabilities: " + stay.why();
                    });
        } catch (CliException e) {
            lack("user", e.line(), "as said");
        }
    }

    private void privileges() {
        try {
            List<Capability> missing = Privileges.missing();
            for (Capability need : Privileges.NEEDED) {
                if (missing.contains(need)) {
                    lack(
                            need.name(),
                            "missing; it is needed to " + need.reason(),
                            "run as root, or give the process " + need.name());
                } else {
                    well(need.name(), "there, to " + need.reason());
                }
            }
            CapabilitySet own = CapabilitySet.ofThisThread();
            for (Capability reads :
                    List.of(Capability.CAP_SYS_PTRACE, Capability.CAP_DAC_READ_SEARCH)) {
                if (own.has(reads)) {
                    well(reads.name(), "there, to " + reads.reason());
                } else {
                    lack(
                            reads.name(),
                            "missing; without eBPF it is needed to " + reads.reason(),
                            "run as root, or give the process " + reads.name());
                }
            }
        } catch (ErrnoException e) {
            lack(
                    "capabilities",
                    String.valueOf(e.getMessage()),
                    "allow capget(2) in the seccomp profile");
        } catch (BpfUnavailableException e) {
            lack("capabilities", e.line(), "allow capget(2) in the seccomp profile");
        }
    }

    private void observation() {
        try (Observer observer =
                Observer.open(
                        Observer.Choice.AUTO,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES,
                        EventOptions.ALL)) {
            Optional<String> why = observer.whyNoBpf();
            if (why.isPresent()) {
                lack("eBPF", why.get(), "as said; until then /proc is read");
            } else {
                well("eBPF", "programs loaded, libbpf " + observer.libbpfVersion().orElse("?"));
                features(observer.features());
                observer.eventReports().forEach(this::events);
            }
            observed(observer.observe());
        } catch (BpfUnavailableException e) {
            lack("eBPF", e.line(), "as said");
        } catch (ObservationException e) {
            lack("observation", e.line(), "as said");
        }
    }

    private void features(Set<BpfFeature> features) {
        for (BpfFeature feature : BpfFeature.values()) {
            String name = "eBPF " + feature.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            // Tables are of nodes or of words: both are read.
            if (features.contains(feature) || feature == BpfFeature.NODES) {
                well(name, features.contains(feature) ? "seen" : "the older form");
            } else {
                lack(
                        name,
                        "not seen on this kernel" + consequence(feature),
                        "none on this kernel; what it misses is absent");
            }
        }
    }

    private void events(SourceReport report) {
        String name = "events of " + report.source().label();
        if (report.up()) {
            well(name, report.detail());
        } else if (report.source() == Source.WAITS) { // almost nobody waits for a worker
            well(name, "not counted here: " + report.detail());
        } else {
            lack(name, report.detail(), "as said; until then what it counts is absent");
        }
    }

    private static String consequence(BpfFeature feature) {
        return feature == BpfFeature.COMPONENT_INDICES
                ? ": garbage that will never be freed is told after several runs of the collector, not"
                        + " after one"
                : "";
    }

    private void observed(Observation o) {
        String seen =
                o.rings().size()
                        + " rings and "
                        + o.sockets().size()
                        + " AF_UNIX sockets in "
                        + o.took().toMillis()
                        + " ms";
        if (o.complete()) {
            well("observation", seen + ", complete");
        } else {
            lack(
                    "observation",
                    seen + ", not complete: " + String.join("; ", o.incomplete()),
                    "with eBPF everything is seen; raise a limit where one is named");
        }
    }

    /** Tries what features.stacks does, with a descriptor that is sent here. */
    private void stacks() {
        try (Observer observer =
                Observer.open(
                        Observer.Choice.BPF,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            observer.traceStacks();
            for (StackFeature feature : StackFeature.values()) {
                String name = "stacks of " + feature.name().toLowerCase(Locale.ROOT);
                if (observer.stackFeatures().contains(feature)) {
                    well(name, "can be kept (run --stacks)");
                } else {
                    lack(name, "no place to see them on this kernel", "none on this kernel");
                }
            }
            ownSend(observer);
        } catch (BpfUnavailableException e) {
            lack("stacks", "calls can't be traced: " + e.line(), "as said; all else works without");
        } catch (ObservationException e) {
            lack("stacks", e.line(), "as said");
        } catch (IOException e) {
            lack("stacks", "could not be tried: " + e.getMessage(), "none needed for watching");
        }
    }

    private void ownSend(Observer observer) throws IOException, ObservationException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (OwnedFd sent = Fds.eventFd(0, 0)) {
            ScmRights.send(pair.get(0).number(), MemorySegment.ofArray(new byte[1]), sent.number());
            long own = ProcessHandle.current().pid();
            boolean seen =
                    observer.observe().attributions().values().stream()
                            .flatMap(List::stream)
                            .anyMatch(a -> a.pid() == own && a.kind() == Attribution.Kind.SENT);
            if (seen) {
                well("a traced call", "a descriptor sent here was told with its sender");
            } else if (observer.stackFeatures().contains(StackFeature.SENDS)) {
                lack("a traced call", "a descriptor sent here was not seen", "none is known");
            }
        } finally {
            for (OwnedFd end : pair) {
                end.close();
            }
        }
    }

    private void pidNamespace() {
        if (PidNamespace.isHosts()) {
            well("pid namespace", "the host's: all processes are seen");
        } else {
            lack("pid namespace", "not the host's: other processes are hidden", PidNamespace.CURE);
        }
    }

    private void uring() throws IOException {
        switch (RingSupport.probe()) {
            case RingSupport.Available a -> {
                well(
                        "io_uring",
                        "works for this process, " + a.operations().size() + " operations");
            }
            case RingSupport.Refused r ->
                    lack(
                            "io_uring",
                            String.valueOf(r.reason().getMessage()),
                            "only the agent's own rings need it (demo); watching works without");
        }
    }

    /** What holds what depends on them. */
    private void rules() {
        try {
            for (EraProbe.Rule rule : EraProbe.probe().rules()) {
                well("rule: " + rule.name(), rule.what() + " (" + rule.how().words() + ")");
            }
        } catch (IOException e) {
            lack("rules", "could not be tried: " + e.getMessage(), "none needed for watching");
        }
    }

    private void epoll() {
        if (Epoll.isAvailable()) {
            well("HTTP server", "Netty's native epoll transport works");
        } else {
            lack(
                    "HTTP server",
                    "Netty's native epoll transport is not available: "
                            + Epoll.unavailabilityCause(),
                    "use the launcher of the release, which adds the transport's module");
        }
    }
}

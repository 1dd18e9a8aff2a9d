package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.BpfFeature;
import dev.ringwatch.agent.bpf.BpfSnapshot;
import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.EventOptions;
import dev.ringwatch.agent.bpf.MapSize;
import dev.ringwatch.agent.bpf.ProgramRuns;
import dev.ringwatch.agent.bpf.SnapshotTable;
import dev.ringwatch.agent.bpf.StackFeature;
import dev.ringwatch.agent.proc.ProcOptions;
import dev.ringwatch.agent.proc.ProcScan;
import dev.ringwatch.agent.proc.ProcSnapshot;
import dev.ringwatch.agent.proc.SameFile;
import dev.ringwatch.agent.proc.SockDiag;
import dev.ringwatch.agent.stacks.Stacks;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes observations: with eBPF where it can be used, else from /proc.
 *
 * <p>For one thread at a time, always the same one: what may be observed belongs to a thread.
 */
public final class Observer implements AutoCloseable {
    /** Which source to use. */
    public enum Choice {
        /** eBPF, and /proc where that is refused. */
        AUTO,
        /** eBPF only. */
        BPF,
        /** /proc only. */
        PROC
    }

    private final Choice choice;
    private final InstantSource clock;
    private final boolean hostPids = PidNamespace.isHosts();
    private final Cgroups cgroups = new Cgroups();
    private final ProcScan proc =
            new ProcScan(SameFile.unknown(), new SockDiag(), System::nanoTime);
    private final String whyNoBpf;
    private boolean tableLimitReached;
    private @Nullable BpfSnapshots bpf;
    private @Nullable Stacks stacks;
    private @Nullable EventLog events;
    private BpfCost cost = BpfCost.NONE;

    /** The same without counting any events. */
    public static Observer open(Choice choice, InstantSource clock, long maxTableBytes)
            throws BpfUnavailableException {
        return open(choice, clock, maxTableBytes, EventOptions.NONE);
    }

    /**
     * Sets up the sources.
     *
     * @param maxTableBytes the kernel memory that BPF tables may take
     * @param events what is counted between observations; nothing without eBPF
     * @throws BpfUnavailableException if eBPF was chosen and can't be used
     */
    public static Observer open(
            Choice choice, InstantSource clock, long maxTableBytes, EventOptions events)
            throws BpfUnavailableException {
        Observer observer = withoutEvents(choice, clock, maxTableBytes);
        if (observer.bpf != null && !events.sources().isEmpty()) {
            observer.events = new EventLog(events, clock);
            observer.measureCost();
        }
        return observer;
    }

    private static Observer withoutEvents(Choice choice, InstantSource clock, long maxTableBytes)
            throws BpfUnavailableException {
        if (choice == Choice.PROC) {
            return new Observer(choice, clock, null, "not asked for");
        }
        try {
            return new Observer(choice, clock, BpfSnapshots.load(maxTableBytes), "");
        } catch (BpfUnavailableException e) {
            if (choice == Choice.BPF) {
                throw e;
            }
            return new Observer(choice, clock, null, e.line());
        }
    }

    private Observer(
            Choice choice, InstantSource clock, @Nullable BpfSnapshots bpf, String whyNoBpf) {
        this.choice = choice;
        this.clock = clock;
        this.bpf = bpf;
        this.whyNoBpf = whyNoBpf;
    }

    /**
     * Traces from now on where files are registered and sent, for {@link Observation#attributions}.
     *
     * @throws BpfUnavailableException if that can't be done here
     */
    public void traceStacks() throws BpfUnavailableException {
        stacks = Stacks.attach();
    }

    /** What can be seen of calls; empty unless they are traced. */
    public Set<StackFeature> stackFeatures() {
        Stacks s = stacks;
        return s == null ? Set.of() : s.features();
    }

    /** Why eBPF is not used, with the cure; empty if it is. */
    public Optional<String> whyNoBpf() {
        return bpf == null ? Optional.of(whyNoBpf) : Optional.empty();
    }

    /** What eBPF lets us see here. */
    public Set<BpfFeature> features() {
        return bpf == null ? EnumSet.noneOf(BpfFeature.class) : bpf.features();
    }

    /** A table of the BPF programs. */
    public record TableSize(String name, long entries, long bytes) {}

    /**
     * What the BPF programs cost, as of the last observation.
     *
     * @param programs those that have run while the kernel counted that; see {@link ProgramRuns}
     * @param lost events that found no room; empty where nothing is counted
     */
    public record BpfCost(List<Program> programs, OptionalLong lost) {
        static final BpfCost NONE = new BpfCost(List.of(), OptionalLong.empty());

        public BpfCost {
            programs = List.copyOf(programs);
        }

        /** One program. */
        public record Program(String name, long runs, Duration took) {}
    }

    /** What the BPF programs cost. */
    public BpfCost cost() {
        return cost;
    }

    /** How each object that counts events is doing; empty where none was asked for. */
    public List<SourceReport> eventReports() {
        EventLog log = events;
        return log == null ? List.of() : log.reports();
    }

    private void measureCost() {
        EventLog log = events;
        Stacks tracing = stacks;
        BpfSnapshots snapshots = bpf;
        if ((log == null && tracing == null) || snapshots == null) {
            return;
        }
        List<BpfCost.Program> programs = new ArrayList<>();
        OptionalLong lost = OptionalLong.empty();
        try {
            add(programs, snapshots.programs());
            if (log != null) {
                add(programs, log.programs());
                lost = OptionalLong.of(log.lost());
            }
            if (tracing != null) {
                add(programs, tracing.programs());
                lost = OptionalLong.of(lost.orElse(0) + tracing.lost());
            }
        } catch (BpfUnavailableException e) {
            programs.clear(); // not known this time
        }
        cost = new BpfCost(programs, lost);
    }

    private static void add(List<BpfCost.Program> programs, List<ProgramRuns> all) {
        for (ProgramRuns p : all) {
            if (p.runs() > 0) {
                programs.add(new BpfCost.Program(p.name(), p.runs(), p.took()));
            }
        }
    }

    /** The tables of the BPF programs, with their present sizes. */
    public List<TableSize> tables() {
        List<TableSize> sizes = new ArrayList<>();
        BpfSnapshots loaded = bpf;
        if (loaded != null) {
            for (SnapshotTable table : SnapshotTable.values()) {
                sizes.add(
                        new TableSize(
                                table.name().toLowerCase(Locale.ROOT),
                                loaded.capacity(table),
                                loaded.bytes(table)));
            }
        }
        EventLog log = events;
        if (log != null) {
            for (MapSize map : log.maps()) {
                sizes.add(new TableSize(map.name(), map.entries(), map.bytes()));
            }
        }
        Stacks tracing = stacks;
        if (tracing != null) {
            for (MapSize map : tracing.maps()) {
                sizes.add(new TableSize(map.name(), map.entries(), map.bytes()));
            }
        }
        return sizes;
    }

    /** Whether a table had no room for all of its records in the last observation. */
    public boolean tableLimitReached() {
        return tableLimitReached;
    }

    /** The version of libbpf in use. */
    public Optional<String> libbpfVersion() {
        BpfSnapshots loaded = bpf;
        return loaded == null ? Optional.empty() : Optional.of(loaded.libbpfVersion());
    }

    /**
     * Looks at the machine once.
     *
     * @throws ObservationException if no source answered
     */
    public Observation observe() throws ObservationException {
        cgroups.begin();
        Instant at = clock.instant();
        long begin = System.nanoTime();
        BpfSnapshots loaded = bpf;
        if (loaded == null) {
            return fromProc(at, begin, whyNoBpf);
        }
        try {
            BpfSnapshot snapshot = loaded.take();
            tableLimitReached = !snapshot.tooSmall().isEmpty();
            BpfJoin join = new BpfJoin(snapshot, calls(at, begin), births(begin));
            Joined joined = join.join();
            Optional<Activity> activity = activity(snapshot, join, joined);
            measureCost();
            return fromBpf(loaded, join, joined, at, begin, activity);
        } catch (BpfUnavailableException e) {
            if (choice == Choice.BPF) {
                throw new ObservationException(e.line(), List.of(down(e.line())), e);
            }
            return fromProc(at, begin, e.line());
        }
    }

    /**
     * Looks at the machine once, with eBPF alone, and keeps the addresses.
     *
     * @return empty if eBPF is not used
     * @throws ObservationException if eBPF did not answer
     */
    public Optional<Keyed> observeKeyed() throws ObservationException {
        BpfSnapshots loaded = bpf;
        if (loaded == null) {
            return Optional.empty();
        }
        cgroups.begin();
        Instant at = clock.instant();
        long begin = System.nanoTime();
        try {
            BpfJoin join =
                    new BpfJoin(
                            loaded.take(),
                            new Calls(Optional.empty(), at, begin),
                            RingBirths.UNKNOWN);
            Joined joined = join.join();
            Observation observation = fromBpf(loaded, join, joined, at, begin, Optional.empty());
            return Optional.of(
                    new Keyed(observation, joined.processes(), join.files(), join.sockets()));
        } catch (BpfUnavailableException e) {
            throw new ObservationException(e.line(), List.of(down(e.line())), e);
        }
    }

    private RingBirths births(long begin) {
        EventLog log = events;
        return log == null ? RingBirths.UNKNOWN : new RingBirths(log.ringsMade(), begin);
    }

    private Observation fromBpf(
            BpfSnapshots loaded,
            BpfJoin join,
            Joined joined,
            Instant at,
            long begin,
            Optional<Activity> activity) {
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        List<SourceReport> reports = new ArrayList<>();
        reports.add(
                new SourceReport(
                        Source.BPF,
                        true,
                        took,
                        "eBPF iterators, libbpf " + loaded.libbpfVersion()));
        reports.addAll(eventReports());
        return observation(
                at, begin, reports, joinedWithCgroups(joined), join.collectorRan(), activity);
    }

    private Calls calls(Instant at, long begin) {
        Stacks tracing = stacks;
        if (tracing != null) {
            tracing.begin(); // in this thread, once it has the privileges that it keeps
        }
        return new Calls(Optional.ofNullable(tracing), at, begin);
    }

    private Optional<Activity> activity(BpfSnapshot snapshot, BpfJoin join, Joined joined) {
        EventLog log = events;
        if (log == null) {
            return Optional.empty();
        }
        return log.read(
                snapshot,
                key ->
                        Optional.ofNullable(joined.processes().get(key.pid()))
                                .filter(p -> p.startTime() == key.startTime())
                                .map(this::withCgroups),
                join::fileOfRing);
    }

    /** Elsewhere /proc has other processes at these numbers. */
    private ProcessFacts withCgroups(ProcessFacts p) {
        return hostPids ? p.withCgroups(cgroups.of(p.pid(), p.startTime())) : p;
    }

    private Observation fromProc(Instant at, long begin, String why) throws ObservationException {
        tableLimitReached = false;
        ProcSnapshot snapshot;
        try {
            snapshot = proc.scan(ProcOptions.defaults());
        } catch (UncheckedIOException e) {
            throw new ObservationException(
                    "/proc cannot be read: " + e.getCause() + "; mount it",
                    fromProc(
                            why,
                            new SourceReport(Source.PROC, false, Duration.ZERO, "cannot be read")),
                    e);
        }
        Joined joined = new ProcJoin(snapshot).join();
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        List<SourceReport> reports =
                fromProc(why, new SourceReport(Source.PROC, true, took, visibility(snapshot)));
        return observation(at, begin, reports, joined, false, Optional.empty());
    }

    /** eBPF is down where it was wanted; where it was not asked for, nothing is said of it. */
    private List<SourceReport> fromProc(String why, SourceReport proc) {
        return choice == Choice.PROC ? List.of(proc) : List.of(down(why), proc);
    }

    private static SourceReport down(String why) {
        return new SourceReport(Source.BPF, false, Duration.ZERO, why);
    }

    private static String visibility(ProcSnapshot snapshot) {
        return snapshot.processes().size()
                + " processes read, "
                + snapshot.unreadableProcesses()
                + " not readable by this user";
    }

    private Joined joinedWithCgroups(Joined joined) {
        Map<Integer, ProcessFacts> processes = new HashMap<>();
        for (int pid : Holders.processes(joined.graph(), joined.rings())) {
            ProcessFacts p = joined.processes().get(pid);
            if (p != null) {
                processes.put(pid, withCgroups(p));
            }
        }
        return new Joined(
                processes,
                joined.files(),
                joined.rings(),
                joined.sockets(),
                joined.requests(),
                joined.inhabited(),
                joined.firstPackets(),
                joined.inFlightSockets(),
                joined.sent(),
                joined.workers(),
                joined.graph(),
                withReason(joined.incomplete()),
                joined.attributions());
    }

    private List<String> withReason(List<String> incomplete) {
        if (hostPids) {
            return incomplete;
        }
        List<String> all = new ArrayList<>(incomplete);
        all.add(
                "not in the host's pid namespace: other processes are hidden, and process ids are"
                        + " the host's; "
                        + PidNamespace.CURE);
        return all;
    }

    private static Observation observation(
            Instant at,
            long begin,
            List<SourceReport> reports,
            Joined j,
            boolean collectorRan,
            Optional<Activity> activity) {
        return new Observation(
                at,
                begin,
                Duration.ofNanos(System.nanoTime() - begin),
                reports,
                j.incomplete(),
                j.processes(),
                j.files(),
                j.rings(),
                j.sockets(),
                j.requests(),
                j.inhabited(),
                j.firstPackets(),
                j.inFlightSockets(),
                j.sent(),
                j.workers(),
                collectorRan,
                activity,
                j.graph(),
                j.attributions());
    }

    @Override
    public void close() {
        Stacks tracing = stacks;
        if (tracing != null) {
            tracing.close();
            stacks = null;
        }
        EventLog log = events;
        if (log != null) {
            log.close();
            events = null;
        }
        BpfSnapshots loaded = bpf;
        if (loaded != null) {
            loaded.close();
            bpf = null;
        }
    }
}

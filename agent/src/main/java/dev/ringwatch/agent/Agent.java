package dev.ringwatch.agent;

import dev.ringwatch.agent.bpf.BpfFeature;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.EventSource;
import dev.ringwatch.agent.bpf.Privileges;
import dev.ringwatch.agent.bpf.StackFeature;
import dev.ringwatch.agent.config.Configuration;
import dev.ringwatch.agent.config.Switch;
import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.metrics.Exposition;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ObservationException;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.page.State;
import dev.ringwatch.agent.privilege.Capability;
import dev.ringwatch.agent.privilege.CapabilitySet;
import dev.ringwatch.agent.privilege.Drop;
import dev.ringwatch.agent.track.History;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.agent.why.Answer;
import dev.ringwatch.agent.why.Target;
import dev.ringwatch.uring.sys.ErrnoException;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Observes on its own clock, in one thread of its own, and keeps the last observation for whoever
 * asks. Reading is safe for any thread and never waits for an observation.
 *
 * <p>That thread alone keeps capabilities. A thread begins with those of the one that makes it, so
 * the observer's makes none: it must not wake a virtual thread either, because that may make a
 * carrier.
 */
final class Agent implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Agent.class.getName());
    private static final Duration CLOSING = Duration.ofSeconds(5);

    /** Questions that may wait for an answer: each takes about as long as an observation. */
    private static final int MAX_WAITING = 4;

    private volatile Configuration configuration;
    private final Tracker tracker;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().name("ringwatch-observer").unstarted(task));
    private final Observer observer;
    private final ClosedFindings closed = new ClosedFindings();
    private final History history;

    /** Waits for the observer's thread in place of virtual threads, which that must not wake. */
    private final ExecutorService questions =
            Executors.newSingleThreadExecutor(
                    task -> Thread.ofPlatform().daemon().name("ringwatch-why").unstarted(task));

    private final Semaphore waiting = new Semaphore(MAX_WAITING);

    private @Nullable Future<?> loop;
    private volatile Shown shown;
    private final String host = host();
    private final Instant started = Instant.now();
    private final AtomicLong turns = new AtomicLong();

    /**
     * Sets up the sources in the observer's thread.
     *
     * @throws CliException if the chosen source can't be used
     */
    Agent(Configuration configuration) {
        this.configuration = configuration;
        tracker = new Tracker(configuration.thresholds(), configuration.groups());
        history = new History(configuration.interval(), configuration.groups().max());
        try {
            observer = inObserver(() -> open(configuration));
        } catch (CliException | IllegalStateException e) {
            thread.shutdown();
            throw e;
        }
        shown = new Shown(null, status(List.of()), List.of(), "");
    }

    /** Read before privileges are given up; a machine without a name has none. */
    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the machine's name is not known", e);
            return "this machine";
        }
    }

    private static Observer open(Configuration configuration) {
        Observer observer =
                SourceOption.open(
                        configuration.source(),
                        configuration.limits().maxTableBytes(),
                        configuration.features().events(configuration.limits().maxActors()));
        try {
            requireEvents(configuration, observer);
        } catch (CliException e) {
            observer.close();
            throw e;
        }
        Switch stacks = configuration.features().stacks();
        if (stacks != Switch.OFF) {
            Optional<String> why = traceStacks(observer);
            if (why.isPresent() && stacks == Switch.ON) {
                observer.close();
                throw new CliException("features.stacks: calls can't be traced: " + why.get());
            }
            why.ifPresent(w -> LOG.log(System.Logger.Level.WARNING, "no stacks are kept: {0}", w));
        }
        return observer;
    }

    /** What was switched on must work; what is left to itself is said once. */
    private static void requireEvents(Configuration configuration, Observer observer) {
        for (EventSource source : configuration.features().required()) {
            String why =
                    observer.whyNoBpf()
                            .orElseGet(() -> whyDown(observer.eventReports(), source.label()));
            if (!why.isEmpty()) {
                throw new CliException("features." + source.label() + ": not possible: " + why);
            }
        }
        for (SourceReport report : observer.eventReports()) {
            if (!report.up()) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "no events of {0}: {1}",
                        report.source().label(),
                        report.detail());
            }
        }
    }

    private static String whyDown(List<SourceReport> reports, String label) {
        return reports.stream()
                .filter(r -> r.source().label().equals(label) && !r.up())
                .map(SourceReport::detail)
                .findFirst()
                .orElse("");
    }

    /** Why calls can't be traced, if so. */
    private static Optional<String> traceStacks(Observer observer) {
        if (observer.whyNoBpf().isEmpty()) {
            try {
                observer.traceStacks();
            } catch (BpfUnavailableException e) {
                return Optional.of(e.line());
            }
        }
        return observer.whyNoBpf();
    }

    /** What is shown until the next turn of the loop, all of it from one turn. */
    private record Shown(
            @Nullable Tracked tracked,
            AgentStatus status,
            List<SourceReport> reports,
            String failure) {}

    /** Why eBPF is not used, if it is not. */
    Optional<String> whyNoBpf() {
        return observer.whyNoBpf();
    }

    /** Whether calls are traced: their stacks are named in a thread of its own. */
    boolean keepsStacks() {
        return !observer.stackFeatures().isEmpty();
    }

    /** What the observer's thread needs from now on: larger tables, and /proc. */
    private Set<Capability> needed(CapabilitySet own) {
        Set<Capability> needed = EnumSet.noneOf(Capability.class);
        needed.addAll(configuration.keepCapabilities());
        boolean bpf = observer.whyNoBpf().isEmpty();
        if (bpf) {
            needed.addAll(Privileges.kept(own));
        }
        if (keepsStacks()) {
            needed.add(Capability.CAP_CHECKPOINT_RESTORE);
        }
        if (!bpf || keepsStacks() || configuration.source() != Observer.Choice.BPF) {
            needed.add(Capability.CAP_DAC_READ_SEARCH);
            needed.add(Capability.CAP_SYS_PTRACE);
        }
        return needed;
    }

    /**
     * Gives up what is not needed any more: the observer's thread keeps the few capabilities that it
     * needs; becoming another user takes all from every other thread. To be called before {@link
     * #start}, when everything is open that only root may open.
     *
     * @return what the observer's thread has kept
     * @throws CliException if the kernel refuses
     */
    Set<Capability> giveUp(RunAs runAs) {
        return inObserver(
                () -> {
                    Set<Capability> needed = needed(CapabilitySet.ofThisThread());
                    switch (runAs) {
                        case RunAs.Become become -> Drop.toUser(become.user(), needed);
                        case RunAs.Stay stay -> Drop.inThisThread(needed);
                    }
                    CapabilitySet kept = CapabilitySet.ofThisThread();
                    needed.removeIf(c -> !kept.has(c));
                    return needed;
                });
    }

    private <T> T inObserver(Callable<T> task) {
        try {
            return thread.submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CliException cli) {
                throw cli;
            }
            if (e.getCause() instanceof ErrnoException refused) {
                throw new CliException(
                        "privileges cannot be given up: "
                                + refused.getMessage()
                                + "; set run_as: root, or allow it in the seccomp profile");
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted while starting");
        }
    }

    /** Begins to observe. */
    void start() {
        schedule(Duration.ZERO);
    }

    private void schedule(Duration first) {
        loop =
                thread.scheduleWithFixedDelay(
                        this::observe,
                        first.toMillis(),
                        configuration.interval().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /**
     * Goes on with another configuration, as far as that is possible without a new start ({@link
     * Configuration#needingRestart}). What was seen and counted stays. To be called by one thread,
     * after {@link #start}.
     */
    void use(Configuration next) {
        boolean otherInterval = !next.interval().equals(configuration.interval());
        inObserver(
                () -> {
                    tracker.use(next.thresholds(), next.groups());
                    return next;
                });
        history.use(next.interval(), next.groups().max());
        configuration = next;
        Future<?> running = loop;
        if (otherInterval && running != null) {
            running.cancel(false);
            schedule(next.interval());
        }
    }

    /** Between two observations. */
    Duration interval() {
        return configuration.interval();
    }

    /** By name, whether it works here. */
    Map<String, Boolean> features() {
        return shown.status.features();
    }

    /** How many times the loop has gone round, with or without an observation. */
    long turns() {
        return turns.get();
    }

    /** Observes once, in the observer's thread, and waits for it. */
    Tracked observeOnce() {
        try {
            thread.submit(this::observe).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted while observing");
        }
        return last().orElseThrow(() -> new CliException(shown.failure));
    }

    Optional<Tracked> last() {
        return Optional.ofNullable(shown.tracked);
    }

    /** A finding that is closed, as JSON. */
    Optional<String> closedFinding(String id) {
        return closed.find(id);
    }

    /** What was held over the last hour. */
    History history() {
        return history;
    }

    /** Why there is nothing to show; empty once something was observed. */
    Optional<String> notReady() {
        Shown now = shown;
        if (now.tracked != null) {
            return Optional.empty();
        }
        return Optional.of(
                now.failure.isEmpty() ? "the first observation is not done yet" : now.failure);
    }

    /**
     * Who keeps something open: the observer's thread looks, between two observations.
     *
     * @return empty if too many others are asking
     * @throws CliException if it can't be answered, with the reason
     */
    Optional<Answer> why(Target target) {
        if (!waiting.tryAcquire()) {
            return Optional.empty();
        }
        try {
            return Optional.of(questions.submit(() -> inObserver(() -> answer(target))).get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CliException cli) {
                throw cli;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted while looking");
        } finally {
            waiting.release();
        }
    }

    private Answer answer(Target target) {
        return WhyCommand.answer(target, observer, configuration.limits().maxTableBytes());
    }

    /**
     * Everything that a page shows.
     *
     * @param serving adds what the service around this knows of itself
     */
    State state(UnaryOperator<AgentStatus> serving) {
        Shown now = shown;
        return new State(
                host,
                started,
                Instant.now(),
                configuration.interval(),
                Optional.ofNullable(now.tracked),
                now.failure,
                observer.whyNoBpf(),
                now.reports,
                serving.apply(now.status),
                history.view(),
                closed.all());
    }

    /**
     * Everything that a scrape shows.
     *
     * @param serving adds what the service around this knows of itself
     */
    MetricSnapshots metrics(UnaryOperator<AgentStatus> serving) {
        Shown now = shown;
        Tracked tracked = now.tracked;
        AgentStatus status = serving.apply(now.status);
        return tracked == null
                ? Exposition.withoutObservation(status, now.reports)
                : Exposition.of(tracked, status, Instant.now());
    }

    /** One turn of the loop. What goes wrong is kept and logged once: the next turn may do better. */
    private void observe() {
        try {
            Observation o = observer.observe();
            Tracked tracked = tracker.accept(o);
            last().ifPresent(before -> closed.turn(before, tracked));
            history.accept(tracked);
            logChanges(o.sources());
            shown = new Shown(tracked, status(o.sources()), o.sources(), "");
        } catch (ObservationException e) {
            fail(e.line(), e.reports(), e);
        } catch (RuntimeException | Error e) {
            // Whatever it is: the loop must go on, and say that it sees nothing.
            fail("an observation failed: " + e, List.of(), e);
        }
        turns.incrementAndGet();
    }

    private void fail(String why, List<SourceReport> reports, Throwable e) {
        if (!why.equals(shown.failure)) {
            LOG.log(System.Logger.Level.ERROR, why, e);
        }
        history.missed(System.nanoTime());
        shown = new Shown(null, status(reports), reports, why);
    }

    /** A source that goes down or comes back is a line in the log. */
    private void logChanges(List<SourceReport> reports) {
        for (SourceReport report : reports) {
            boolean before =
                    shown.reports.stream()
                            .filter(r -> r.source() == report.source())
                            .map(SourceReport::up)
                            .findFirst()
                            .orElse(report.up());
            if (before != report.up()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "source {0} is {1}: {2}",
                        report.source().label(),
                        report.up() ? "back" : "down",
                        report.detail());
            }
        }
    }

    private AgentStatus status(List<SourceReport> reports) {
        Map<String, Boolean> features = new HashMap<>();
        boolean bpfDown = reports.stream().anyMatch(r -> r.source() == Source.BPF && !r.up());
        features.put("bpf", observer.whyNoBpf().isEmpty() && !bpfDown);
        for (BpfFeature feature : BpfFeature.values()) {
            features.put(
                    "bpf_" + feature.name().toLowerCase(Locale.ROOT),
                    observer.features().contains(feature));
        }
        for (StackFeature feature : StackFeature.values()) {
            features.put(
                    "stacks_" + feature.name().toLowerCase(Locale.ROOT),
                    observer.stackFeatures().contains(feature));
        }
        List<AgentStatus.BpfMap> maps = new ArrayList<>();
        for (Observer.TableSize t : observer.tables()) {
            maps.add(new AgentStatus.BpfMap(t.name(), t.entries(), t.bytes()));
        }
        List<AgentStatus.BpfProgram> programs = new ArrayList<>();
        for (Observer.BpfCost.Program p : observer.cost().programs()) {
            programs.add(new AgentStatus.BpfProgram(p.name(), p.runs(), p.took()));
        }
        for (SourceReport report : observer.eventReports()) {
            features.put(report.source().label(), report.up());
        }
        return new AgentStatus(
                Main.version(),
                features,
                maps,
                programs,
                observer.cost().lost(),
                Map.of("max_table_bytes", observer.tableLimitReached()),
                Map.of(),
                Map.of());
    }

    /** Ends observing; programs and maps go with it. */
    @Override
    public void close() {
        Future<?> running = loop;
        if (running != null) {
            running.cancel(false);
        }
        questions.shutdown();
        thread.execute(observer::close);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSING.toSeconds(), TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "an observation is still running at the end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

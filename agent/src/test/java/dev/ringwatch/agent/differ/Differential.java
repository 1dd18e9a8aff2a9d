package dev.ringwatch.agent.differ;

import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.differ.ModelSession.Act;
import dev.ringwatch.core.kernel.AnyOrder;
import dev.ringwatch.core.kernel.Errno;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Oracle;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.Task;
import dev.ringwatch.core.kernel.UnixSocket;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Sockets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Plays programs on the model and on the running kernel, step by step, and compares after each step
 * what a process can see: what the call gave, which file each descriptor is, what can be read, {@code
 * scm_fds}, completions, slots, and which sockets are alive.
 *
 * <p>The kernel takes its time, so a difference counts only when it stays. It collects whenever
 * anyone on the machine closes an AF_UNIX socket, so garbage may go earlier than the program had it
 * collected, never later.
 *
 * <p>On a machine that is not thrown away, only programs are played whose every component the
 * collector would free wherever its walk began, at every moment: even if this process were killed.
 */
final class Differential {
    private static final int FIRST_PID = 1;
    private static final long PAUSE_NANOS = 100_000;
    private static final long MOST_PAUSE_NANOS = 2_000_000;

    private final KernelEra era;
    private final NetworkNamespace namespace;
    private final LiveFiles files;
    private final Duration patience;
    private final boolean throwAway;
    private final Counts counts;
    private final @Nullable CollectorEyes eyes;
    private static int nextProgram;

    /** How often what stays for ever has to stay when the collector is started. */
    private static final int TRIGGERS = 8;

    /** After how many steps eBPF has a look. */
    private static final int STEPS_BETWEEN_LOOKS = 97;

    /**
     * @param era the rules of this kernel, or others to see that they are found to be wrong
     * @param patience how long a difference may stay
     * @param throwAway whether the machine may be spoilt
     */
    Differential(
            KernelEra era,
            NetworkNamespace namespace,
            LiveFiles files,
            Duration patience,
            boolean throwAway,
            Counts counts,
            @Nullable CollectorEyes eyes) {
        this.era = era;
        this.namespace = namespace;
        this.files = files;
        this.patience = patience;
        this.throwAway = throwAway;
        this.counts = counts;
        this.eyes = eyes;
    }

    /** Plays a program and then closes everything that it left. */
    Verdict run(List<Step> program) throws Exception {
        String unsafe = throwAway ? null : unsafe(program);
        if (unsafe != null) {
            counts.withheld++;
            return new Verdict.Withheld(unsafe);
        }
        Run run = new Run();
        Verdict verdict = namespace.in(() -> run.play(program));
        if (verdict instanceof Verdict.Agreed) {
            verdict = run.finish(program.size());
        }
        switch (verdict) {
            case Verdict.NotPlayed _ -> counts.notPlayed++;
            default -> counts.programs++;
        }
        return verdict;
    }

    // ---- before ----

    /** Why a program must not be played on a machine that is needed afterwards; null if it may. */
    private @Nullable String unsafe(List<Step> program) {
        // Whatever the rules that are compared: what must not stay behind is this kernel's
        // business.
        ModelSession session = new ModelSession(KernelEra.current());
        for (Step step : program) {
            session.play(step);
            if (AnyOrder.uneven(session.state()) != null) {
                return "a component might never be freed";
            }
        }
        for (Syscall call : closing(session)) {
            session.close(call);
            if (AnyOrder.uneven(session.state()) != null) {
                return "a component might never be freed";
            }
        }
        session.exit();
        session.collectAll();
        return session.hasGarbage() ? "something is never freed" : null;
    }

    /** The calls that give up everything that a process has left. */
    private static List<Syscall> closing(ModelSession session) {
        List<Syscall> calls = new ArrayList<>();
        Task task = session.state().tasks().get(FIRST_PID);
        if (task != null) {
            task.descriptors().keySet().forEach(fd -> calls.add(new Syscall.Close(FIRST_PID, fd)));
            task.mappings().keySet().forEach(m -> calls.add(new Syscall.Unmap(FIRST_PID, m)));
            task.registeredRings()
                    .keySet()
                    .forEach(i -> calls.add(new Syscall.UnregisterRing(FIRST_PID, i)));
        }
        return calls;
    }

    // ---- one program ----

    /** One program being played. */
    private final class Run {
        private final Matching matching = new Matching(namespace.slotsNameSockets());
        private final List<Optional<Outcome>> outcomes = new ArrayList<>();
        private ModelSession session = new ModelSession(era);

        /** In a thread of its own, whose end ends what was left to its requests. */
        Verdict play(List<Step> program) throws ErrnoException, BpfUnavailableException {
            String prefix = "differ" + nextProgram++ + "-";
            try (LiveKernel kernel = new LiveKernel(prefix, files);
                    LiveFacts facts = new LiveFacts(namespace, kernel, matching)) {
                LivePlayer player = new LivePlayer(kernel);
                for (int i = 0; i < program.size(); i++) {
                    Step step = program.get(i);
                    RingEnd end = RingEnd.before(session.state());
                    Optional<Outcome> model = session.play(step);
                    Optional<Outcome> live = wouldWait(step, model) ? model : player.play(step);
                    List<String> lines = compare(model, live, facts);
                    if (end.unseen()) {
                        RingEnd.await();
                    }
                    counts.step(step, live);
                    if (lines.isEmpty() && counts.steps % STEPS_BETWEEN_LOOKS == 0) {
                        lines = look(facts);
                    }
                    if (!lines.isEmpty()) {
                        return disagreed(i + 1, lines);
                    }
                }
                for (Syscall call : closing(session)) {
                    RingEnd end = RingEnd.before(session.state());
                    Optional<Outcome> live = Optional.of(kernel.apply(call));
                    List<String> lines = compare(session.close(call), live, facts);
                    if (end.unseen()) {
                        RingEnd.await();
                    }
                    counts.steps++;
                    if (!lines.isEmpty()) {
                        lines.addFirst("closing: " + call);
                        return disagreed(program.size(), lines);
                    }
                }
                return new Verdict.Agreed();
            } catch (Unsupported e) {
                return new Verdict.NotPlayed(String.valueOf(e.getMessage()));
            }
        }

        /** Whether a call waits on the kernel, where the model says so: it is left out there. */
        private static boolean wouldWait(Step step, Optional<Outcome> model) {
            return step instanceof Step.Call(Syscall.UnregisterFiles _, List<Integer> _)
                    && model.equals(Optional.of(new Outcome.Refused(Errno.EAGAIN)));
        }

        /** Has both collectors run, then looks at what they keep. */
        private List<String> look(LiveFacts facts) throws ErrnoException, BpfUnavailableException {
            if (eyes == null) {
                return new ArrayList<>();
            }
            trigger();
            outcomes.add(Optional.empty());
            session.play(new Step.Trigger());
            List<String> lines = await(facts);
            long start = System.nanoTime();
            while (lines.isEmpty()) {
                Set<Long> before = namespace.listed().inodes();
                SortedMap<String, String> seen = eyes.kernel(session.state(), matching);
                namespace.addOthers(before);
                lines = Facts.differences(CollectorEyes.model(session.state(), matching), seen);
                if (lines.isEmpty()) {
                    counts.looks++;
                    return lines;
                }
                if (System.nanoTime() - start < patience.toNanos()) {
                    lines = new ArrayList<>();
                    LockSupport.parkNanos(MOST_PAUSE_NANOS);
                }
            }
            return lines;
        }

        private Verdict disagreed(int step, List<String> lines) {
            return new Verdict.Disagreed(step, String.join("\n", lines));
        }

        private List<String> compare(
                Optional<Outcome> model, Optional<Outcome> live, LiveFacts facts)
                throws ErrnoException {
            outcomes.add(live);
            if (model.equals(live)) {
                return await(facts);
            }
            List<String> lines = new ArrayList<>();
            if (!awaitStrangers(facts)) {
                lines.add("outcome: model %s, kernel %s".formatted(model, live));
                for (ModelSession other : session.alternatives()) {
                    lines.add(
                            "had a stranger started the collector: %s, with %s"
                                    .formatted(
                                            other.outcomes().getLast(), differences(other, facts)));
                }
            }
            return lines;
        }

        /** What a stranger started may still be under way. */
        private boolean awaitStrangers(LiveFacts facts) throws ErrnoException {
            long start = System.nanoTime();
            while (!explainedByStrangers(facts)) {
                if (System.nanoTime() - start > patience.toNanos() / 20) {
                    return explainedBy(session.lateAlternatives(), facts);
                }
                LockSupport.parkNanos(MOST_PAUSE_NANOS);
            }
            return true;
        }

        /** Looks until nothing differs, or the time is up. */
        private List<String> await(LiveFacts facts) throws ErrnoException {
            long start = System.nanoTime();
            long pause = PAUSE_NANOS;
            boolean nudged = false;
            while (true) {
                List<String> lines = differences(session, facts);
                if (lines.isEmpty()) {
                    return lines;
                }
                long waited = System.nanoTime() - start;
                if (waited > patience.toNanos() / 50 && explainedByStrangers(facts)) {
                    return new ArrayList<>();
                }
                if (waited > patience.toNanos() / 20 && !nudged) {
                    nudged = true;
                    counts.nudges++;
                    trigger();
                }
                if (waited > patience.toNanos()) {
                    return explainedBy(session.lateAlternatives(), facts)
                            ? new ArrayList<>()
                            : lines;
                }
                LockSupport.parkNanos(pause);
                pause = Math.min(2 * pause, MOST_PAUSE_NANOS);
            }
        }

        private List<String> differences(ModelSession model, LiveFacts facts)
                throws ErrnoException {
            Task task = model.state().tasks().get(FIRST_PID);
            if (task == null) {
                throw new IllegalStateException("the model's process ended");
            }
            SortedMap<String, String> live = facts.now(task);
            return new ArrayList<>(
                    Facts.differences(ModelFacts.of(model.state(), task, matching), live));
        }

        /** Whether all is well if someone else started the collector in between. */
        private boolean explainedByStrangers(LiveFacts facts) throws ErrnoException {
            return explainedBy(session.alternatives(), facts);
        }

        private boolean explainedBy(List<ModelSession> others, LiveFacts facts)
                throws ErrnoException {
            for (ModelSession other : others) {
                if (other.outcomes().equals(outcomes) && differences(other, facts).isEmpty()) {
                    session = other;
                    counts.strangers++;
                    return true;
                }
            }
            return false;
        }

        /** The thread has ended; what is left is the collector's. */
        Verdict finish(int steps) throws Exception {
            session.exit();
            session.collectAll();
            Set<String> expected = new TreeSet<>();
            int unknown = 0;
            int embryos = 0;
            for (OpenFile file : Oracle.garbage(session.state())) {
                UnixSocket socket = file.socket();
                String live = matching.live(file);
                if (socket != null) {
                    embryos +=
                            (int) socket.queue().stream().filter(p -> p.embryo() != null).count();
                    unknown += live == null ? 1 : 0;
                }
                if (socket != null && live != null) {
                    expected.add(live);
                }
            }
            return awaitOnly(expected, unknown, embryos, steps);
        }

        private Verdict awaitOnly(Set<String> expected, int unknown, int embryos, int steps)
                throws Exception {
            long start = System.nanoTime();
            int again = 0;
            while (true) {
                trigger();
                NetworkNamespace.Listed listed = namespace.listed();
                Set<String> there = new TreeSet<>();
                listed.inodes().forEach(inode -> there.add("socket:[" + inode + "]"));
                boolean all =
                        there.size() == expected.size() + unknown
                                && there.containsAll(expected)
                                && listed.embryos() == embryos;
                if (all && (there.isEmpty() || ++again > TRIGGERS)) {
                    namespace.addStuck(listed);
                    counts.stuck += there.size();
                    return new Verdict.Agreed();
                }
                if (System.nanoTime() - start > patience.toNanos()) {
                    namespace.addStuck(listed);
                    return new Verdict.Disagreed(
                            steps,
                            "at the end: model keeps %s and %d more, kernel keeps %s"
                                    .formatted(named(expected), unknown, named(there)));
                }
                LockSupport.parkNanos(MOST_PAUSE_NANOS);
            }
        }

        private List<String> named(Set<String> sockets) {
            return sockets.stream().map(matching::named).toList();
        }
    }

    private static void trigger() throws ErrnoException {
        Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0).close();
    }

    /** What was done, for people. */
    static String text(List<Step> program) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < program.size(); i++) {
            text.append("%4d %s%n".formatted(i + 1, program.get(i)));
        }
        return text.toString();
    }

    /** The acts of a session that are steps. */
    static List<Step> steps(ModelSession session) {
        List<Step> steps = new ArrayList<>();
        for (Act act : session.acts()) {
            if (act instanceof Act.Played(Step step)) {
                steps.add(step);
            }
        }
        return steps;
    }
}

package dev.ringwatch.agent.differ;

import dev.ringwatch.agent.observe.EraProbe;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Seed;
import dev.ringwatch.core.sim.Shrinker;
import dev.ringwatch.core.sim.Workload;
import dev.ringwatch.core.sim.Workload.Part;
import dev.ringwatch.uring.Opcode;
import dev.ringwatch.uring.RingSupport;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Random programs, one after the other, on the model and on the running kernel. */
final class Fuzz implements AutoCloseable {
    /** What one process without privileges can do; the kernel's own work is done unasked. */
    private static final Set<Part> PARTS =
            EnumSet.of(Part.SOCKETS, Part.LISTENERS, Part.PIPES, Part.RINGS, Part.INSTALL);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Emulated, everything takes longer. */
    private static final Duration GUEST_PATIENCE = Duration.ofSeconds(30);

    private static final Duration SHRINKING = Duration.ofSeconds(60);
    private static final int FIRED = 60; // percent of the requests that wait

    private final NetworkNamespace namespace = NetworkNamespace.open();
    private final Counts counts = new Counts();
    private final @Nullable CollectorEyes eyes = CollectorEyes.open();
    private final LiveFiles files = new LiveFiles(Files.createTempDirectory("differ"));
    private final boolean throwAway;
    private final KernelEra era;
    private final long start = System.nanoTime();

    /** Under the rules that this kernel is found to have. */
    Fuzz(boolean throwAway) throws Exception {
        this(throwAway, EraProbe.probe().era());
    }

    Fuzz(boolean throwAway, KernelEra era) throws Exception {
        this.throwAway = throwAway;
        this.era = era;
    }

    KernelEra era() {
        return era;
    }

    Counts counts() {
        return counts;
    }

    String summary() {
        return counts.summary((System.nanoTime() - start) / 1e9);
    }

    /**
     * Plays until the time is up or so many steps are done.
     *
     * @param first the number of the first program
     * @param most after how many disagreements to end
     * @param tell is told each disagreement, with a small program that shows it
     * @return how many there were
     */
    int run(Seed seed, int first, Duration time, long steps, int most, Consumer<String> tell)
            throws Exception {
        Workload workload = Workload.of(scope());
        long begin = System.nanoTime();
        int disagreements = 0;
        for (int n = first;
                disagreements < most
                        && counts.steps < steps
                        && System.nanoTime() - begin < time.toNanos();
                n++) {
            Seed one = seed.derive(n);
            List<Step> program = withTimeouts(workload.program(era, one), one);
            if (differential(counts).run(program) instanceof Verdict.Disagreed d) {
                disagreements++;
                tell.accept(
                        "program %d of seed %s, after step %d:%n%s%n%s"
                                .formatted(n, seed, d.step(), d.lines(), small(program, d)));
            }
        }
        return disagreements;
    }

    private static Workload.Scope scope() throws IOException {
        Set<Part> parts = EnumSet.copyOf(PARTS);
        if (!(RingSupport.probe() instanceof RingSupport.Available rings
                && rings.has(Opcode.FIXED_FD_INSTALL))) {
            parts.remove(Part.INSTALL);
            System.out.println("differential: this kernel has no IORING_OP_FIXED_FD_INSTALL");
        }
        return new Workload.Scope(parts);
    }

    /** Plays one program. */
    Verdict play(List<Step> program) throws Exception {
        return differential(counts).run(program);
    }

    private Differential differential(Counts counting) {
        Duration patience = throwAway ? GUEST_PATIENCE : PATIENCE;
        return new Differential(era, namespace, files, patience, throwAway, counting, eyes);
    }

    /** Lets timeouts fire that requests wait behind, some time after they were submitted. */
    private static List<Step> withTimeouts(List<Step> program, Seed seed) {
        RandomGenerator random = seed.derive(1).random();
        List<Step> steps = new ArrayList<>(program);
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Step.Call(var call, List<Integer> results)
                    && call instanceof dev.ringwatch.core.kernel.Syscall.Submit submit
                    && submit.request() instanceof dev.ringwatch.core.kernel.Request.AfterTimeout
                    && !results.isEmpty()
                    && random.nextInt(100) < FIRED) {
                int at = i + 1 + random.nextInt(steps.size() - i);
                steps.add(at, new Step.Fire(Step.FIRST_PROCESS, submit.ring(), results.getFirst()));
            }
        }
        return steps;
    }

    private String small(List<Step> program, Verdict.Disagreed first) throws Exception {
        List<Step> shown = program.subList(0, first.step());
        long begin = System.nanoTime();
        Differential quick =
                new Differential(
                        era,
                        namespace,
                        files,
                        throwAway ? GUEST_PATIENCE : PATIENCE.dividedBy(20),
                        throwAway,
                        new Counts(),
                        null);
        Shrinker shrinker =
                new Shrinker(
                        steps ->
                                System.nanoTime() - begin < SHRINKING.toNanos()
                                        && disagrees(quick, steps));
        try {
            List<Step> small = shrinker.shrink(List.copyOf(shown));
            return Differential.text(small) + quick.run(small);
        } catch (IllegalArgumentException e) {
            return "not seen again when played again:\n" + Differential.text(shown);
        }
    }

    private static boolean disagrees(Differential differential, List<Step> steps) {
        try {
            return differential.run(steps) instanceof Verdict.Disagreed;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws ErrnoException {
        if (eyes != null) {
            eyes.close();
        }
        namespace.close();
    }
}

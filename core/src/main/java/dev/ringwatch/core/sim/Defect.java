package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.scenario.Step;
import java.util.List;
import java.util.Optional;

/**
 * Looks, under the rules of an era, for garbage that the collector never frees because members of a
 * component carry different indices ({@link Trait#LOW_LINKS}).
 *
 * <p>The program found is told by its counts only: as long as kernels have the defect, nobody is
 * helped by a recipe for it.
 *
 * @param programs how many programs were played until it was found
 * @param steps how many steps the shrunk program has
 * @param messages how many messages the shrunk program sends
 * @param passed how many descriptors these carry together
 */
public record Defect(int programs, int steps, int messages, int passed) {
    /**
     * Within so many programs it is found. Of 1,000 seeds the slowest needed 1,177 and the mean was
     * 151, so that of half a million seeds about one needs more.
     */
    public static final int WITHIN_PROGRAMS = 2_000;

    /** Sockets alone, all closed at the end. */
    private static final Workload WORKLOAD =
            Workload.of(Workload.Scope.of(Workload.Part.SOCKETS)).closed();

    /**
     * Each of at least three members of such a component waits in a queue of another, so with fewer
     * messages there is none.
     */
    public static final int LEAST_MESSAGES = 3;

    /**
     * Looks for it; empty if no program within the bound shows it. What is found is shrunk; where
     * that ends with more than {@link #LEAST_MESSAGES}, the next program that shows it is tried.
     */
    public static Optional<Defect> find(KernelEra era, Seed seed) {
        Simulator simulator = new Simulator(era);
        Optional<Defect> best = Optional.empty();
        for (int i = 0; i < WITHIN_PROGRAMS && !smallest(best); i++) {
            List<Step> program = WORKLOAD.program(era, seed.derive(i));
            if (shows(simulator, program)) {
                Defect found = of(i + 1, simulator, program);
                if (best.isEmpty() || found.messages < best.get().messages) {
                    best = Optional.of(found);
                }
            }
        }
        return best;
    }

    private static boolean smallest(Optional<Defect> best) {
        return best.isPresent() && best.get().messages <= LEAST_MESSAGES;
    }

    private static boolean shows(Simulator simulator, List<Step> program) {
        return simulator.left(program).contains(Trait.LOW_LINKS);
    }

    /** What becomes of a program that shows it, which was the n-th. */
    static Defect of(int n, Simulator simulator, List<Step> found) {
        List<Step> program = new Shrinker(smaller -> shows(simulator, smaller)).shrink(found);
        int messages = 0;
        int passed = 0;
        for (Step step : program) {
            if (step instanceof Step.Call call && call.call() instanceof Syscall.Send send) {
                messages++;
                passed += send.fds().size();
            }
        }
        return new Defect(n, program.size(), messages, passed);
    }
}

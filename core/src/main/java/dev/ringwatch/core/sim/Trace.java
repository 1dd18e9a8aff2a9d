package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.scenario.Step;
import java.util.List;

/**
 * What was played and what came of it. Playing the steps again under the era gives the same lines.
 *
 * @param seed where the program came from; a shrunk one keeps it
 * @param era the rules
 * @param steps the program, as far as it was played
 * @param lines what each step gave, and what was left at the end
 */
public record Trace(Seed seed, KernelEra era, List<Step> steps, List<String> lines) {
    /** Copies the lists. */
    public Trace {
        steps = List.copyOf(steps);
        lines = List.copyOf(lines);
    }

    /** A step as text, on one line. */
    public static String text(Step step) {
        return step.toString();
    }

    /** Seed and era, then each step with what it gave. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed).append(", era ").append(era.name()).append('\n');
        for (int i = 0; i < lines.size(); i++) {
            text.append("  ")
                    .append(i < steps.size() ? text(steps.get(i)) : "end")
                    .append(" -> ")
                    .append(lines.get(i))
                    .append('\n');
        }
        return text.toString();
    }
}

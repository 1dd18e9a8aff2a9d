package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.scenario.ScenarioText;
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

    /** A program as text, a line for each step. */
    public static String text(List<Step> steps) {
        return ScenarioText.of(steps);
    }

    /** Seed and era, then the program with what each step gave. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append("# seed ").append(seed).append(", era ").append(era.name()).append('\n');
        List<String> program = text(steps).lines().toList();
        for (int i = 0; i < Math.max(program.size(), lines.size()); i++) {
            text.append(i < program.size() ? program.get(i) : "")
                    .append(i < lines.size() ? "  # " + lines.get(i) : "")
                    .append('\n');
        }
        return text.toString();
    }
}

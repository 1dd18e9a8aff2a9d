package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.List;
import java.util.Set;

/**
 * What came of a program.
 *
 * @param trace what was played
 * @param broken the rules that were broken, which the era may break
 * @param traits why garbage stayed, where it did
 * @param left how many files of garbage stayed
 * @param failures what nothing accounts for
 */
public record Trial(
        Trace trace, Set<Rule> broken, Set<Trait> traits, int left, List<Failure> failures) {
    /** Copies the collections. */
    public Trial {
        broken = Set.copyOf(broken);
        traits = Set.copyOf(traits);
        failures = List.copyOf(failures);
    }

    /** Whether there is a failure of that class. */
    public boolean fails(String kind) {
        return failures.stream().anyMatch(failure -> failure.kind().equals(kind));
    }
}

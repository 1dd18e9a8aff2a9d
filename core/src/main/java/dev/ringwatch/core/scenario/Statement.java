package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.Errno;
import java.util.List;
import java.util.Optional;

/** What a line of a scenario says. */
public sealed interface Statement {
    /**
     * Something happens.
     *
     * @param steps one or more, done one after the other
     * @param refusal how the calls among the steps are expected to be refused, if they are
     */
    record Act(List<Step> steps, Optional<Refusal> refusal) implements Statement {
        /** Copies the list. */
        public Act {
            steps = List.copyOf(steps);
        }
    }

    /** A call is expected to be refused, under the eras that the condition is about. */
    record Refusal(Errno errno, EraCondition under) {}

    /** Something is expected, under the eras that the condition is about. */
    record Expect(EraCondition under, Expectation expectation) implements Statement {}
}
